"""Time of one engine step by batch size, and of live sessions on one core; what kernels and drafts bring.

    make bench-engine ARGS="[--loads idle ...] [--batches 1 8 16 32] [--steps 60]"

Weights do not change the time, so no checkpoint is needed: the model has its default shapes, and what it
says is steered through its weights, or scripted. "transcribing" speaks and writes its own transcript.
"mixed" is live sessions on a virtual clock, two fifths of them at work at any time (--sessions, --seconds,
--delay-ms). "parts" says where a step's processor time goes, and what the backbone's products reach of one
core's ceiling, which every run prints. "four_hours" compares a session's last minute with a first one
(--minutes). Each load runs as "plain" (torch, token by token), with the compiled kernels, and with drafts
too. Wall time is what a session feels; the processor time of the engine's thread stands beside it, because
a busy machine stretches the first much more. The last line is one JSON object.
"""

import argparse
import json
import random
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
import torch
from benchmarks.ceilings import ceilings
from benchmarks.live_sessions import noise, paced
from benchmarks.long_session import last_minute_and_first
from benchmarks.machine import machine
from benchmarks.scripted_sessions import Script, ScriptBuilder, conversations, open_scripted
from benchmarks.tick_parts import TickParts, backbone_flops
from torch.nn import functional as F

from duplexsla.clock import ACTION_BUDGET
from duplexsla.engine.engine import Engine, StepInput
from duplexsla.engine.model_folder import VOCABULARY_FILE
from duplexsla.model.backbone import NanoModel
from duplexsla.model.codec import Codec
from duplexsla.model.config import NanoConfig
from duplexsla.protocol import tokens
from duplexsla.protocol.tokens import Vocabulary, build_vocabulary
from duplexsla.report.percentile import percentile
from duplexsla.tools import TOOLSETS

SHIPPED = Path("model_repository/duplexsla/1") / VOCABULARY_FILE
FULL_RING = 130  # steps of two positions
WORD = "a"
LOADS = {  # anchor of every chunk, what is written whenever there is a choice, action tokens of every chunk
    "idle": (tokens.VAD_SILENCE, tokens.ACTION_END, 0),
    "ten_actions": (tokens.VAD_SILENCE, WORD, ACTION_BUDGET),
    "speaking": (tokens.TTS_PAD, tokens.ACTION_END, 0),
}
VARIANTS = {  # kernels, drafts
    "plain": (False, False),
    "kernels": (True, False),
    "kernels+drafts": (True, True),
}
Row = dict[str, str | float]


def steered_model(vocabulary: Vocabulary, anchor: str, written: str) -> NanoModel:
    """Random weights whose every anchor is `anchor`, and that write nothing but `written`."""
    torch.manual_seed(0)
    model = NanoModel(NanoConfig(vocab_size=len(vocabulary))).eval()
    with torch.no_grad():
        direction = F.normalize(torch.randn(model.config.width), dim=0)
        for common in (model.hear.bias, model.tokens.weight, model.codes_in.down.bias):
            common += 50.0 * direction
        for piece, amount in ((anchor, 2.0), (written, 1.0)):  # an anchor may be a word, a word no anchor
            model.text_head.weight[vocabulary.id(piece)] = amount * direction
    return model


@cache
def vocabulary_at_hand() -> Vocabulary:
    if SHIPPED.exists():
        return Vocabulary.load(SHIPPED)
    home = TOOLSETS["home"]
    words = (f"word{chr(97 + i % 26)}{i}" for i in range(2_000))
    return build_vocabulary(words, 1_500, home.function_names, home.argument_names)


def engine_of(load: str, variant: str, slots: int, device: str) -> Engine:
    vocabulary, (compiled, draft) = vocabulary_at_hand(), VARIANTS[variant]
    anchor, written, _ = LOADS.get(load, LOADS["idle"])
    model, toolsets = steered_model(vocabulary, anchor, written), {"home": TOOLSETS["home"]}
    codec = Codec().eval().to(device)
    return Engine(
        model.to(device),
        codec,
        vocabulary,
        toolsets,
        slots=slots,
        kernels="any" if compiled else "torch",
        draft=draft,
    )


def times(step: Callable[[], None], steps: int) -> dict[str, float]:
    """Wall and processor ms of a step, once the rings are full."""
    for _ in range(FULL_RING):
        step()
    measured = []
    for _ in range(steps):
        wall, cpu = time.perf_counter(), time.thread_time()
        step()
        measured.append(((time.perf_counter() - wall) * 1e3, (time.thread_time() - cpu) * 1e3))
    wall_ms, cpu_ms = np.array(measured).T
    p50, p99 = (percentile(wall_ms.tolist(), rank) for rank in (50, 99))
    return {
        "p50_ms": round(p50, 2),
        "p99_ms": round(p99, 2),
        "cpu_p50_ms": round(float(np.median(cpu_ms)), 2),
    }


