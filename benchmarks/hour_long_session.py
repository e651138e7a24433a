"""One session of an hour, made of turns and silence: are its last ten minutes as good as its first?

    make bench-hour_long_session ARGS="[--minutes 60] [--requests 30]"

The same requests, by voices that training never saw, are spoken in the first and in the last sixth of the
session, in another order; in between, others and long silence. One session of the engine hears it all, as
fast as it goes. Printed: exact calls at first and at last, processor time per chunk and memory of both. The
last line is one JSON object.
"""

import argparse
import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from benchmarks.long_session import resident_mib
from benchmarks.machine import machine
from numpy.typing import NDArray
from tqdm import tqdm

from duplexsla.clock import CHUNK_MS, CHUNK_SAMPLES, SAMPLE_RATE
from duplexsla.engine.checkpoint import load_engine
from duplexsla.engine.engine import StepInput
from duplexsla.protocol.action_parser import ActionParser, ToolCall
from duplexsla_lab.data.pcm import pcm
from duplexsla_lab.data.scenarios.families import scenario_of_split
from duplexsla_lab.data.scenarios.scenario import ScenarioAction
from duplexsla_lab.data.speaking import speak_lines
from duplexsla_lab.data.voices.user_speech import Synthesizers

CHUNKS_A_MINUTE = 60_000 // CHUNK_MS
TURN_S = 12.0  # from one request to the next: the words, the call, the reply
LONG_SILENCE_S = 60.0  # between the requests of the middle part


@dataclass(frozen=True, slots=True)
class Turn:
    """A request, padded to whole chunks, int16 [2560 n]; part: "first", "middle" or "last"."""

    part: str
    wanted: ScenarioAction
    samples: NDArray[np.int16]


@dataclass(slots=True)
class Part:
    asked: int = 0
    exact: int = 0
    chunks: int = 0
    cpu_s: float = 0.0

    def row(self) -> dict[str, float]:
        return {
            "requests": self.asked,
            "exact": round(self.exact / max(1, self.asked), 3),
            "cpu_ms_per_chunk": round(1_000 * self.cpu_s / max(1, self.chunks), 3),
        }


def requests(count: int, seed: int) -> list[tuple[ScenarioAction, NDArray[np.int16]]]:
    rng, synthesizers = random.Random(seed), Synthesizers()
    found = []
    for _ in range(count):
        drawn = scenario_of_split(rng, toolset="home", family="single", split="voices")
        spoken = speak_lines(synthesizers, drawn, rng, held_out_voice=True)[0]
        found.append((drawn.calls[0], pcm(spoken.samples)))
    return found


def padded(samples: NDArray[np.int16], seconds: float) -> NDArray[np.int16]:
    size = max(len(samples), int(seconds * SAMPLE_RATE))
    size += -size % CHUNK_SAMPLES
    return np.pad(samples, (0, size - len(samples)))


def session(minutes: float, count: int, seed: int) -> Iterator[Turn]:
    """The turns of the whole session, in order."""
    tested = requests(count, seed)
    between = requests(max(1, int(minutes * 40 / LONG_SILENCE_S)), seed + 1)
    edge_s = max(TURN_S, minutes * 10 / count)
    yield from (Turn("first", action, padded(samples, edge_s)) for action, samples in tested)
    yield from (Turn("middle", action, padded(samples, LONG_SILENCE_S)) for action, samples in between)
    random.Random(seed).shuffle(tested)
    yield from (Turn("last", action, padded(samples, edge_s)) for action, samples in tested)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--requests", type=int, default=30, help="asked at first, and again at last")
    parser.add_argument("--model", type=Path, default=Path("model_repository/duplexsla/1"))
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.set_num_threads(1)
    turns = list(session(args.minutes, args.requests, args.seed))
    engine, parser_of_actions = load_engine(args.model, slots=1), ActionParser.named("home")
    engine.open(1, "home")
    parts = {name: Part() for name in ("first", "middle", "last")}
    memory, chunk = {}, 0
    for turn in tqdm(turns, desc="turns", unit="turn"):
        part, calls, start_s = parts[turn.part], [], time.process_time()
        outcome = ""
        for samples in turn.samples.reshape(-1, CHUNK_SAMPLES):
            output = engine.step([StepInput(1, samples, outcome)])[0]
            events = parser_of_actions.push(chunk, output.action)
            now = [event for event in events if isinstance(event, ToolCall)]
            outcome, calls, chunk = turn.wanted.outcome * len(now), calls + now, chunk + 1
        part.cpu_s += time.process_time() - start_s
        part.chunks += len(turn.samples) // CHUNK_SAMPLES
        part.asked += 1
        part.exact += [(c.function, c.arguments) for c in calls] == [
            (turn.wanted.name, turn.wanted.arguments)
        ]
        memory[turn.part] = round(resident_mib(), 1)
    about = {name: {**part.row(), "resident_mib": memory[name]} for name, part in parts.items()}
    for name, row in about.items():
        print(name, *(f"{key} {value}" for key, value in row.items()), sep="  ")
    print(json.dumps({"minutes": round(chunk / CHUNKS_A_MINUTE, 1), **about, **machine()}))


if __name__ == "__main__":
    main()
