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
    from duplexsla_loadtest.coordinator import Job
    from duplexsla_loadtest.objectives import Objectives
    from duplexsla_loadtest.report import Report


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    one = verbs.add_parser("run", help="one run at one load")
    _job_arguments(one, duration_s=60, warm_up_s=10)
    one.add_argument("--sessions", type=int, default=0, help="at once (or arrivals_per_s of the mix)")
    many = verbs.add_parser("search", help="the most sessions that hold the objectives")
    _job_arguments(many, duration_s=40, warm_up_s=10)
    many.add_argument("--first", type=int, default=8, help="sessions to begin with (8)")
    many.add_argument("--most", type=int, default=4096, help="sessions to try at most (4096)")
    many.add_argument("--resolution", type=float, default=0.05, help="share of the number (0.05)")
    many.add_argument("--repeats", type=int, default=3, help="runs on each side of the edge (3)")
    many.add_argument("--rest", type=float, default=3.0, metavar="S", help="between two runs (3)")
    compared = verbs.add_parser("compare", help="two runs: what changed beyond noise")
    for name in ("before", "after"):
        compared.add_argument(name, type=Path, help="a report.json")
    judged = verbs.add_parser("judge", help="a run that was measured, by other objectives")
    judged.add_argument("report", type=Path, help="a report.json")
    _report_arguments(judged)


def _job_arguments(parser: argparse.ArgumentParser, *, duration_s: float, warm_up_s: float) -> None:
    parser.add_argument("address", metavar="HOST:PORT", help="the gateway; several with commas between")
    parser.add_argument(
        "--token",
        default="",
        help="API key or bearer token; @FILE: what that file holds, read when it is needed",
    )
    parser.add_argument(
        "--ca", type=Path, metavar="FILE", help="PEM of the authority that signed the gateway's certificate"
    )
    parser.add_argument("--mix", default="mixed", help="a shipped mix or a .yaml file (mixed)")
    parser.add_argument(
        "--recordings", type=Path, nargs="+", default=[], metavar="DIR", help="not the mix's own"
    )
    parser.add_argument(
        "--duration", type=float, default=duration_s, metavar="S", help="warm-up included (%(default)g)"
    )
    parser.add_argument(
        "--warm-up", type=float, default=warm_up_s, metavar="S", help="discarded (%(default)g)"
    )
    parser.add_argument("--ramp", type=float, default=5.0, metavar="S", help="in which all callers begin (5)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=0, help="processes (0: as many as the callers need)")
    parser.add_argument("--nice", type=int, default=-10, help="of the worker processes, where allowed (-10)")
    parser.add_argument("--homes", default="load-", metavar="PREFIX", help="of the homes' names (load-)")
    parser.add_argument(
        "--homes-url", metavar="URL", help="home service: makes the homes, checks their effects"
    )
    parser.add_argument("--tenant", default="", help="whose homes: that of the token")
    parser.add_argument("--homes-token", default="", metavar="KEY", help="API key for the home service")
    parser.add_argument("--toolset", default="home", help="home or car (home)")
    parser.add_argument("--in-flight", type=int, default=32, help="chunks without a reply (32)")
    parser.add_argument("--buffer-ms", type=float, default=160.0, help="of a listener's loudspeaker (160)")
    _report_arguments(parser)


def _report_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--objectives", type=Path, metavar="FILE", help="YAML (default: those that ship)")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the reports go")


def run(options: argparse.Namespace) -> int:
    verb = {"run": _run, "search": _search, "compare": _compare, "judge": _judge}[options.verb]
    return verb(options)


def _run(options: argparse.Namespace) -> int:
    return _publish(_measure(_job(options, options.sessions), options), options)


def _judge(options: argparse.Namespace) -> int:
    from duplexsla_loadtest.report import judge_again, read_report

    return _publish(judge_again(read_report(options.report), _objectives(options)), options)


def _search(options: argparse.Namespace) -> int:
    from duplexsla_loadtest import capacity_search
    from duplexsla_loadtest.bisection import Bisection
    from duplexsla_loadtest.html_report import search_page

    search = Bisection(
        first=options.first, most=options.most, resolution=options.resolution, repeats=options.repeats
    )

    def on_trial(trial: capacity_search.Trial) -> None:
        print(capacity_search.line(trial), file=sys.stderr, flush=True)

    job = _job(options, options.first)
    found = capacity_search.search_capacity(
        job, search, lambda each: _measure(each, options), on_trial, rest_s=options.rest
    )
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "search.json").write_text(json.dumps(found.row()) + "\n")
        (options.out / "search.html").write_text(search_page(found))
    print(capacity_search.text(found))
    print(json.dumps(found.row()))
    return found.status


def _compare(options: argparse.Namespace) -> int:
    from duplexsla_loadtest import compare
    from duplexsla_loadtest.report import read_report

    before, after = (read_report(path) for path in (options.before, options.after))
    changes, different = compare.compare(before, after), compare.differences(before, after)
    print(compare.text(changes, different))
    print(json.dumps(compare.row(changes, different)))
    return 1 if any(each.word == "worse" for each in changes) else 0


def _job(options: argparse.Namespace, sessions: int) -> Job:
    from duplexsla.client.channels import ClientTls
    from duplexsla.client.credentials import token_from
    from duplexsla_loadtest.caller import CallerSettings
    from duplexsla_loadtest.coordinator import Job
    from duplexsla_loadtest.mix import read_mix
    from duplexsla_loadtest.plan import Load

    return Job(
        address=options.address,
        token=token_from(options.token),
        tls=ClientTls(options.ca) if options.ca else None,
        mix=read_mix(options.mix, options.recordings),
        load=Load(sessions, options.duration, min(options.ramp, options.duration), options.seed),
        warm_up_s=options.warm_up,
        homes=options.homes,
        workers=options.workers,
        nice=options.nice,
        settings=CallerSettings(
            toolset=options.toolset, in_flight=options.in_flight, buffer_ms=options.buffer_ms
        ),
    )


def _objectives(options: argparse.Namespace) -> Objectives:
    from duplexsla_loadtest.objectives import DEFAULT, read_objectives

    return read_objectives(options.objectives or DEFAULT)


def _measure(job: Job, options: argparse.Namespace) -> Report:
    """Plays a run, and shows how it goes."""
    from duplexsla_loadtest.console import ProgressLine
    from duplexsla_loadtest.run import measure

    progress = ProgressLine()
    try:
        return measure(
            job,
            _objectives(options),
            homes_url=options.homes_url,
            homes_token=options.homes_token,
            tenant=options.tenant,
            watch=progress,
        )
    finally:
        progress.end()


def _publish(report: Report, options: argparse.Namespace) -> int:
    from duplexsla_loadtest.console import text
    from duplexsla_loadtest.report_files import write

    if options.out:
        write(report, options.out)
    print(text(report))
    row = report.row()
    print(json.dumps({key: row[key] for key in ("verdict", "void", "about", "figures")}))
    return report.verdict.status
