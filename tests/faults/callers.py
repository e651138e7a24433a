"""Live calls with the client library: what each of them heard and when, in memory and in the history."""

import asyncio
import itertools
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from duplexsla.client import Conversation, connect, read_wav
from duplexsla.clock import CHUNK_BYTES, CHUNK_MS, CHUNK_S, CHUNK_SAMPLES
from duplexsla.enum_names import enum_name
from duplexsla.errors import DuplexSLAError, Retriable
from duplexsla.history import HistoryLog, events
from duplexsla.v1.action_pb2 import OutcomeState
from duplexsla.v1.session_pb2 import (
    NOTICE_KIND_AUDIO_GAP,
    NOTICE_KIND_CHUNKS_DROPPED,
    NOTICE_KIND_DECODER_CHANGED,
    NOTICE_KIND_RESUMED,
    ConverseResponse,
    Notice,
)

RECORDINGS = sorted((Path(__file__).parents[2] / "examples").glob("*.wav"))
PAUSE_CHUNKS = 25  # 4 s after each recording, in which the reply is said
CLOSE_S = 30.0


@dataclass
class Heard:
    """What one caller noticed. Times are seconds of time.monotonic."""

    home: str
    session: int = 0
    asked_at: float = 0.0
    opened_at: float = 0.0
    chunks: list[tuple[float, int, float]] = field(default_factory=list)  # (arrived, index, step ms)
    outcomes: list[tuple[float, str, str]] = field(default_factory=list)  # (told, action, state)
    actions: list[str] = field(default_factory=list)  # ids of calls that the model wrote
    changed: list[tuple[float, int]] = field(default_factory=list)  # (told, gap ms) of another decoder
    came_back: list[float] = field(default_factory=list)  # told that the session goes on
    concealed: int = 0  # chunks
    lost: int = 0  # samples
    dropped: int = 0  # chunks
    forgotten: int = 0  # chunks that a new owner does not know
    misses: int = 0  # as the server counts them
    reconnects: int = 0
    sent: int = 0  # samples
    answered: int = 0  # chunks, as the server counts them
    error: str = ""  # code of what ended it; "" in order
    ended_at: float = 0.0

    def steps_ms(self, since: float = 0.0, till: float = float("inf")) -> list[float]:
        return [step_ms for at, _, step_ms in self.chunks if since <= at < till]

    def gap_s(self, since: float, till: float = float("inf")) -> float:
        """The longest wait for a chunk in this time, beyond the 160 ms that one lasts; inf: it never came."""
        times = [at for at, _, _ in self.chunks]
        waits = [b - a for a, b in itertools.pairwise(times) if b > since and a < till]
        return max(0.0, max(waits, default=float("inf")) - CHUNK_S)


