"""DuplexSLA-Bench (paper section 5): plays cases to a system, scores what it did, compares runs.

Examples:
  duplexsla bench run cases.jsonl --results nano.jsonl                       the engine, in this process
  duplexsla bench run cases.jsonl --results svc.jsonl --gateway HOST:PORT    a service, as fast as it answers
  duplexsla bench run cases.jsonl --results gpt.jsonl --realtime wss://HOST/v1/realtime?model=M --key-file KEY
  duplexsla bench run cases.jsonl --results one.jsonl --only pause-0012      one case again
  duplexsla bench report cases.jsonl nano.jsonl
  duplexsla bench show cases.jsonl nano.jsonl pause-0012                     what it did, chunk by chunk
  duplexsla bench compare cases.jsonl before.jsonl after.jsonl

An interrupted run goes on where it stopped: give the same command again. The last line of `run` and `report`
is one JSON object: accuracy and delay of each family, and for tool calls the strict figure.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # imported when needed, so that --help is instant
    from duplexsla.bench.case import Case
    from duplexsla.bench.results import Head, Result

SHIPPED_MODEL = Path("model_repository/duplexsla/1")


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    _run_arguments(verbs.add_parser("run", help="play cases and report"))
    shown = verbs.add_parser("show", help="one case: what was wanted, what was done, chunk by chunk")
    for name in ("cases", "results"):
        shown.add_argument(name, type=Path)
    shown.add_argument("case")
    for verb, files in (("report", ("results",)), ("compare", ("before", "after"))):
        sub = verbs.add_parser(verb, help=f"the figures of {' and '.join(files)}")
        sub.add_argument("cases", type=Path)
        for name in files:
            sub.add_argument(name, type=Path)
        sub.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")


def _run_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("cases", type=Path)
    parser.add_argument(
        "--results", type=Path, required=True, help="written case by case; goes on if it exists"
    )
    parser.add_argument(
        "--model", type=Path, default=SHIPPED_MODEL, help="weights of the engine in this process"
    )
    parser.add_argument("--gateway", metavar="HOST:PORT", help="judge a service instead")
    parser.add_argument("--realtime", metavar="URL", help="judge an OpenAI-style realtime service instead")
    parser.add_argument("--key-file", type=Path, help="file that holds the realtime service's key")
    parser.add_argument("--home", default="bench", help="home of the service's conversations (bench)")
    parser.add_argument("--paced", action="store_true", help="the service hears in real time")
    parser.add_argument("--prefill", action="store_true", help="with the dialogue before each case (table 6)")
    parser.add_argument("--lanes", type=int, default=8, help="conversations side by side (8)")
    parser.add_argument("--deadline", type=float, default=30.0, metavar="S", help="for any one answer (30)")
    parser.add_argument("--threads", type=int, default=1, help="threads of torch (1)")
    parser.add_argument("--only", nargs="+", metavar="CASE", help="these cases alone")
    parser.add_argument("--again", action="store_true", help="play cases again that failed")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")


def run(options: argparse.Namespace) -> int:
    verb = {"run": _play, "report": _report, "show": _show, "compare": _compare}[options.verb]
    return verb(options)


def _play(options: argparse.Namespace) -> int:
    from duplexsla.bench.case_files import read_cases
    from duplexsla.bench.conversation import Terms
    from duplexsla.bench.results import Head, ResultsFile, digest
    from duplexsla.bench.runner import Runner
    from duplexsla.bench.systems.chosen import chosen

    cases = _chosen(read_cases(options.cases), options.only)
    name, make = chosen(options)
    terms = Terms(prefill=options.prefill)
    head = Head(name, options.prefill, digest(cases), terms.row())
    runner = Runner(make, terms, now=time.monotonic, lanes=options.lanes, deadline_s=options.deadline)
    with ResultsFile(options.results, head) as file:
        start_s, before = time.monotonic(), len(file.done)
        for result in runner.run(cases, file, again=options.again):
            _progress(result, len(file.done), len(cases), before, time.monotonic() - start_s)
        _tell(head, cases, file.done, options.json)
    return 0


def _chosen(cases: Sequence[Case], only: Sequence[str] | None) -> list[Case]:
    from duplexsla.bench.case import CaseError

    if missing := set(only or ()) - {case.id for case in cases}:
        raise CaseError(f"there is no case {min(missing)}")
    return [case for case in cases if not only or case.id in only]


def _progress(result: Result, done: int, cases: int, before: int, spent_s: float) -> None:
    if result.failed:
        print(f"{result.case} failed: {result.failed}", file=sys.stderr)
    if done % 20 == 0 or done == cases:
        rate = (done - before) / max(spent_s, 1e-9)
        left_s = (cases - done) / rate if rate else 0.0
        print(f"{done}/{cases} cases, {rate:.1f} a second, {left_s:.0f} s left", file=sys.stderr)


def _report(options: argparse.Namespace) -> int:
    from duplexsla.bench.case_files import read_cases
    from duplexsla.bench.results import read_results

    head, results = read_results(options.results)
    _tell(head, read_cases(options.cases), results, options.json)
    return 0


def _tell(head: Head, cases: Sequence[Case], results: dict[str, Result], file: Path | None) -> None:
    from duplexsla.bench.report import report, summary, text, verdicts

    told = report(head, verdicts(cases, results), cases=len(cases))
    if file:
        file.write_text(json.dumps(told, indent=1) + "\n")
    print(text(told))
    print(json.dumps(summary(told)))


def _show(options: argparse.Namespace) -> int:
    from duplexsla.bench.case import CaseError
    from duplexsla.bench.case_files import read_cases
    from duplexsla.bench.results import read_results
    from duplexsla.bench.shown import shown

    (case,) = _chosen(read_cases(options.cases), [options.case])
    _, results = read_results(options.results)
    if case.id not in results:
        raise CaseError(f"case {case.id} was not played in {options.results}")
    print(shown(case, results[case.id]))
    return 0


def _compare(options: argparse.Namespace) -> int:
    from duplexsla.bench import compare
    from duplexsla.bench.case_files import read_cases
    from duplexsla.bench.report import verdicts
    from duplexsla.bench.results import read_results

    cases = read_cases(options.cases)
    runs = [read_results(path) for path in (options.before, options.after)]
    told = compare.compare(*(verdicts(cases, results) for _, results in runs))
    if options.json:
        options.json.write_text(json.dumps(told, indent=1) + "\n")
    print(compare.text(told, names=(str(options.before), str(options.after))))
    print(json.dumps({name: each["accuracy"] for name, each in told.items()}))
    return 0
