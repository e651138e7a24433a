"""Time of one engine step by batch size: idle, ten action tokens, and everybody speaking.

    PYTHONPATH=services:. python benchmarks/engine.py [--batches 1 8 16 32] [--steps 60] [--threads 1]

Weights do not change the time, so no checkpoint is needed: the model has its default shapes, and what it says
is steered through its weights. Wall time is what a session feels; the processor time of the engine's thread
stands beside it, because a busy machine stretches the first much more. The last line is one JSON object.
"""

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from benchmarks.machine import machine
from torch.nn import functional as F

from duplexsla.clock import ACTION_BUDGET, CHUNK_SAMPLES
from duplexsla.engine.checkpoint import VOCABULARY_FILE
from duplexsla.engine.engine import Engine, StepInput
from duplexsla.model.backbone import NanoModel
from duplexsla.model.codec import Codec
from duplexsla.model.config import NanoConfig
from duplexsla.protocol import tokens
from duplexsla.protocol.vocabulary import Vocabulary, build_vocabulary
from duplexsla.tools import TOOLSETS

SHIPPED = Path("model_repository/duplexsla/1") / VOCABULARY_FILE
WARM_UP = 5  # steps
WORD = "a"
LOADS = {  # anchor of every chunk, what is written whenever there is a choice, action tokens of every chunk
    "idle": (tokens.VAD_SILENCE, tokens.ACTION_END, 0),
    "ten_actions": (tokens.VAD_SILENCE, WORD, ACTION_BUDGET),
    "speaking": (tokens.TTS_PAD, tokens.ACTION_END, 0),
}


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


def vocabulary_at_hand() -> Vocabulary:
    if SHIPPED.exists():
        return Vocabulary.load(SHIPPED)
    home = TOOLSETS["home"]
    words = (f"word{chr(97 + i % 26)}{i}" for i in range(2_000))
    return build_vocabulary(words, 1_500, home.function_names, home.argument_names)


def measure(engine: Engine, batch: int, *, actions: int, steps: int) -> list[tuple[float, float]]:
    """(wall ms, processor ms) of each step; every session writes `actions` tokens a chunk."""
    sessions = range(1, 1 + batch)
    for session in sessions:
        engine.open(session, "home")
    rng = np.random.default_rng(0)
    heard = rng.integers(-3_000, 3_000, (batch, CHUNK_SAMPLES)).astype(np.int16)
    inputs = [StepInput(s, heard[i]) for i, s in enumerate(sessions)]
    times = []
    for _ in range(WARM_UP + steps):
        wall, cpu = time.perf_counter(), time.thread_time()
        outputs = engine.step(inputs)
        times.append(((time.perf_counter() - wall) * 1e3, (time.thread_time() - cpu) * 1e3))
        assert all(len(output.action) == actions + 1 for output in outputs), outputs[0]
    for session in sessions:
        engine.close(session)
    return times[WARM_UP:]


def summary(times: Sequence[tuple[float, float]]) -> dict[str, float]:
    wall, cpu = np.array(times).T
    p50, p99 = np.percentile(wall, [50, 99])
    return {"p50_ms": round(p50, 2), "p99_ms": round(p99, 2), "cpu_p50_ms": round(float(np.median(cpu)), 2)}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 8, 16, 32])
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--loads", nargs="+", choices=list(LOADS), default=list(LOADS))
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    vocabulary, codec, results = vocabulary_at_hand(), Codec().eval(), []
    print(f"{'load':<12} {'batch':>5} {'p50 ms':>8} {'p99 ms':>8} {'cpu p50 ms':>10}")
    for load in options.loads:
        anchor, written, actions = LOADS[load]
        model = steered_model(vocabulary, anchor, written)
        engine = Engine(model, codec, vocabulary, {"home": TOOLSETS["home"]}, slots=max(options.batches))
        for batch in options.batches:
            row = summary(measure(engine, batch, actions=actions, steps=options.steps))
            results.append({"load": load, "batch": batch, **row})
            print(
                f"{load:<12} {batch:>5} {row['p50_ms']:>8} {row['p99_ms']:>8} {row['cpu_p50_ms']:>10}",
                flush=True,
            )
    print(json.dumps({"benchmark": "engine", **machine(), "threads": options.threads, "results": results}))


if __name__ == "__main__":
    main()
