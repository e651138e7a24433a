"""Proves the chart on the real cluster, under the load of live calls:
python -m deploy.cluster.test [NAME...]

Installs the chart with the laptop's values and the images that were built here, then updates, kills, scales
and removes its parts. Prints a table and a last line of JSON; exit status 1 when a call was dropped or a step
failed.
"""

import argparse
import dataclasses
import json
import sys
import time

from deploy.cluster.processes import Failed
from deploy.cluster.scenarios import ALL, SHORT, CallLoad, ScenarioResult
from deploy.cluster.up import load_images, up
from deploy.images.build import SERVICES, TRIAL

ADDONS = {"keda": {"keda"}, "prometheus": {"keda", "dashboard"}}  # by the scenarios that need them
HEAD = (
    "scenario",
    "took s",
    "calls",
    "dropped",
    "refused",
    "reconnects",
    "gap ms",
    "actions done",
    "",
)


def line(row: ScenarioResult) -> tuple[str, ...]:
    stats = row.stats
    numbers = (
        stats.calls,
        stats.dropped,
        stats.refused,
        stats.reconnects,
        round(stats.gap_ms),
        stats.actions_done,
    )
    return (row.scenario, f"{row.took_s:.0f}", *map(str, numbers), row.note)


def table(rows: list[ScenarioResult]) -> str:
    lines = [HEAD, *map(line, rows)]
    widths = [max(len(each[column]) for each in lines) for column in range(len(HEAD))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(each, widths, strict=True)).rstrip()
        for each in lines
    )


def run(names: list[str], callers: int) -> tuple[list[ScenarioResult], str]:
    """Rows of the scenarios in this order, up to the first that failed, and why that did."""
    rows: list[ScenarioResult] = []
    for name in names:
        print(f"{name}: {(ALL[name].__doc__ or '').splitlines()[0]}", flush=True)
        try:
            rows.append(ALL[name](CallLoad(callers)))
        except Failed as failed:
            return rows, f"{name}: {failed}"
        print("  ".join(line(rows[-1])), *sorted(set(rows[-1].stats.reasons)), sep="\n    ", flush=True)
    return rows, ""


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.cluster.test", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument(
        "scenarios", nargs="*", metavar="SCENARIO", help=f"any of {' '.join(ALL)}; default: all"
    )
    parser.add_argument(
        "--short", action="store_true", help=f"only {' '.join(SHORT)}, and a cluster without KEDA"
    )
    parser.add_argument("--callers", type=int, default=4, help="simulated callers (default: 4)")
    chosen = parser.parse_args()
    names = chosen.scenarios or list(SHORT if chosen.short else ALL)
    if unknown := set(names) - set(ALL):
        parser.error(f"no such scenario: {' '.join(unknown)}")
    started = time.monotonic()
    try:
        up(without=tuple(addon for addon, users in ADDONS.items() if not users & set(names)))
        load_images([*SERVICES, *TRIAL])
        rows, failure = run(names, chosen.callers)
    except Failed as failed:
        rows, failure = [], str(failed)
    ok = not failure and all(row.held for row in rows)
    print(table(rows), *([f"FAILED: {failure}"] if failure else []), sep="\n")
    shown = {row.scenario: dataclasses.asdict(row) for row in rows}
    print(
        json.dumps(
            {"ok": ok, "took_s": round(time.monotonic() - started), "failure": failure[:300], "rows": shown}
        )
    )
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
