"""All of the bench in one command: makes the cases, plays them in both settings, writes the report."""

import argparse
import re
import time
from pathlib import Path

from duplexsla_lab.bench.case import Case
from duplexsla_lab.bench.case_files import read_cases
from duplexsla_lab.bench.options import made_cases
from duplexsla_lab.bench.playing import play
from duplexsla_lab.bench.reporting import publish
from duplexsla_lab.bench.systems.selection import selected_system

ALONE = ("normal", "pause")  # the scenarios of table 7


def run_all(options: argparse.Namespace) -> int:
    name, make = selected_system(options)
    folder, cases = _cases(options)
    out = options.out or folder / "runs" / f"{_slug(name)}{'-small' if options.small else ''}"
    out.mkdir(parents=True, exist_ok=True)
    start_s = time.monotonic()
    prefilled = play(cases, name, make, out / "prefilled.jsonl", options, prefill=True)
    few = [case for case in cases if case.scenario in ALONE]
    alone = play(few, name, make, out / "alone.jsonl", options, prefill=False)
    more = {"played_s": round(time.monotonic() - start_s), "report": str(out / "report.html")}
    runs = [prefilled, alone] if few else [prefilled]
    publish(
        runs, cases=options.cases, json_file=out / "report.json", html_file=out / "report.html", more=more
    )
    return 0


def _cases(options: argparse.Namespace) -> tuple[Path, list[Case]]:
    if options.cases is None:
        return made_cases(options)
    folder = options.cases if options.cases.is_dir() else options.cases.parent
    return folder, read_cases(options.cases, small=options.small)


def _slug(name: str) -> str:
    return re.sub(r"[^\w.-]+", "-", name).strip("-")