class Caller:
    """One call, from its opening to its end."""

    def __init__(
        self,
        gateways: Sequence[str],
        home: str,
        history: HistoryLog,
        *,
        phase: int = 0,
        sound: Iterator[bytes] | None = None,
        satellite: str = "hall",
    ) -> None:
        """`gateways` are host:port, the first one first; callers of another `phase` say something else, and
        those with a `sound` of their own that, in chunks.
        """
        self._gateways, self._history, self._satellite = gateways, history, satellite
        self._sound = _sound(phase) if sound is None else sound
        self.heard = Heard(home)
        self.reads = asyncio.Event()  # cleared: it speaks on, and takes nothing
        self.reads.set()

    async def call(self, over: asyncio.Event) -> Heard:
        """Speaks until told that it is over; what ended it otherwise is in `error`.

        Cancelled, it has gone without a word: nothing of its end is known.
        """
        heard = self.heard
        heard.asked_at = time.monotonic()
        try:
            async with (
                connect(*self._gateways) as client,
                client.converse(heard.home, satellite=self._satellite) as conversation,
            ):
                heard.session, heard.opened_at = conversation.opened.session_id, time.monotonic()
                self._history.write(events.call_opened(heard.session, home=heard.home))
                await self._converse(conversation, over)
        except DuplexSLAError as error:
            heard.error = error.code
        except TimeoutError:
            heard.error = "unclosed"
        heard.ended_at = time.monotonic()
        if heard.session:
            self._history.write(self._ended())
        return heard

    async def _converse(self, conversation: Conversation, over: asyncio.Event) -> None:
        speaking = asyncio.create_task(self._speak(conversation, over))
        try:
            async with asyncio.timeout(None) as patience:
                closing = asyncio.create_task(_expire(patience, over))
                try:
                    async for message in conversation:
                        self._take(message)
                        await self.reads.wait()
                finally:
                    closing.cancel()
        finally:
            speaking.cancel()
            with suppress(asyncio.CancelledError, DuplexSLAError):
                await speaking
            self.heard.reconnects = conversation.reconnects

    async def _speak(self, conversation: Conversation, over: asyncio.Event) -> None:
        start = time.monotonic()
        for number, chunk in enumerate(self._sound, 1):
            await asyncio.sleep(max(0.0, start + number * CHUNK_S - time.monotonic()))
            if over.is_set():
                break
            unheard = conversation.unheard_bytes
            with suppress(Retriable):
                await conversation.send(chunk)
            if conversation.unheard_bytes == unheard:
                self.heard.sent += CHUNK_SAMPLES
        with suppress(Retriable):
            await conversation.end()

    def _take(self, message: ConverseResponse) -> None:
        heard, now = self.heard, time.monotonic()
        kind = message.WhichOneof("message")
        if kind == "chunk":
            heard.actions += [each.id for each in message.chunk.actions if each.id not in heard.actions]
            heard.chunks.append((now, message.chunk.index, message.chunk.step_us / 1e3))
            self._history.write(events.chunk_received(heard.session, message.chunk.index))
        elif kind == "outcome":
            state = enum_name(OutcomeState, message.outcome.state)
            heard.outcomes.append((now, message.outcome.action_id, state))
            told = events.outcome_received(message.outcome.action_id, session=heard.session, state=state)
            self._history.write(told)
        elif kind == "notice":
            self._notice(message.notice, now)
        elif kind == "closed":
            heard.misses, heard.answered = message.closed.deadline_misses, message.closed.chunks

    def _notice(self, notice: Notice, now: float) -> None:
        heard = self.heard
        if notice.kind == NOTICE_KIND_AUDIO_GAP:
            heard.concealed += notice.chunks
            heard.lost += notice.samples - notice.chunks * CHUNK_SAMPLES
        elif notice.kind == NOTICE_KIND_DECODER_CHANGED:
            heard.changed.append((now, notice.gap_ms))
        elif notice.kind == NOTICE_KIND_CHUNKS_DROPPED:
            heard.dropped += notice.chunks
            self._gap(notice.first_chunk, notice.chunks)
        elif notice.kind == NOTICE_KIND_RESUMED:
            heard.came_back.append(now)
            heard.forgotten += notice.chunks
            self._gap(notice.first_chunk - notice.chunks, notice.chunks)

    def _gap(self, first_chunk: int, chunks: int) -> None:
        session = self.heard.session
        self._history.write(
            events.gap_received(session, what="chunks", first_chunk=first_chunk, chunks=chunks)
        )

    def _ended(self) -> events.Row:
        heard = self.heard
        return events.call_ended(
            heard.session,
            code=heard.error,
            streams=1 + heard.reconnects,
            sent=heard.sent,
            answered=heard.answered * CHUNK_SAMPLES,
            concealed=heard.concealed * CHUNK_SAMPLES,
            lost=heard.lost,
        )


def late(calls: Sequence[Heard]) -> int:
    """Chunks that took longer than they last."""
    return sum(step_ms > CHUNK_MS for call in calls for step_ms in call.steps_ms())


async def _expire(patience: asyncio.Timeout, over: asyncio.Event) -> None:
    """Whoever said that it is over is not kept waiting."""
    await over.wait()
    patience.reschedule(asyncio.get_running_loop().time() + CLOSE_S)


def _sound(phase: int) -> Iterator[bytes]:
    """All recordings in turn, for ever, begun at another one, each followed by a pause. Chunks."""
    pause = [bytes(CHUNK_BYTES)] * PAUSE_CHUNKS
    order = RECORDINGS[phase % len(RECORDINGS) :] + RECORDINGS[: phase % len(RECORDINGS)]
    turns = [[*_cut(read_wav(path)), *pause] for path in order]
    return itertools.chain.from_iterable(itertools.cycle(turns))


def _cut(samples: bytes) -> list[bytes]:
    return [samples[at : at + CHUNK_BYTES] for at in range(0, len(samples) - CHUNK_BYTES + 1, CHUNK_BYTES)]
