"""DuplexSLA-Bench (paper section 5): plays cases to a system, scores what it did, compares runs.

Examples:
  duplexsla bench                                        all of it: makes cases, plays them, reports
  duplexsla bench all --small                            300 cases instead of 3,000
  duplexsla bench all --gateway HOST:PORT                a service, as fast as it answers
  duplexsla bench make --workers 2                       the cases alone
  duplexsla bench play pause-home-012 --wav pause.wav    one case again: read it, listen to it
  duplexsla bench run --results nano.jsonl --prefill     one setting into a file of one's own
  duplexsla bench run --cases mine.jsonl --results mine-nano.jsonl
  duplexsla bench run --results gpt.jsonl --realtime wss://HOST/v1/realtime?model=M --key-file KEY
  duplexsla bench report nano.jsonl --html nano.html
  duplexsla bench show nano.jsonl pause-home-012         what it did then, chunk by chunk
  duplexsla bench compare before.jsonl after.jsonl
  duplexsla bench calibrate held-out.jsonl --cases held-out --model build/nano   how sure is sure enough
  duplexsla bench leaks build/corpus                     that no case has a voice, text or sound of training

With the dialogue prefilled (table 6) a case begins after its history; without (table 7), with nothing. What
is interrupted is played again by the same command, from where it stopped. The last line of `all`, `run` and
`report` is one JSON object: accuracy and delay of each family, and for tool calls the strict figure.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from duplexsla_lab.bench.options import (
    SHIPPED_MODEL,
    add_cases,
    add_json,
    add_making,
    add_playing,
    add_system,
    made_cases,
    named_cases,
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Of `duplexsla bench`; without a verb it is `all`."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")
    _all_arguments(verbs.add_parser("all", help="make the cases, play them in both settings, report"))
    add_making(verbs.add_parser("make", help="make the cases"))
    run_parser = verbs.add_parser("run", help="play cases in one setting and report")
    run_parser.add_argument(
        "--results", type=Path, required=True, help="written case by case; goes on if it exists"
    )
    run_parser.add_argument(
        "--prefill", action="store_true", help="with the dialogue before each case (table 6)"
    )
    run_parser.add_argument("--only", nargs="+", metavar="CASE", help="these cases alone")
    play = verbs.add_parser("play", help="play one case again: what it did, chunk by chunk")
    play.add_argument("case")
    play.add_argument("--alone", action="store_true", help="without the dialogue before it")
    play.add_argument(
        "--wav", type=Path, metavar="FILE", help="both sides: the user left, the assistant right"
    )
    shown = verbs.add_parser("show", help="one case of a results file, chunk by chunk")
    shown.add_argument("results", type=Path)
    shown.add_argument("case")
    report = verbs.add_parser("report", help="the figures of results files: one of each setting at most")
    report.add_argument("results", type=Path, nargs="+")
    report.add_argument("--html", type=Path, metavar="FILE", help="write the page there")
    compare = verbs.add_parser("compare", help="what got better and what got worse, and whether by chance")
    for name in ("before", "after"):
        compare.add_argument(name, type=Path)
    calibrate = verbs.add_parser("calibrate", help="fit the table of confidence beside weights of the engine")
    calibrate.add_argument("results", type=Path, nargs="+", help="of those weights, on held-out cases")
    calibrate.add_argument("--model", type=Path, default=SHIPPED_MODEL, help="their folder")
    leaks = verbs.add_parser("leaks", help="prove that nothing of the cases is in a training corpus")
    leaks.add_argument("corpus", type=Path, help="its folder")
    leaks.add_argument(
        "--judge", type=Path, metavar="FILE", help="a judge's sentences, one a line: four words in a row"
    )
    for sub in (run_parser, play, shown, report, compare, calibrate, leaks):
        add_cases(sub)
    for sub in (run_parser, play):
        add_system(sub)
    add_playing(run_parser)
    for sub in (run_parser, report, compare, calibrate):
        add_json(sub)


def _all_arguments(parser: argparse.ArgumentParser) -> None:
    add_making(parser)
    parser.add_argument("--cases", type=Path, metavar="PATH", help="these cases instead: a file or a folder")
    add_system(parser)
    add_playing(parser)
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER", help="results and report (default: beside the cases)"
    )


def run(options: argparse.Namespace) -> int:
    verbs: dict[str, Callable[[argparse.Namespace], int]] = {
        "all": _all,
        "make": _make,
        "run": _run,
        "play": _play,
        "show": _show,
        "report": _report,
        "compare": _compare,
        "calibrate": _calibrate,
        "leaks": _leaks,
    }
    if options.verb is None:
        parser = argparse.ArgumentParser()
        _all_arguments(parser)
        options = parser.parse_args([])
        options.verb = "all"
    return verbs[options.verb](options)


def _all(options: argparse.Namespace) -> int:
    from duplexsla_lab.bench.run_all import run_all

    return run_all(options)


def _make(options: argparse.Namespace) -> int:
    folder, cases = made_cases(options)
    print(json.dumps({"cases": len(cases), "small": options.small, "folder": str(folder)}))
    return 0


def _run(options: argparse.Namespace) -> int:
    from duplexsla_lab.bench.playing import play
    from duplexsla_lab.bench.reporting import publish
    from duplexsla_lab.bench.systems.selection import selected_system

    cases = named_cases(options, only=options.only)
    head, cases, results = play(
        cases, *selected_system(options), options.results, options, prefill=options.prefill
    )
    publish([(head, cases, results)], json_file=options.json)
    return 0


def _play(options: argparse.Namespace) -> int:
    from duplexsla_lab.bench.playing import play_one
    from duplexsla_lab.bench.systems.selection import selected_system

    (case,) = named_cases(options, only=[options.case])
    print(play_one(case, selected_system(options)[1], prefill=not options.alone, wav=options.wav))
    return 0


def _show(options: argparse.Namespace) -> int:
    from duplexsla_lab.bench.case import CaseError
    from duplexsla_lab.bench.case_view import case_text
    from duplexsla_lab.bench.results import read_results

    (case,) = named_cases(options, only=[options.case])
    _, results = read_results(options.results)
    if case.id not in results:
        raise CaseError(f"case {case.id} was not played in {options.results}")
    print(case_text(case, results[case.id]))
    return 0


def _report(options: argparse.Namespace) -> int:
    from duplexsla_lab.bench.playing import playable_cases
    from duplexsla_lab.bench.reporting import publish
    from duplexsla_lab.bench.results import read_results

    cases, runs = named_cases(options), [read_results(path) for path in options.results]
    found = [(head, playable_cases(cases, prefill=head.prefill), results) for head, results in runs]
    publish(found, json_file=options.json, html_file=options.html, cases=options.cases)
    return 0


def _compare(options: argparse.Namespace) -> int:
    from duplexsla_lab.bench import compare
    from duplexsla_lab.bench.report import verdicts
    from duplexsla_lab.bench.results import read_results

    cases = named_cases(options)
    runs = [read_results(path) for path in (options.before, options.after)]
    found = compare.compare(*(verdicts(cases, results) for _, results in runs))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")
    print(compare.text(found, names=(str(options.before), str(options.after))))
    print(json.dumps({name: each["accuracy"] for name, each in found.items()}))
    return 0


def _calibrate(options: argparse.Namespace) -> int:
    from duplexsla.engine.calibration import write_calibration
    from duplexsla.engine.model_folder import identity_of
    from duplexsla_lab.bench import calibrate
    from duplexsla_lab.bench.results import ResultsError, read_results
    from duplexsla_lab.bench.systems.selection import engine_name

    cases, calls = named_cases(options), []
    for path in options.results:
        head, results = read_results(path)
        if head.system != engine_name(options.model):
            raise ResultsError(f"{path} is of {head.system}, not of {engine_name(options.model)}")
        calls += calibrate.judged_calls(cases, results)
    table, rows = calibrate.fit(calls, identity_of(options.model)), calibrate.risk_and_coverage(calls)
    write_calibration(options.model, table)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")
    print(calibrate.text(table, rows))
    return 0


def _leaks(options: argparse.Namespace) -> int:
    from duplexsla_lab.bench.making.leaks import judged_leaks, leaks, training_contents

    training, cases = training_contents(options.corpus), named_cases(options)
    found = list(leaks(cases, training))
    if options.judge:
        found += judged_leaks(options.judge.read_text("utf-8").splitlines(), training)
    print("\n".join(found[:50]), end="\n" if found else "")
    counts = {
        "cases": len(cases),
        "trained_on": training.rows,
        "utterances": len(training.hashes),
        "leaks": len(found),
    }
    print(json.dumps(counts))
    return 1 if found else 0
