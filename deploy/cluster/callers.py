"""Simulated callers who talk all through a scenario, and what they measured: gaps, reconnects, drops."""

import asyncio
import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from duplexsla.client import Client, Conversation, connect, read_wav
from duplexsla.clock import CHUNK_BYTES, CHUNK_S
from duplexsla.errors import DuplexSLAError, Retriable
from duplexsla.runtime.checkout import ROOT
from duplexsla.v1.action_pb2 import OUTCOME_STATE_DONE

RECORDING = ROOT / "examples" / "turn_on_the_kitchen_light.wav"
EVERY_CHUNKS = 75  # a caller asks for something every 12 s
AGAIN_S = 0.5


@dataclass
class CallStats:
    """By all callers together; `gap_ms` is the longest time without a chunk of a call that went on."""

    calls: int = 0
    chunks: int = 0
    dropped: int = 0
    refused: int = 0
    reconnects: int = 0
    gap_ms: float = 0.0
    actions_done: int = 0
    reasons: list[str] = field(default_factory=list)


class Callers:
    """`with Callers(address, count) as callers:` they talk; afterwards `callers.stats` is complete."""

    def __init__(self, address: str, count: int, *, home: str = "demo") -> None:
        self._address, self._count, self._home = address, count, home
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._talk()), name="callers")
        self.stats = CallStats()

    def __enter__(self) -> "Callers":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def wait_for_chunks(self, chunks: int, *, limit_s: float = 60) -> bool:
        """Waits until all together have received so many more; whether they have."""
        wanted, deadline = self.stats.chunks + chunks, time.monotonic() + limit_s
        while self.stats.chunks < wanted and time.monotonic() < deadline:
            time.sleep(0.1)
        return self.stats.chunks >= wanted

    async def _talk(self) -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(self._count):
                group.create_task(self._call_again(number))

    async def _call_again(self, number: int) -> None:
        """One caller, on a connection of its own: one call, and another one when it was lost."""
        await asyncio.sleep(number * CHUNK_S / self._count)
        while not self._stopping.is_set():
            async with connect(self._address) as client:
                await self._call(client, number)
            if not self._stopping.is_set():
                await asyncio.sleep(AGAIN_S)

    async def _call(self, client: Client, number: int) -> None:
        opened = False
        try:
            async with client.converse(self._home) as conversation:
                opened = True
                self.stats.calls += 1
                sending = asyncio.create_task(self._send(conversation, number))
                try:
                    await self._receive(conversation)
                finally:
                    sending.cancel()
                    with suppress(asyncio.CancelledError, DuplexSLAError):
                        await sending
                    self.stats.reconnects += conversation.reconnects
        except (DuplexSLAError, TimeoutError) as error:
            self.stats.dropped += opened
            self.stats.refused += not opened
            self.stats.reasons.append(f"{type(error).__name__}: {error}"[:160])

    async def _receive(self, conversation: Conversation) -> None:
        last_s = time.monotonic()
        async for response in conversation:
            now_s = time.monotonic()
            if response.HasField("chunk"):
                self.stats.chunks += 1
                self.stats.gap_ms = max(self.stats.gap_ms, (now_s - last_s) * 1e3)
                last_s = now_s
            elif response.HasField("outcome"):
                self.stats.actions_done += response.outcome.state == OUTCOME_STATE_DONE

    async def _send(self, conversation: Conversation, number: int) -> None:
        """A chunk every 160 ms by the caller's own clock, until it is time to stop."""
        due_s, sound = time.monotonic(), _sound(number)
        while not self._stopping.is_set():
            await asyncio.sleep(max(0.0, due_s - time.monotonic()))
            with suppress(Retriable):  # the receiving side learns why
                await conversation.send(next(sound))
            due_s += CHUNK_S
        with suppress(Retriable):
            await conversation.end()


def _sound(number: int) -> Iterator[bytes]:
    """A request every 12 s, silence between; callers do not speak at the same time."""
    samples = read_wav(RECORDING)
    spoken = [samples[at : at + CHUNK_BYTES] for at in range(0, len(samples) - CHUNK_BYTES + 1, CHUNK_BYTES)]
    silent = [bytes(CHUNK_BYTES)]
    turn = [*spoken, *silent * (EVERY_CHUNKS - len(spoken))]
    return itertools.chain(silent * (7 * number % EVERY_CHUNKS), itertools.cycle(turn))
