"""One session that runs on this gateway: its state, and what may be done to it without waiting."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from opentelemetry.trace import INVALID_SPAN_CONTEXT, SpanContext

from duplexsla.clock import CHUNK_MS
from duplexsla.enum_names import enum_name
from duplexsla.errors import BrokerLost, DecoderLost, DuplexSLAError, ProtocolError, Retriable, StaleFence
from duplexsla.gateway.actions.bus import ActionBus
from duplexsla.gateway.call.standby import Standby
from duplexsla.gateway.call.wakeup import Wakeup
from duplexsla.gateway.decoders.client import DecoderStream
from duplexsla.gateway.decoders.pool import DecoderPool
from duplexsla.gateway.metrics import GatewayMetrics
from duplexsla.history import NO_HISTORY, HistoryLog, events
from duplexsla.history.events import Row
from duplexsla.session.backlog import Backlog, Outbox
from duplexsla.session.chunker import Chunker
from duplexsla.session.clocks import FileClock, LiveClock, SessionClock
from duplexsla.session.dialogue import Dialogue
from duplexsla.session.gaps import AudioGaps, DroppedChunks
from duplexsla.session.inbound import Inbound
from duplexsla.session.journal import Journal
from duplexsla.session.store.leases import Lease
from duplexsla.session.token import Token
from duplexsla.telemetry import SessionTrace, StepContext, Telemetry, names
from duplexsla.v1.action_pb2 import ActionEvent, ActionOutcome, Delivery, OutcomeState
from duplexsla.v1.session_pb2 import NOTICE_KIND_DECODER_CHANGED, ConverseResponse, Notice

IN_FLIGHT = 2  # chunks at the decoder: one in its tick, one that waits for the next


@dataclass(frozen=True)
class Timeouts:
    """How long a session waits for others, s."""

    step_s: float = 0.2  # for the decoder's answer, before its server is asked whether it lives
    probe_s: float = 0.16  # for that one's answer: three steps in all, with WATCH_S
    busy_s: float = 2.5  # for the answer of a decoder whose server lives
    start_s: float = 8.0  # for the first answer, before which a long past may be computed
    rebuild_s: float = 10.0  # for any decoder that goes on with a session
    stall_s: float = 30.0  # for the client to take one message
    idle_s: float = 60.0  # for the client to send anything
    park_s: float = 5.0  # for the client to come back, with its slot held
    last_words_s: float = 2.0  # for the client to read why its session failed


class InFlight(NamedTuple):
    """A chunk whose answer has not come yet. Times are seconds of time.monotonic."""

    chunk: int
    due: float
    concealed: bool
    step: StepContext
    samples: bytes
    forced: str


class Attachment:
    """One client's stream, as long as it is the session's."""

    def __init__(self) -> None:
        self.cut: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.gone = asyncio.Event()


class Call:
    """The state that the directions of one session share. All of it is used on the event loop's thread."""

    def __init__(
        self,
        conversation: Dialogue,
        lease: Lease,
        places: DecoderPool,
        trace: SessionTrace,
        *,
        bus: ActionBus,
        counts: GatewayMetrics,
        telemetry: Telemetry,
        patience: Timeouts,
        journal: Journal,
        history: HistoryLog = NO_HISTORY,
        save_soon: "Callable[[Call], None]" = lambda session: None,
        token: Token | None = None,
    ) -> None:
        """`token`: the client may come back with it. `save_soon` brings the journal into the archive."""
        self.conversation, self.lease, self.places = conversation, lease, places
        self.trace, self.counts, self.patience, self.history = trace, counts, patience, history
        self._bus, self._telemetry = bus, telemetry
        self.journal, self.save_soon, self.token = journal, save_soon, token
        self.decoder = places.stream(lease, conversation.terms.toolset)
        self.ladder = places.ladders.of(lease.decoder)
        self.inbound = Inbound()
        self.chunker = Chunker()
        self.backlog = Backlog()
        self.outbox = Outbox(keep_sent=token is not None)
        self.gaps = AudioGaps()
        self.dropped = DroppedChunks()
        self.clock: SessionClock
        self.restart_clock()
        self.in_flight: deque[InFlight] = deque()
        self.next_chunk = 0
        self.muted_below = 0  # chunks that the client has: decoded again for the model alone
        self.audio_over = False  # the client sent its end
        self.sent_all = False  # every chunk is at the decoder
        self.spoken_all = False  # nothing more will be put into the outbox
        self.hung_up = False  # the client has gone for good
        self.leaving = False  # it stops after the chunks in flight, to go on at another gateway
        self.heard = Wakeup()  # for `pace`: audio came, or is over
        self.answered = Wakeup()  # for `pace`: a place in flight is free, or the shadow came closer
        self.sent = Wakeup()  # for `answer`: a chunk is in flight, or all are sent
        self.outcome_told = Wakeup()  # at the end: an outcome came
        self.posted = Wakeup()  # for `deliver`: a message waits
        self.taken = Wakeup()  # for `hear` of a file session: the backlog has room
        self.delivered = Wakeup()  # for `answer` of a file session: the outbox has room
        loop = asyncio.get_running_loop()
        self.failure: asyncio.Future[Exception] = loop.create_future()
        self.lost: asyncio.Future[DecoderLost] = loop.create_future()  # the decoder, found from outside
        self.ended: asyncio.Future[DuplexSLAError | None] = loop.create_future()
        self.life: asyncio.Task[None] | None = None
        self.shadow: Standby | None = None
        self.migration: asyncio.Task[None] | None = None
        self.line: Attachment | None = None
        self.away_since: float | None = None  # no client
        self.heard_at = time.monotonic()
        self.answered_at = 0.0  # the last chunk
        self.waiting_since: float | None = None  # for the decoder's answer
        self.writing_since: float | None = None  # a message to the client
        self.starting = True  # the present decoder has not answered yet
        self.turn: asyncio.Semaphore | None = None  # held while it computes the past
        self.lost_since: float | None = None  # a decoder was lost, and no other has answered yet
        self.stored = 0  # chunks in the archive

    @property
    def live(self) -> bool:
        return self.conversation.terms.live

    @property
    def session_id(self) -> int:
        return self.lease.session_id

    @property
    def finished(self) -> bool:
        """It ended in a way that leaves nothing to come back to."""
        if self.hung_up:
            return True
        if not self.ended.done() or self.leaving:
            return False
        error = self.ended.result()
        return error is None or not isinstance(error, Retriable | StaleFence)

    def hang_up(self) -> None:
        """The client ends its stream, and with it the session."""
        self.hung_up = True
        if self.line is not None and not self.line.cut.done():
            self.line.cut.set_result(None)

    def attach(self, inbound: Inbound) -> Attachment:
        """A client's stream takes the session; nobody else has it."""
        assert self.line is None
        self.line, self.away_since, self.inbound = Attachment(), None, inbound
        self.chunker = Chunker()
        self.heard_at, self.writing_since = time.monotonic(), None
        return self.line

    def fail(self, error: Exception) -> None:
        """Ends the session with this error, from outside."""
        if not self.failure.done():
            self.failure.set_result(error)

    def lose_decoder(self, why: str) -> None:
        """Takes the session to another decoder, from outside."""
        if not self.lost.done():
            self.lost.set_result(DecoderLost(f"decoder {self.decoder.address} {why}"))

    def sit_down(self, stream: DecoderStream) -> None:
        """From now on this decoder is the session's."""
        self.decoder, self.waiting_since = stream, None
        self.ladder = self.places.ladders.of(stream.address)
        self.lost = asyncio.get_running_loop().create_future()

    def settled_in(self, chunk: int, now: float) -> None:
        """The present decoder gave its first answer; a gap that its predecessor left is declared."""
        self.starting = False
        self.give_turn_back()
        if self.lost_since is None:
            return
        gap_ms = int((now - (self.answered_at or self.lost_since)) * 1e3) - CHUNK_MS
        self.lost_since = None
        self.counts.rebuilt += 1
        self.counts.rebuild_gap_s.observe(max(0, gap_ms) / 1e3)
        self.history.write(moved(self, chunk, "rebuilt"))
        detail = "another decoder goes on with this session"
        notice = Notice(
            kind=NOTICE_KIND_DECODER_CHANGED, detail=detail, first_chunk=chunk, gap_ms=max(0, gap_ms)
        )
        self.post(ConverseResponse(notice=notice))

    def give_turn_back(self) -> None:
        if self.turn is not None:
            self.turn.release()
            self.turn = None

    def restart_clock(self) -> None:
        """Time stood still: the next audio is on time whenever it comes."""
        self.clock = LiveClock() if self.live else FileClock()

    def post(self, message: ConverseResponse) -> None:
        """Puts a message into the outbox; a full one drops its oldest chunk, declared."""
        dropped = self.outbox.put(message)
        if dropped is not None:
            self.dropped.add(dropped)
            self.counts.chunks_dropped += 1
            self.history.write(events.dropped("chunks_dropped", session=self.session_id))
        elif self.outbox.overflows:
            self.fail(ProtocolError("the client does not read its messages"))
        self.posted.ring()

    def tell(self, outcome: ActionOutcome) -> None:
        """An outcome of this session came back."""
        message = self.conversation.told(outcome)
        if message is not None:
            self.counts.outcomes += 1
            state = enum_name(OutcomeState, outcome.state)
            self.history.write(
                events.outcome_delivered(outcome.action_id, session=self.session_id, state=state)
            )
            self.post(message)
            self.outcome_told.ring()

    def act(self, event: ActionEvent, step: SpanContext = INVALID_SPAN_CONTEXT) -> None:
        """Hands an action over to the bus; a Notice when that is impossible."""
        span = self._telemetry.start(names.SPAN_PUBLISH, parent=step, attributes=_action_attributes(event))
        try:
            self._bus.publish(event, span, lambda reason: self._not_handed_over(event, reason))
            self.counts.actions += 1
            self.history.write(published(event))
        except BrokerLost as error:
            span.end()
            self._not_handed_over(event, str(error))

    def unanswered_s(self, now: float) -> float:
        """For how long the decoder has owed an answer."""
        return 0.0 if self.waiting_since is None else now - self.waiting_since

    def check(self, now: float, now_ms: int) -> None:
        """Looks for whatever takes too long; called several times a second."""
        wait = self.patience
        computes_past = self.starting and len(self.journal)
        if self.unanswered_s(now) > (wait.start_s if computes_past else wait.busy_s):
            self.lose_decoder(f"has not answered for {self.unanswered_s(now):.1f} s")
        if self.writing_since is not None and now - self.writing_since > wait.stall_s:
            self.fail(ProtocolError(f"the client has read nothing for {wait.stall_s:g} s"))
        listening = self.line is not None and not self.audio_over and not self.backlog.full
        if listening and now - self.heard_at > wait.idle_s:
            self.fail(ProtocolError(f"the client has sent nothing for {wait.idle_s:g} s"))
        for message in self.conversation.overdue(now_ms):
            self.post(message)
            self.outcome_told.ring()

    def leave(self) -> None:
        """Stops after the chunks in flight; the session goes on wherever its client comes back."""
        self.leaving = True
        self.heard.ring()
        self.answered.ring()

    def _not_handed_over(self, event: ActionEvent, reason: str) -> None:
        self.counts.actions_unavailable += 1
        self.history.write(events.action_unavailable(event.action.id, session=self.session_id))
        self.post(self.conversation.unavailable(event, reason))
        self.outcome_told.ring()


def moved(session: Call, chunk: int, why: str) -> Row:
    decoder = session.decoder
    return events.session_moved(
        session.session_id,
        fence=session.lease.fence,
        placement=decoder.placement,
        decoder=decoder.address,
        chunk=chunk,
        why=why,
    )


def published(event: ActionEvent) -> Row:
    return events.action_published(
        event.action.id,
        session=event.session_id,
        home=event.home,
        fence=event.fence,
        delivery=enum_name(Delivery, event.delivery),
        expires_at_ms=event.expires_at_ms,
    )


def _action_attributes(event: ActionEvent) -> dict[str, str]:
    return {
        names.ATTR_ACTION: event.action.id,
        names.ATTR_TOOL: event.action.function,
        names.ATTR_HOME: event.home,
    }
