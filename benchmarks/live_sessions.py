"""One engine under live sessions, each with its own phase, on a virtual clock.

A tick takes whoever has arrived when the engine is free, as Triton's batcher does. Its length is the
processor time that its thread used, so that a busy machine does not lengthen it: the figures are those of one
free core.
"""

import random
import time
from collections.abc import Sequence

import numpy as np
from benchmarks.scripted_sessions import Reader, Script, open_scripted
from numpy.typing import NDArray

from duplexsla.clock import CHUNK_MS, CHUNK_SAMPLES
from duplexsla.engine.engine import Engine, StepInput
from duplexsla.report.percentile import percentile

WARM_UP_S = 20.0  # until all rings are full
MAX_BATCH = 64
SOUNDS = 64


def noise(count: int) -> NDArray[np.int16]:
    """[count, 2560], as loud as speech."""
    return np.random.default_rng(0).integers(-3_000, 3_000, (count, CHUNK_SAMPLES)).astype(np.int16)


class Live:
    """Sessions that send a chunk every 160 ms, and the engine that answers them. Times are virtual, in ms."""

    def __init__(self, engine: Engine, scripts: Sequence[Script], *, delay_ms: float) -> None:
        self.engine, self._delay_ms = engine, delay_ms
        self._readers: dict[int, Reader] = open_scripted(engine, scripts)
        self._rng, self._sounds = random.Random(0), noise(SOUNDS)
        self._due = {session: self._rng.random() * CHUNK_MS for session in self._readers}
        self.now_ms = 0.0

    def tick(self) -> tuple[float, list[float]]:
        """One tick of the engine: its length, and the latency of every chunk that it answers."""
        began_ms = max(self.now_ms, min(self._due.values()) + self._delay_ms)
        here = sorted((at, session) for session, at in self._due.items() if at <= began_ms)[:MAX_BATCH]
        inputs = [self._chunk(session) for _, session in here]
        cpu_s = time.thread_time()
        self.engine.step(inputs)
        tick_ms = (time.thread_time() - cpu_s) * 1e3
        self.now_ms = began_ms + tick_ms
        self._due |= {session: at + CHUNK_MS for at, session in here}
        return tick_ms, [self.now_ms - at for at, _ in here]

    def _chunk(self, session: int) -> StepInput:
        return StepInput(
            session, self._sounds[self._rng.randrange(SOUNDS)], self._readers[session].next_chunk()
        )


def paced(engine: Engine, scripts: Sequence[Script], *, seconds: float, delay_ms: float) -> dict[str, float]:
    """Latency from arrival to answer over `seconds` of the sessions' time, and what it took."""
    live = Live(engine, scripts, delay_ms=delay_ms)
    while live.now_ms < WARM_UP_S * 1e3:
        live.tick()
    began_ms, before = live.now_ms, engine.work
    ticks, latencies = [], []
    while live.now_ms < began_ms + seconds * 1e3:
        tick_ms, answered = live.tick()
        ticks.append(tick_ms)
        latencies += answered
    work, (p50, p99) = engine.work - before, (percentile(latencies, rank) for rank in (50, 99))
    figures = {
        "p50_ms": p50,
        "p99_ms": p99,
        "late": np.mean(np.array(latencies) > CHUNK_MS),
        "busy": sum(ticks) / (live.now_ms - began_ms),
        "batch": len(latencies) / len(ticks),
        "tick_p99_ms": percentile(ticks, 99),
        "cpu_per_chunk_ms": sum(ticks) / len(latencies),
        "passes_per_chunk": work.chunk_passes / work.chunks,
        "silent_share": work.silent_chunks / work.chunks,
        "passes_per_silent_chunk": work.silent_passes / max(1, work.silent_chunks),
    }
    return {name: round(float(value), 3) for name, value in figures.items()}
