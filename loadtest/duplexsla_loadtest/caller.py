"""One conversation on the wire: a chunk every 160 ms by the caller's own clock, whatever comes back."""

import asyncio
import math
from contextlib import suppress
from dataclasses import dataclass

from duplexsla.client import Client, Conversation
from duplexsla.clock import CHUNK_S
from duplexsla.errors import DuplexSLAError, Retriable
from duplexsla_loadtest.call_recorder import CallRecorder
from duplexsla_loadtest.metrics import MetricSheet
from duplexsla_loadtest.plan import Planned
from duplexsla_loadtest.self_check import SelfCheck
from duplexsla_loadtest.speaker import Speaker

RESTARTS = 3  # sessions in a row that were lost without a single reply between them
RESTART_S = 0.2


@dataclass(frozen=True)
class CallerTerms:
    """How every caller behaves."""

    toolset: str = "home"
    in_flight: int = 32  # chunks without a reply; more are held back and counted
    buffer_ms: float = 160.0  # of the listener's loudspeaker
    close_s: float = 30.0  # for the last replies and outcomes


class Caller:
    """Plays one planned conversation; `call` says how it ended."""

    def __init__(
        self,
        planned: Planned,
        home: str,
        speaker: Speaker,
        listener: CallRecorder,
        *,
        sheet: MetricSheet,
        own: SelfCheck,
        terms: CallerTerms,
    ) -> None:
        self._planned, self._home, self._terms = planned, home, terms
        self._speaker, self._listener, self._sheet, self._own = speaker, listener, sheet, own
        self._room = asyncio.Event()
        self._first_due_s: float | None = None  # set by the first stream that opens
        self._number = 0  # the chunk that is due next
        self._heard_s = 0.0  # the newest chunk
        self._failures = 0  # sessions lost in a row

    async def call(self, client: Client) -> str:
        """How it ended: "ok", "refused CODE" or "failed CODE" with a code of `duplexsla.errors`."""
        try:
            async with asyncio.timeout(self._planned.chunks * CHUNK_S + self._terms.close_s):
                return await self._call(client)
        except TimeoutError:
            return "failed unclosed"
        except DuplexSLAError as error:
            return f"failed {error.code}"
        finally:
            self._skip_missed(self._planned.chunks)
            self._listener.close(self._own.now())

    async def _call(self, client: Client) -> str:
        asked_s = self._own.now()
        while not self._listener.closed:
            try:
                await self._leg(client, asked_s)
            except DuplexSLAError as error:
                if self._first_due_s is None:
                    self._sheet.time(asked_s, "refusal", 1e3 * (self._own.now() - asked_s), always=True)
                    return f"refused {error.code}"
                await self._lost(error)
        return "ok"

    async def _leg(self, client: Client, asked_s: float) -> None:
        """One stream, from its opening to its end; raises what ended it before all was said."""
        async with client.converse(self._home, toolset=self._terms.toolset) as conversation:
            now = self._own.now()
            if self._first_due_s is None:
                self._sheet.time(asked_s, "open", 1e3 * (now - asked_s), always=True)
                self._first_due_s = now + CHUNK_S
            else:
                self._skip_missed(math.ceil((now - self._first_due_s) / CHUNK_S))
            self._listener.open(conversation.opened)
            speaking = asyncio.create_task(self._speak(conversation, self._first_due_s))
            try:
                await self._hear(conversation)
            finally:
                speaking.cancel()
                with suppress(asyncio.CancelledError, Retriable):  # reading has told why
                    await speaking
                self._listener.lose()

    async def _speak(self, conversation: Conversation, first_due_s: float) -> None:
        could_s, streams = self._own.now(), 0
        while self._number < self._planned.chunks:
            due_s = first_due_s + self._number * CHUNK_S
            await asyncio.sleep(due_s - self._own.now())
            self._own.sent(due_s, could_s)
            await self._wait_for_room(due_s)
            samples, turn = self._speaker.next()
            if conversation.reconnects > streams:
                streams = conversation.reconnects
                self._listener.resumed(conversation.opened.next_chunk)
            self._listener.sent(due_s, turn)
            self._number += 1
            unheard = conversation.unheard_bytes
            await conversation.send(samples)
            if conversation.unheard_bytes > unheard:
                self._listener.unheard()
            could_s = self._own.now()
        await conversation.end()

    async def _wait_for_room(self, due_s: float) -> None:
        if self._listener.in_flight >= self._terms.in_flight:
            self._sheet.count(due_s, "deferrals")
        while self._listener.in_flight >= self._terms.in_flight:
            self._room.clear()
            await self._room.wait()

    async def _hear(self, conversation: Conversation) -> None:
        streams = 0
        async for response in conversation:
            now = self._own.now()
            self._listener.take(response, now)
            self._room.set()
            if response.HasField("chunk"):
                lost = self._failures + conversation.reconnects - streams
                if lost:
                    self._sheet.count(now, "reconnects", conversation.reconnects - streams)
                    self._sheet.time(now, "outage", 1e3 * (now - self._heard_s))
                self._heard_s, self._failures, streams = now, 0, conversation.reconnects
        if not self._listener.closed:
            raise Retriable("the stream ended before it was closed")

    async def _lost(self, error: DuplexSLAError) -> None:
        """The session was lost, and is begun anew; raises `error` when that makes no sense."""
        self._failures += 1
        over = self._number >= self._planned.chunks
        if over or not isinstance(error, Retriable) or self._failures > RESTARTS:
            raise error
        self._sheet.count(self._own.now(), "restarts")
        await asyncio.sleep(RESTART_S)

    def _skip_missed(self, number: int) -> None:
        """Chunks below `number` that were due while nobody could hear them are lost."""
        if self._first_due_s is None:
            return
        for each in range(self._number, min(number, self._planned.chunks)):
            self._listener.skip(self._first_due_s + each * CHUNK_S)
        self._number = max(self._number, number)
