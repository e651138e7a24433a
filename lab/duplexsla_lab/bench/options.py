"""What several verbs of the command take, and the cases that they name."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # imported when needed, so that --help is instant
    from duplexsla_lab.bench.case import Case

SHIPPED_MODEL = Path("model_repository/duplexsla/1")
SEED = 1


def add_cases(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--cases", type=Path, metavar="PATH", help="a file or a folder (default: those that were made)"
    )
    parser.add_argument("--small", action="store_true", help="the small set alone")


def add_making(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--small", action="store_true", help="the small set alone: 300 cases of 3,000")
    parser.add_argument("--seed", type=int, default=SEED, help="other cases (1)")
    parser.add_argument("--workers", type=int, default=2, help="processes that make cases (2)")


def add_system(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model", type=Path, default=SHIPPED_MODEL, help="weights of the engine in this process"
    )
    parser.add_argument(
        "--system", choices=("engine", "cascade"), default="engine", help="in this process (engine)"
    )
    parser.add_argument("--gateway", metavar="HOST:PORT", help="evaluate a service instead")
    parser.add_argument("--realtime", metavar="URL", help="evaluate an OpenAI-style realtime service")
    parser.add_argument("--key-file", type=Path, help="file that holds the realtime service's key")
    parser.add_argument("--home", default="bench", help="home of the service's conversations (bench)")
    parser.add_argument("--paced", action="store_true", help="the service gets audio in real time")
    parser.add_argument("--lanes", type=int, default=16, help="conversations side by side (16)")
    parser.add_argument("--threads", type=int, default=1, help="threads of torch (1)")


def add_playing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--deadline", type=float, default=30.0, metavar="S", help="for any one answer (30)")
    parser.add_argument("--again", action="store_true", help="play cases again that failed")


def add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")


def named_cases(options: argparse.Namespace, *, only: Sequence[str] | None = None) -> list[Case]:
    """The cases that the options name; `only` those. Raises CaseError."""
    from duplexsla_lab.bench.case import CaseError
    from duplexsla_lab.bench.case_files import read_cases
    from duplexsla_lab.bench.making.case_plan import COUNTS, cases_folder, missing, shard_plans

    path = options.cases or cases_folder(SEED)
    if not options.cases and missing(shard_plans(COUNTS, seed=SEED, small=options.small or bool(only)), path):
        raise CaseError(f"the cases are not made: duplexsla bench make{' --small' if options.small else ''}")
    cases = read_cases(path, small=options.small)
    if strangers := set(only or ()) - {case.id for case in cases}:
        raise CaseError(f"there is no case {min(strangers)}")
    return [case for case in cases if not only or case.id in only]


def made_cases(options: argparse.Namespace) -> tuple[Path, list[Case]]:
    """Folder and cases of a seed, once they are all made."""
    from duplexsla_lab.bench.case_files import read_cases
    from duplexsla_lab.bench.making.case_plan import cases_folder
    from duplexsla_lab.bench.making.make_cases import make

    folder = cases_folder(options.seed)
    make(folder, seed=options.seed, small=options.small, workers=options.workers)
    return folder, read_cases(folder, small=options.small)
