"""What the load test itself costs, and how many callers one core paces: small talk, to a server that only
returns what it gets.

    make bench-loadtest ARGS="[--callers 50 100 200 400] [--seconds 15]"

One worker process, at its usual priority; the echo runs beside it. "Paced" means that its event loop was at
most 5 ms late at the 99th percentile. The last line is one JSON object.
"""

import argparse
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks.gateway import started
from benchmarks.machine import machine

from duplexsla.local.process import free_port
from duplexsla_loadtest.coordinator import Job, play
from duplexsla_loadtest.figures import Measured, SessionFigures
from duplexsla_loadtest.mix import read_mix
from duplexsla_loadtest.plan import Load

WARM_UP_S = 5.0
PACED_MS = 5.0
NAMES = ("own_lag_p50_ms", "own_lag_p99_ms", "own_lag_max_ms", "own_processor_share", "own_waited_share")
STEPS = ("step_p50_ms", "step_p99_ms")


def measure(address: str, callers: int, seconds: float) -> dict[str, float]:
    load = Load(callers, WARM_UP_S + seconds, ramp_s=WARM_UP_S - 1, seed=1)
    run = play(Job(address, read_mix("talk"), load, WARM_UP_S, workers=1), lambda _run, _now: None)
    sessions = [
        SessionFigures(each.planned.kind, each.metrics, each.measures.worst_run) for each in run.results
    ]
    measured = Measured(sessions, run.own, window_s=run.window_s)
    figures = {name: measured.figure(name) or 0.0 for name in (*NAMES, *STEPS)}
    chunks = measured.figure("chunks") or 1.0
    cost = {
        "us_per_chunk": figures["own_processor_share"] * run.window_s / chunks * 1e6,
        "processor_share_per_caller": figures["own_processor_share"] / callers,
    }
    return {"callers": callers, **{name: float(f"{value:.4g}") for name, value in (figures | cost).items()}}


def shown(row: Mapping[str, float]) -> str:
    return "".join(f"{value:>{max(len(name), 8) + 2}g}" for name, value in row.items())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--callers", type=int, nargs="+", default=[50, 100, 200, 400])
    parser.add_argument("--seconds", type=float, default=15.0)
    options = parser.parse_args()
    rows: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        address = f"127.0.0.1:{free_port()}"
        command = ["-m", "benchmarks.echo_servers", "bare", address]
        with started("bare", Path(folder), command, address):
            for callers in options.callers:
                row = measure(address, callers, options.seconds)
                if not rows:
                    print("".join(f"{name:>{max(len(name), 8) + 2}}" for name in row))
                print(shown(row), flush=True)
                rows.append(row)
    paced = max((row["callers"] for row in rows if row["own_lag_p99_ms"] <= PACED_MS), default=0)
    print(json.dumps({"benchmark": "loadtest", **machine(), "paced_on_one_core": paced, "results": rows}))


if __name__ == "__main__":
    main()
