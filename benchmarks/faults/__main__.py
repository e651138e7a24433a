"""Throws faults at the real system in the middle of live calls, and tells what was noticed.

    python -m benchmarks.faults                       every row, in full length
    python -m benchmarks.faults --short               every row, as a test has time for
    python -m benchmarks.faults executor-killed       one row
    python -m benchmarks.faults --list                which rows there are

Real decoders, gateways, executors, homes, Redis and Kafka run on this machine; live callers speak in real
time, actions go through; then comes the fault, and after it the judge, over every part's history and the
homes' own log. A target that is missed is said to be, and by how much. The exit status is 0 when no target
was missed and no invariant was broken.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from benchmarks.faults import devices, executors, stores  # noqa: F401  (they register their rows)
from benchmarks.faults.report import Result, table, write
from benchmarks.faults.rows import ROWS, Row, run
from benchmarks.faults.site import Site


def main() -> int:
    options = _arguments()
    if options.list:
        print("\n".join(f"{row.name:<24}{row.fault}: {row.target}" for row in ROWS.values()))
        return 0
    rows = [ROWS[name] for name in options.rows or ROWS]
    results = asyncio.run(_run_all(rows, options.folder, short=options.short))
    print("\n" + table(results))
    write(results, options.out, short=options.short)
    print(f"\nas JSON: {options.out}")
    return 0 if all(result.passed for result in results) else 1


async def _run_all(rows: Sequence[Row], folder: Path | None, *, short: bool) -> list[Result]:
    results = []
    with tempfile.TemporaryDirectory() as temporary:
        ordered = sorted(rows, key=lambda row: (row.size, list(ROWS).index(row.name)))
        for size, group in groupby(ordered, key=lambda row: row.size):
            place = (folder or Path(temporary)) / "-".join(map(str, size))
            print(f"# {size}", flush=True)
            async with Site(place, size, say=lambda _: None) as site:
                for row in group:
                    results.append(await run(row, site, short=short))
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
        prog="python -m benchmarks.faults",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("rows", nargs="*", choices=[[], *ROWS], help="which rows (default: all)")
    parser.add_argument("--short", action="store_true", help="shorter phases")
    parser.add_argument("--list", action="store_true", help="the rows, and no more")
    parser.add_argument("--folder", type=Path, help="where logs and histories stay (default: nowhere)")
    parser.add_argument("--out", type=Path, default=Path("faults.json"), help="the results as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
