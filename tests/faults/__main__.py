"""Throws faults at the real system in the middle of live calls, and tells what was noticed.

    python -m tests.faults                               every row, in full length
    python -m tests.faults --rows decoder-killed jitter  some rows
    python -m tests.faults --short                       every row, as a test has time for
    python -m tests.faults --list                        which rows there are
    python -m tests.faults --soak 30m --seed 7           churn, and a random fault every 20 s

Real decoders, gateways, executors, homes, Redis and Kafka run on this machine; live callers speak in real
time, actions go through; then comes the fault, and after it the checker, over every part's history and the
homes' own log. A target that is missed is said to be, and by how much. The last line is JSON. The exit status
is 0 when no target was missed and no invariant was broken.
"""

import argparse
import asyncio
import random
import signal
import sys
import tempfile
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

# The modules of rows register them.
from tests.faults import (  # noqa: F401
    clients,
    collector,
    decisions,
    decoders,
    devices,
    executors,
    failovers,
    frames,
    gateways,
    scripted_talks,
    stores,
)
from tests.faults.report import Result, as_json, table
from tests.faults.rows import ROWS, Row, run
from tests.faults.site import Site
from tests.faults.soak import soak

SECONDS = {"s": 1.0, "m": 60.0, "h": 3_600.0}


def main() -> int:
    options = _arguments()
    for number in (signal.SIGTERM, signal.SIGINT):  # also where they were ignored: every part is stopped
        signal.signal(number, signal.default_int_handler)
    if options.list:
        print("\n".join(f"{row.name:<18}{row.fault}: {row.target}" for row in ROWS.values()))
        return 0
    seed = random.SystemRandom().randrange(1_000_000) if options.seed is None else options.seed
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        if options.soak:
            print(f"# seed {seed}", flush=True)
            results = [asyncio.run(soak(folder, seconds=options.soak, seed=seed))]
            _show(results[-1])
        else:
            rows = [ROWS[name] for name in options.rows or ROWS]
            results = asyncio.run(_run_all(rows, folder, short=options.short, seed=seed))
    print("\n" + table(results) + "\n")
    line = as_json(results, short=options.short, seed=seed)
    if options.out:
        options.out.write_text(line + "\n")
    print(line)
    return 0 if all(result.passed for result in results) else 1


async def _run_all(rows: Sequence[Row], folder: Path, *, short: bool, seed: int) -> list[Result]:
    results = []
    order = list(ROWS)
    ordered = sorted(rows, key=lambda row: (row.size, order.index(row.name)))
    for size, group in groupby(ordered, key=lambda row: row.size):
        print(f"# {size}", flush=True)
        async with Site(folder / "-".join(map(str, size)), size, say=lambda _: None) as site:
            for row in group:
                results.append(await run(row, site, short=short, seed=seed))
                _show(results[-1])
    return results


def _show(result: Result) -> None:
    state = "ok" if result.passed else "FAILED" if result.failure else "MISSED"
    print(f"{state:<8}{result.fault} ({result.seconds:.0f} s): {result.load}", flush=True)
    for name, value in result.figures.items():
        print(f"        {name}: {value}")
    for missed in [*result.missed, *([result.failure] if result.failure else [])]:
        print(f"        missed: {missed}")
    for finding in result.findings[:5]:
        print(f"        {finding.invariant} {finding.what} {' '.join(finding.where)}", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rows", nargs="+", metavar="ROW", choices=list(ROWS), help="which (default: all)")
    parser.add_argument("--short", action="store_true", help="shorter phases")
    parser.add_argument("--list", action="store_true", help="the rows, and no more")
    parser.add_argument("--soak", type=_seconds, metavar="TIME", help="no rows, but a soak: 90s, 30m, 8h")
    parser.add_argument("--seed", type=int, help="of the soak's faults and the frames (default: any)")
    parser.add_argument("--folder", type=Path, help="where logs and histories stay (default: nowhere)")
    parser.add_argument("--out", type=Path, help="a file for the last line too")
    return parser.parse_args()


def _seconds(text: str) -> float:
    return float(text[:-1]) * SECONDS[text[-1]]


if __name__ == "__main__":
    sys.exit(main())
