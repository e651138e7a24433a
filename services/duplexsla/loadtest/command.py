"""Load test with a verdict: paced callers, objectives, and the number of conversations that a service holds.

Examples:
  duplexsla loadtest run HOST:PORT --sessions 16       one run; its exit status is the verdict
  duplexsla loadtest run HOST:PORT --sessions 64 --mix mine.yaml --out DIR
  duplexsla loadtest search HOST:PORT --homes-url http://HOST:PORT        the most sessions that hold
  duplexsla loadtest compare before.json after.json                       what changed beyond noise
  duplexsla loadtest judge report.json --objectives other.yaml            the same run by other objectives

Exit status: 0 held, 1 missed, 2 not understood, 3 void (the load test itself was too slow to tell). The last
line is one JSON object. --out writes report.json, junit.xml, metrics.prom and report.html.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # imported when needed, so that --help is instant
    from duplexsla.loadtest.crew import Job
    from duplexsla.loadtest.plan import Load
    from duplexsla.loadtest.report import Report


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    run_ = verbs.add_parser("run", help="one run at one load")
    _job_arguments(run_)
    run_.add_argument(
        "--sessions", type=int, default=0, help="conversations at once (or arrivals_per_s of the mix)"
    )
    run_.add_argument("--duration", type=float, default=60.0, metavar="S", help="warm-up included (60)")
    compared = verbs.add_parser("compare", help="two runs: what changed beyond noise")
    for name in ("before", "after"):
        compared.add_argument(name, type=Path)
    judged = verbs.add_parser(
        "judge", help="a run that was measured, by other objectives or as other reports"
    )
    judged.add_argument("report", type=Path)
    _report_arguments(judged)


def _job_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("address", metavar="HOST:PORT", help="the gateway")
    parser.add_argument("--mix", default="mixed", help="a shipped mix or a .yaml file (mixed)")
    parser.add_argument(
        "--recordings", type=Path, nargs="+", default=[], metavar="DIR", help="in place of the mix's"
    )
    parser.add_argument("--warm-up", type=float, default=10.0, metavar="S", help="discarded (10)")
    parser.add_argument("--ramp", type=float, default=5.0, metavar="S", help="in which all callers begin (5)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=0, help="processes (0: as many as the callers need)")
    parser.add_argument("--nice", type=int, default=-10, help="of the worker processes, where allowed (-10)")
    parser.add_argument("--homes", default="load-", metavar="PREFIX", help="of the homes' names (load-)")
    parser.add_argument(
        "--homes-url", metavar="URL", help="home service: makes the homes, checks their effects"
    )
    parser.add_argument("--toolset", default="home", help="home or car (home)")
    parser.add_argument("--in-flight", type=int, default=8, help="chunks without a reply (8)")
    parser.add_argument("--buffer-ms", type=float, default=160.0, help="of a listener's loudspeaker (160)")
    _report_arguments(parser)


def _report_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--objectives", type=Path, metavar="FILE", help="YAML (default: those that ship)")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the reports go")


def run(options: argparse.Namespace) -> int:
    return {"run": _run}[options.verb](options)


def _run(options: argparse.Namespace) -> int:
    from duplexsla.loadtest.plan import Load
    from duplexsla.loadtest.shown import text

    load = Load(options.sessions, options.duration, min(options.ramp, options.duration), options.seed)
    report = _measure(_job(options, load), options)
    print(text(report))
    return _tell(report, options)


def _job(options: argparse.Namespace, load: Load) -> Job:
    from duplexsla.loadtest.caller import Terms
    from duplexsla.loadtest.crew import Job
    from duplexsla.loadtest.mix import read_mix

    return Job(
        address=options.address,
        mix=read_mix(options.mix, options.recordings),
        load=load,
        warm_up_s=options.warm_up,
        homes=options.homes,
        nice=options.nice,
        workers=options.workers,
        terms=Terms(options.toolset, options.in_flight, options.buffer_ms),
    )


def _measure(job: Job, options: argparse.Namespace) -> Report:
    """Plays a run, with homes made before and their effects read after it."""
    from duplexsla.loadtest.measure import measure
    from duplexsla.loadtest.objectives import DEFAULT, read_objectives
    from duplexsla.loadtest.shown import Ticker

    ticker = Ticker()
    try:
        return measure(
            job, read_objectives(options.objectives or DEFAULT), homes_url=options.homes_url, watch=ticker
        )
    finally:
        ticker.end()


def _tell(report: Report, options: argparse.Namespace) -> int:
    row = report.row()
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "report.json").write_text(json.dumps(row) + "\n")
    print(json.dumps({key: row[key] for key in ("verdict", "void", "about", "figures")}))
    return report.verdict.status


if __name__ == "__main__":
    sys.exit("use: duplexsla loadtest")