def steered(load: str, variant: str, batch: int, steps: int, device: str) -> dict[str, float]:
    """Every session says and writes the same in every chunk."""
    engine, actions, heard = engine_of(load, variant, batch, device), LOADS[load][2], noise(batch)
    for session in range(batch):
        engine.open(session, "home")

    def step() -> None:
        outputs = engine.step([StepInput(session, heard[session]) for session in range(batch)])
        assert all(len(output.action) == actions + 1 for output in outputs), outputs[0]

    return times(step, steps)


def transcribing(load: str, variant: str, batch: int, steps: int, device: str) -> dict[str, float]:
    """Every session speaks without a pause."""
    engine, heard = engine_of(load, variant, batch, device), noise(batch)
    readers = open_scripted(engine, monologues(batch))

    def step() -> None:
        engine.step([StepInput(s, heard[s - 1], reader.next_chunk()) for s, reader in readers.items()])

    return times(step, steps)


def monologues(count: int) -> list[Script]:
    return [ScriptBuilder(vocabulary_at_hand(), random.Random(seed)).monologue(30.0) for seed in range(count)]


def parts(load: str, variant: str, batch: int, steps: int, device: str) -> dict[str, float]:
    """Processor ms of a step by part, and the GFLOP/s that the backbone's matrix products reach."""
    engine, heard, timer = engine_of(load, variant, batch, device), noise(batch), TickParts()
    for session in range(batch):
        engine.open(session, "home")
    inputs = [StepInput(session, heard[session]) for session in range(batch)]
    for _ in range(FULL_RING):
        engine.step(inputs)
    before = engine.work.positions
    with timer.timing(engine):
        for _ in range(steps):
            engine.step(inputs)
    done = backbone_flops(NanoConfig(vocab_size=2)) * (engine.work.positions - before)
    milliseconds = {part: round(seconds * 1e3 / steps, 2) for part, seconds in timer.seconds.items()}
    return {**milliseconds, "backbone_gflops": round(done / timer.seconds["backbone"] / 1e9, 1)}


def rows(load: str, variant: str, options: argparse.Namespace) -> Iterator[Row]:
    if load == "parts":
        for batch in options.batches:
            for work in ("idle", "speaking", "ten_actions"):
                figures = parts(work, variant, batch, options.steps, options.device)
                yield {"work": work, "batch": batch, **figures}
    elif load == "mixed":
        for sessions in options.sessions:
            scripts = conversations(vocabulary_at_hand(), sessions)
            engine = engine_of(load, variant, sessions, options.device)
            yield {"sessions": sessions} | paced(
                engine, scripts, seconds=options.seconds, delay_ms=options.delay_ms
            )
    elif load == "four_hours":
        script = conversations(vocabulary_at_hand(), 1)[0]
        yield {
            **last_minute_and_first(
                engine_of(load, variant, 2, options.device), script, minutes=options.minutes
            )
        }
    else:
        measure = transcribing if load == "transcribing" else steered
        for batch in options.batches:
            yield {"batch": batch, **measure(load, variant, batch, options.steps, options.device)}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    loads = [*LOADS, "transcribing", "mixed", "parts", "four_hours"]
    parser.add_argument("--loads", nargs="+", choices=loads, default=loads[:-1])
    parser.add_argument("--variants", nargs="+", choices=list(VARIANTS), default=list(VARIANTS))
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 8, 16, 32])
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--sessions", type=int, nargs="+", default=[16, 32, 64])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--delay-ms", type=float, default=3.0, help="how long a batch waits for company")
    parser.add_argument("--minutes", type=int, default=240)
    parser.add_argument("--device", default="cpu", help="cuda: torch alone, no kernels")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    results = []
    for load in options.loads:
        for variant in options.variants:
            for row in rows(load, variant, options):
                print(
                    f"{load:<13} {variant:<15}", *(f"{k} {v}" for k, v in row.items()), sep="  ", flush=True
                )
                results.append({"load": load, "variant": variant, **row})
    highest = ceilings()
    print("\none core at most:", *(f"{name} {value}" for name, value in highest.items()), sep="  ")
    settings = {"threads": options.threads, "ceilings": highest}
    print(json.dumps({"benchmark": "engine", **machine(), **settings, "results": results}))


if __name__ == "__main__":
    main()
