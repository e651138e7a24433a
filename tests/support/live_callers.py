"""Live callers against real gateways and decoders, and what they noticed of a fault."""

import asyncio
import time
from dataclasses import dataclass, field
from pathlib import Path

from duplexsla.client import connect, read_wav
from duplexsla.clock import CHUNK_S
from duplexsla.errors import DuplexSLAError, Retriable
from duplexsla.v1.session_pb2 import (
    NOTICE_KIND_CHUNKS_DROPPED,
    NOTICE_KIND_DECODER_CHANGED,
    NOTICE_KIND_RESUMED,
    Notice,
)

RECORDING = Path(__file__).parents[2] / "examples" / "turn_on_the_kitchen_light.wav"
FRAME_BYTES = 1_280  # 40 ms


@dataclass
class Call:
    """What one caller heard. Times are seconds of time.monotonic."""

    chunks: list[tuple[float, int]] = field(default_factory=list)  # (arrived, index)
    notices: list[Notice] = field(default_factory=list)
    reconnects: int = 0
    error: str = ""

    @property
    def indexes(self) -> list[int]:
        return [index for _, index in self.chunks]

    def gap_s(self, since: float) -> float:
        """The longest wait for a chunk after `since`, beyond the 160 ms that one lasts."""
        times = [at for at, _ in self.chunks]
        waits = [b - a for a, b in zip(times, times[1:], strict=False) if b > since]
        return max(0.0, max(waits, default=99.0) - CHUNK_S)

    def undeclared(self) -> list[int]:
        """Chunks that neither came nor were said to be missing."""
        declared = {
            index
            for notice in self.notices
            if notice.kind in (NOTICE_KIND_CHUNKS_DROPPED, NOTICE_KIND_RESUMED)
            for index in _named(notice)
        }
        seen = set(self.indexes)
        return [index for index in range(max(seen, default=0)) if index not in seen | declared]

    def told(self, kind: int) -> int:
        return sum(notice.kind == kind for notice in self.notices)


def _named(notice: Notice) -> range:
    if notice.kind == NOTICE_KIND_RESUMED:  # the forgotten ones come before
        return range(notice.first_chunk - notice.chunks, notice.first_chunk)
    return range(notice.first_chunk, notice.first_chunk + notice.chunks)


async def call(gateways: list[str], home: str, until: asyncio.Event) -> Call:
    """Speaks in real time until told to stop, then hangs up."""
    made = Call()
    try:
        async with connect(*gateways) as client, client.converse(home) as conversation:
            speaking = asyncio.create_task(_speak(conversation))
            async for message in conversation:
                if until.is_set():
                    break
                if message.HasField("chunk"):
                    made.chunks.append((time.monotonic(), message.chunk.index))
                elif message.HasField("notice"):
                    made.notices.append(message.notice)
            speaking.cancel()
            made.reconnects = conversation.reconnects
    except DuplexSLAError as error:
        made.error = repr(error)
    return made


async def _speak(conversation: object) -> None:
    samples = read_wav(RECORDING)
    start, sent = time.monotonic(), 0
    while True:
        for at in range(0, len(samples) - FRAME_BYTES, FRAME_BYTES):
            sent += FRAME_BYTES
            await asyncio.sleep(max(0.0, start + sent / 32_000 - time.monotonic()))
            try:
                await conversation.send(samples[at : at + FRAME_BYTES])  # type: ignore[attr-defined]
            except Retriable:
                return


def told(name: str, calls: list[Call], since: float) -> str:
    """The figures of a fault, one line."""
    gaps = sorted(each.gap_s(since) for each in calls)
    changed = sum(each.told(NOTICE_KIND_DECODER_CHANGED) for each in calls)
    forgotten = sum(n.chunks for each in calls for n in each.notices if n.kind == NOTICE_KIND_RESUMED)
    p50, most = gaps[len(gaps) // 2] * 1e3, gaps[-1] * 1e3
    return (
        f"{name}: {len(calls)} calls, gap p50 {p50:.0f} ms, max {most:.0f} ms; "
        f"{changed} told of another decoder, {sum(each.reconnects for each in calls)} reconnects, "
        f"{forgotten} chunks forgotten"
    )
