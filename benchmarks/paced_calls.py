"""Live callers for benchmarks: each sends a chunk every 160 ms at its own phase; latency from the scheduled
send.
"""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from duplexsla.client import Client, connect
from duplexsla.clock import CHUNK_BYTES, CHUNK_MS, CHUNK_S
from duplexsla.v1.session_pb2 import NOTICE_KIND_AUDIO_GAP, ConverseResponse

WARM_UP_CHUNKS = 12
LEAD_S = 0.5  # for all sessions to open


@dataclass
class Call:
    """What one caller saw."""

    arrived_s: dict[int, float] = field(default_factory=dict)  # chunk index -> seconds after the first send
    step_ms: list[float] = field(default_factory=list)  # as the gateway measured it
    concealed: set[int] = field(default_factory=set)
    losses: list[tuple[int, int]] = field(default_factory=list)  # chunk, how many were dropped before it
    calls: int = 0  # actions

    def add(self, response: ConverseResponse, now_s: float) -> None:
        if response.HasField("chunk"):
            self.arrived_s[response.chunk.index] = now_s
            self.step_ms.append(response.chunk.step_us / 1e3)
            self.calls += len(response.chunk.actions)
        elif response.notice.kind == NOTICE_KIND_AUDIO_GAP:
            gap = response.notice
            self.concealed.update(range(gap.first_chunk, gap.first_chunk + gap.chunks))
            self.losses.append((gap.first_chunk, gap.samples * 2 // CHUNK_BYTES - gap.chunks))

    @property
    def lost(self) -> int:
        return sum(lost for _, lost in self.losses)

    def latency_ms(self) -> list[float]:
        """Of the chunks that were heard, in their order."""
        heard = [row for row in sorted(self.arrived_s.items()) if row[0] not in self.concealed]
        rows = []
        for rank, (index, at) in enumerate(heard):
            sent = rank + sum(lost for first, lost in self.losses if first <= index)
            rows.append(1e3 * (at - sent * CHUNK_S))
        return rows[WARM_UP_CHUNKS:]


async def live_call(client: Client, home: str, first_s: float, chunks: Sequence[bytes]) -> Call:
    """One caller whose first chunk leaves at `first_s` (time.monotonic)."""
    call = Call()
    async with client.converse(home) as conversation:

        async def send() -> None:
            for index, chunk in enumerate(chunks):
                await asyncio.sleep(first_s + index * CHUNK_S - time.monotonic())
                await conversation.send(chunk)
            await conversation.end()

        sending = asyncio.create_task(send())
        async for response in conversation:
            call.add(response, time.monotonic() - first_s)
        await sending
    return call


async def live_calls(
    address: str, sounds: Sequence[Sequence[bytes]], *, homes: Sequence[str], together: bool = False
) -> list[Call]:
    """One caller per sound, all at once, at random phases unless `together`."""
    dice, start_s = random.Random(0), time.monotonic() + LEAD_S
    async with connect(address) as client:
        phases = [0.0 if together else dice.random() * CHUNK_S for _ in sounds]
        rows = zip(sounds, homes, phases, strict=True)
        return await asyncio.gather(*(live_call(client, home, start_s + at, each) for each, home, at in rows))


def figures(calls: Sequence[Call]) -> dict[str, float]:
    """Percentiles over all callers, and what did not go well."""
    latency = np.array([row for call in calls for row in call.latency_ms()])
    p50, p90, p99, most = np.percentile(latency, [50, 90, 99, 100])
    return {
        "sessions": len(calls),
        "chunks": latency.size,
        "p50_ms": _round(p50),
        "p90_ms": _round(p90),
        "p99_ms": _round(p99),
        "max_ms": _round(most),
        "misses": int((latency > CHUNK_MS).sum()),
        "concealed": sum(len(call.concealed) for call in calls),
        "lost": sum(call.lost for call in calls),
    }


def noise(seed: int, chunks: int) -> list[bytes]:
    """Chunks of noise as loud as speech."""
    rng = np.random.default_rng(seed)
    sound: NDArray[np.int16] = rng.integers(-3_000, 3_000, chunks * CHUNK_BYTES // 2).astype(np.int16)
    return cut(sound.tobytes())


def cut(samples: bytes) -> list[bytes]:
    """Whole chunks of a recording."""
    return [samples[at : at + CHUNK_BYTES] for at in range(0, len(samples) - CHUNK_BYTES + 1, CHUNK_BYTES)]


def _round(value: float) -> float:
    return round(float(value), 2)
