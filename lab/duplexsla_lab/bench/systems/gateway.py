"""A deployed service: the gateway over gRPC, paced in real time or as fast as it answers.

A history is taken by hearing it. The bench is not asynchronous, the client is: each system has a loop in a
thread of its own. Paced, a chunk is sent when its last sample would have been spoken, and its answer is
waited for before the next one is due. The figures are those of the audio's clock, as for every system; the
answer times stand in the results file.
"""

import asyncio
import json
import threading
import time
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from typing import Any, Literal, TypeVar

import numpy as np

from duplexsla.client import Conversation, connect
from duplexsla.clock import CHUNK_S, CHUNK_SAMPLES
from duplexsla.errors import DecoderLost
from duplexsla_lab.bench.case import CaseTurn, Samples
from duplexsla_lab.bench.conversation import history_chunks
from duplexsla_lab.bench.event_log import LoggedCall
from duplexsla_lab.bench.system_interface import Output

T = TypeVar("T")


class GatewaySystem:
    """A conversation with the gateway at `address` (host:port) about `home`."""

    def __init__(self, address: str, *, home: str, paced: bool = False) -> None:
        self._address, self._home, self._paced = address, home, paced
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True, name="gateway system").start()
        self._resources: AsyncExitStack | None = None

    def reset(self, toolset: str) -> None:
        self.close()
        self._wait(self._open(toolset))

    def prefill(self, history: Sequence[CaseTurn]) -> None:
        for chunk in history_chunks([turn.samples() for turn in history]):
            self.step(chunk)
        self._first = self._chunk

    def step(self, samples: Samples) -> Output:
        answer = self._wait(self._exchange(samples))
        self._chunk += 1
        return self._read(answer)

    def close(self) -> None:
        if self._resources is not None:
            resources, self._resources = self._resources, None
            self._wait(resources.aclose())

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _open(self, toolset: str) -> None:
        clock: Literal["live", "file"] = "live" if self._paced else "file"
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(connect(self._address))
            self._conversation: Conversation = await stack.enter_async_context(
                client.converse(self._home, toolset=toolset, clock=clock)
            )
            self._resources = stack.pop_all()
        self._answers = aiter(self._conversation)
        self._chunk, self._first, self._start_s = 0, 0, time.monotonic()

    async def _exchange(self, samples: Samples) -> Any:
        """Sends a chunk -> its answer (a Chunk message); what the service says in between is not scored."""
        if self._paced:
            due_s = self._start_s + (self._chunk + 1) * CHUNK_S
            await asyncio.sleep(max(0.0, due_s - time.monotonic()))
        await self._conversation.send(samples.astype("<i2").tobytes())
        async for response in self._answers:
            if response.HasField("chunk") and response.chunk.index >= self._chunk:
                return response.chunk
        raise DecoderLost("the service ended the conversation")

    def _read(self, chunk: Any) -> Output:
        sound = np.frombuffer(chunk.sound, "<i2") if chunk.sound else np.zeros(CHUNK_SAMPLES, np.int16)
        calls = [each for each in chunk.actions if each.trigger_chunk >= self._first]
        return Output(
            sound=sound,
            labels=tuple(_label(chunk, number) for number in chunk.labels),
            calls=tuple(
                LoggedCall(
                    each.function,
                    json.loads(each.arguments_json),
                    each.trigger_chunk - self._first,
                    each.closed_chunk - self._first,
                )
                for each in calls
            ),
            transcript=chunk.transcript,
            said=chunk.text,
        )


def _label(chunk: Any, number: int) -> str:
    """LABEL_INTERRUPT of the wire is "interrupt"."""
    kind = chunk.DESCRIPTOR.fields_by_name["labels"].enum_type
    return str(kind.values_by_number[number].name).removeprefix("LABEL_").lower()
