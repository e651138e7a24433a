"""One conversation on the wire: a chunk every 160 ms by the caller's own clock, whatever comes back."""

import asyncio
import math
from contextlib import suppress
from dataclasses import dataclass

from duplexsla.client import Client, Conversation
from duplexsla.clock import CHUNK_S
from duplexsla.errors import DuplexSLAError, Retriable
from duplexsla_loadtest.call_recorder import CallRecorder
from duplexsla_loadtest.metrics import MetricsRecorder
from duplexsla_loadtest.plan import Planned
from duplexsla_loadtest.self_check import SelfCheck
from duplexsla_loadtest.speaker import Speaker

MAX_RESTARTS = 3  # sessions in a row that were lost without a single reply between them
RESTART_S = 0.2


@dataclass(frozen=True, kw_only=True)
class CallerSettings:
    """How every caller behaves."""

    toolset: str = "home"
    satellite: str = "load-test"  # whoever speaks to one is at home
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
        recorder: CallRecorder,
        *,
        metrics: MetricsRecorder,
        self_check: SelfCheck,
        settings: CallerSettings,
    ) -> None:
        self._planned, self._home, self._settings = planned, home, settings
        self._speaker, self._recorder = speaker, recorder
        self._metrics, self._self_check = metrics, self_check
        self._replied = asyncio.Event()
        self._first_due_s: float | None = None  # set by the first stream that opens
        self._number = 0  # the chunk that is due next
        self._replied_s = 0.0  # the newest chunk
        self._failures = 0  # sessions lost in a row

    async def call(self, client: Client) -> str:
        """How it ended: "ok", "refused CODE" or "failed CODE" with a code of `duplexsla.errors`."""
        try:
            async with asyncio.timeout(self._planned.chunks * CHUNK_S + self._settings.close_s):
                return await self._call(client)
        except TimeoutError:
            return "failed unclosed"
        except DuplexSLAError as error:
            return f"failed {error.code}"
        finally:
            self._skip_missed(self._planned.chunks)
            self._recorder.close(self._self_check.now())

    async def _call(self, client: Client) -> str:
        requested_s = self._self_check.now()
        while not self._recorder.closed:
            try:
                await self._one_session(client, requested_s)
            except DuplexSLAError as error:
                if self._first_due_s is None:
                    self._metrics.time(
                        requested_s, "refusal", 1e3 * (self._self_check.now() - requested_s), always=True
                    )
                    return f"refused {error.code}"
                await self._on_session_lost(error)
        return "ok"

    async def _one_session(self, client: Client, requested_s: float) -> None:
        """One stream, from its opening to its end; raises what ended it before all was said."""
        async with client.converse(
            self._home, toolset=self._settings.toolset, satellite=self._settings.satellite
        ) as conversation:
            now = self._self_check.now()
            if self._first_due_s is None:
                self._metrics.time(requested_s, "open", 1e3 * (now - requested_s), always=True)
                self._first_due_s = now + CHUNK_S
            else:
                self._skip_missed(math.ceil((now - self._first_due_s) / CHUNK_S))
            self._recorder.open(conversation.opened)
            sending = asyncio.create_task(self._send(conversation, self._first_due_s))
            try:
                await self._receive(conversation)
            finally:
                sending.cancel()
                with suppress(asyncio.CancelledError, Retriable):  # the receiver raises the reason
                    await sending
                self._recorder.lose()

    async def _send(self, conversation: Conversation, first_due_s: float) -> None:
        ready_s, streams = self._self_check.now(), 0
        while self._number < self._planned.chunks:
            due_s = first_due_s + self._number * CHUNK_S
            await asyncio.sleep(due_s - self._self_check.now())
            self._self_check.sent(due_s, ready_s)
            await self._wait_for_replies(due_s)
            samples, utterance = self._speaker.next()
            if conversation.reconnects > streams:
                streams = conversation.reconnects
                self._recorder.resumed(conversation.opened.next_chunk)
            self._recorder.sent(due_s, utterance)
            self._number += 1
            undelivered = conversation.unheard_bytes
            await conversation.send(samples)
            if conversation.unheard_bytes > undelivered:
                self._recorder.undelivered()
            ready_s = self._self_check.now()
        await conversation.end()

    async def _wait_for_replies(self, due_s: float) -> None:
        if self._recorder.in_flight >= self._settings.in_flight:
            self._metrics.count(due_s, "deferrals")
        while self._recorder.in_flight >= self._settings.in_flight:
            self._replied.clear()
            await self._replied.wait()

    async def _receive(self, conversation: Conversation) -> None:
        streams = 0
        async for response in conversation:
            now = self._self_check.now()
            self._recorder.take(response, now)
            self._replied.set()
            if response.HasField("chunk"):
                lost = self._failures + conversation.reconnects - streams
                if lost:
                    self._metrics.count(now, "reconnects", conversation.reconnects - streams)
                    self._metrics.time(now, "outage", 1e3 * (now - self._replied_s))
                self._replied_s, self._failures, streams = now, 0, conversation.reconnects
        if not self._recorder.closed:
            raise Retriable("the stream ended before it was closed")

    async def _on_session_lost(self, error: DuplexSLAError) -> None:
        """Begins a lost session anew; raises `error` when it cannot be."""
        self._failures += 1
        over = self._number >= self._planned.chunks
        if over or not isinstance(error, Retriable) or self._failures > MAX_RESTARTS:
            raise error
        self._metrics.count(self._self_check.now(), "restarts")
        await asyncio.sleep(RESTART_S)

    def _skip_missed(self, number: int) -> None:
        """Chunks below `number` that were due while no stream could take them are lost."""
        if self._first_due_s is None:
            return
        for each in range(self._number, min(number, self._planned.chunks)):
            self._recorder.skip(self._first_due_s + each * CHUNK_S)
        self._number = max(self._number, number)
