"""Do drafts change what is said or written? Plays DuplexSLA-Bench's cases to engines side by side.

    make bench-drafts ARGS="[--cases FOLDER] [--all] [--alone] [--with-torch]"

Each case is played to an engine that drafts and to one that decodes token by token; with --with-torch to a
third, without the compiled kernels. Every chunk's anchor, codes and action of each must be the first one's.
Told: chunks, those that differ, and what a chunk cost in forward passes of its session. The last line is one
JSON object; the exit status is 1 if drafts changed anything.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from benchmarks.machine import machine
from tqdm import tqdm

from duplexsla.engine.checkpoint import load_engine
from duplexsla.engine.engine import Engine, StepInput, StepOutput
from duplexsla.engine.prefix import Prefix
from duplexsla_lab.bench.case import Case
from duplexsla_lab.bench.case_files import read_cases
from duplexsla_lab.bench.conversation import Heartbeat, PlaySettings, converse
from duplexsla_lab.bench.making.case_plan import cases_folder
from duplexsla_lab.bench.making.make_cases import make
from duplexsla_lab.bench.playing import playable_cases
from duplexsla_lab.bench.systems.case_prefix import CasePrefixes, encoder
from duplexsla_lab.bench.systems.engine import EngineSystem
from duplexsla_lab.bench.systems.shared_engine import SharedEngine

SHIPPED = Path("model_repository/duplexsla/1")
SEED = 1


@dataclass
class ComparedEngine:
    """An engine that gets the same audio, and where it said or wrote something else."""

    engine: Engine
    differing: list[str] = field(default_factory=list)


class SideBySide(SharedEngine):
    """Answers with the output of the first engine; the others are compared. One conversation at a time."""

    def __init__(self, first: Engine, others: Sequence[ComparedEngine]) -> None:
        self._first, self._others, self._session = first, others, 0
        self.case, self._chunk = "", 0

    def open(self, toolset: str) -> int:
        self._begin()
        for engine in self._engines():
            engine.open(self._session, toolset)
        return self._session

    def restore(self, prefix: Prefix) -> int:
        self._begin()
        for engine in self._engines():
            engine.restore(self._session, prefix)
        return self._session

    def close(self, session: int) -> None:
        if session:
            for engine in self._engines():
                engine.close(session)

    def step(self, chunk: StepInput) -> StepOutput:
        (said,) = self._first.step([chunk])
        for other in self._others:
            (theirs,) = other.engine.step([chunk])
            if _tokens(theirs) != _tokens(said):
                other.differing.append(f"{self.case}, chunk {self._chunk}")
        self._chunk += 1
        return said

    def _begin(self) -> None:
        self._session, self._chunk = self._session + 1, 0

    def _engines(self) -> list[Engine]:
        return [self._first, *(other.engine for other in self._others)]


def _tokens(said: StepOutput) -> tuple[str, tuple[int, ...], list[str]]:
    return said.anchor, said.codes, said.action


def cost(engine: Engine) -> dict[str, float]:
    """Forward passes of a session for a chunk, of all chunks and of the silent ones."""
    work = engine.work
    return {
        "passes_per_chunk": round(work.chunk_passes / work.chunks, 3),
        "passes_per_silent_chunk": round(work.silent_passes / max(1, work.silent_chunks), 3),
        "positions_per_chunk": round(work.positions / work.chunks, 3),
    }


def cases_of(options: argparse.Namespace) -> list[Case]:
    if options.cases is None:
        make(cases_folder(SEED), seed=SEED, small=not options.all, workers=2)
    cases = read_cases(options.cases or cases_folder(SEED), small=not options.all)
    return playable_cases(cases, prefill=not options.alone)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=Path, help="a file or a folder (default: made if they are missing)")
    parser.add_argument("--all", action="store_true", help="3,000 cases instead of 300")
    parser.add_argument("--alone", action="store_true", help="without the dialogue before each case")
    parser.add_argument("--with-torch", action="store_true", help="an engine without compiled kernels, too")
    parser.add_argument("--model", type=Path, default=SHIPPED)
    options = parser.parse_args()
    torch.set_num_threads(1)
    first = load_engine(options.model, slots=1)
    others = {"token by token": ComparedEngine(load_engine(options.model, slots=1, draft=False))}
    if options.with_torch:
        others["torch"] = ComparedEngine(load_engine(options.model, slots=1, draft=False, kernels="torch"))
    engines = SideBySide(first, list(others.values()))
    system = EngineSystem(engines, CasePrefixes(*encoder(options.model), first.vocabulary))
    cases = cases_of(options)
    for case in tqdm(cases, unit="case"):
        engines.case = case.id
        converse(case, system, PlaySettings(prefill=not options.alone), Heartbeat())
    work = first.work
    about = {"cases": len(cases), "chunks": work.chunks}
    about |= {"silent_share": round(work.silent_chunks / work.chunks, 3), "drafts": cost(first)}
    for name, other in others.items():
        about[name] = {**cost(other.engine), "differing_chunks": len(other.differing)}
        about[name]["first_difference"] = other.differing[0] if other.differing else None
    for key, value in about.items():
        print(f"{key}: {value}")
    print(json.dumps({"benchmark": "drafts", **about, **machine()}))
    sys.exit(bool(others["token by token"].differing))


if __name__ == "__main__":
    main()
