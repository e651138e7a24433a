"""One session that runs on this gateway: its state, and what may be done to it without waiting."""

import asyncio
import time
from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

from opentelemetry.trace import Span

from duplexsla.errors import BrokerLost, DecoderLost, ProtocolError
from duplexsla.gateway.actions import ActionBus
from duplexsla.gateway.bell import Bell
from duplexsla.gateway.counts import Counts
from duplexsla.gateway.decoder import DecoderStream
from duplexsla.session.backlog import Backlog, Outbox
from duplexsla.session.chunker import Chunker
from duplexsla.session.clocks import FileClock, LiveClock, SessionClock
from duplexsla.session.conversation import Conversation
from duplexsla.session.gaps import AudioGaps, DroppedChunks
from duplexsla.session.inbound import Inbound
from duplexsla.session.store import Lease
from duplexsla.telemetry import SessionTrace, Telemetry, names
from duplexsla.v1.action_pb2 import ActionEvent, ActionOutcome
from duplexsla.v1.session_pb2 import ConverseResponse

IN_FLIGHT = 2  # chunks at the decoder: one in its tick, one that waits for the next


@dataclass(frozen=True)
class Patience:
    """How long a session waits for others before it ends, s."""

    step_s: float = 5.0  # for the decoder's answer to one chunk
    stall_s: float = 30.0  # for the client to take one message
    idle_s: float = 60.0  # for the client to send anything
    last_words_s: float = 2.0  # for the client to read why its session failed


class InFlight(NamedTuple):
    """A chunk whose answer has not come yet. Times are seconds of time.monotonic."""

    chunk: int
    due: float
    concealed: bool
    span: Span


class LiveSession:
    """The state that the four directions of one session share. All of it is used on the event loop's
    thread.
    """

    def __init__(
        self,
        conversation: Conversation,
        inbound: Inbound,
        lease: Lease,
        decoder: DecoderStream,
        trace: SessionTrace,
        *,
        bus: ActionBus,
        counts: Counts,
        telemetry: Telemetry,
        patience: Patience,
    ) -> None:
        self.conversation, self.inbound, self.lease = conversation, inbound, lease
        self.decoder, self.trace = decoder, trace
        self.counts, self.patience = counts, patience
        self._bus, self._telemetry = bus, telemetry
        self.chunker = Chunker()
        self.backlog = Backlog()
        self.outbox = Outbox()
        self.gaps = AudioGaps()
        self.dropped = DroppedChunks()
        self.clock: SessionClock = LiveClock() if conversation.terms.live else FileClock()
        self.in_flight: deque[InFlight] = deque()
        self.next_chunk = 0
        self.audio_over = False  # the client sent its end
        self.sent_all = False  # every chunk is at the decoder
        self.spoken_all = False  # nothing more will be put into the outbox
        self.heard = Bell()  # for `pace`: audio came, or is over
        self.answered = Bell()  # for `pace`: a place in flight is free
        self.sent = Bell()  # for `answer`: a chunk is in flight, or all are sent
        self.outcome_told = Bell()  # for `answer`, at the end
        self.posted = Bell()  # for `deliver`: a message waits
        self.taken = Bell()  # for `hear` of a file session: the backlog has room
        self.delivered = Bell()  # for `answer` of a file session: the outbox has room
        self.failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.heard_at = time.monotonic()
        self.answered_at = 0.0  # the last chunk
        self.waiting_since: float | None = None  # for the decoder's answer
        self.writing_since: float | None = None  # a message to the client

    @property
    def live(self) -> bool:
        return self.conversation.terms.live

    def fail(self, error: Exception) -> None:
        """Ends the session with this error, from outside."""
        if not self.failure.done():
            self.failure.set_exception(error)

    def post(self, message: ConverseResponse) -> None:
        """Puts a message into the outbox; a full one drops its oldest chunk, declared."""
        dropped = self.outbox.put(message)
        if dropped is not None:
            self.dropped.add(dropped)
            self.counts.chunks_dropped += 1
        elif self.outbox.overflows:
            self.fail(ProtocolError("the client does not read its messages"))
        self.posted.ring()

    def tell(self, outcome: ActionOutcome) -> None:
        """An outcome of this session came back."""
        message = self.conversation.told(outcome)
        if message is not None:
            self.counts.outcomes += 1
            self.post(message)
            self.outcome_told.ring()

    def act(self, event: ActionEvent, step: Span) -> None:
        """Hands an action over to the bus; a Notice when that is impossible."""
        span = self._telemetry.start(names.SPAN_PUBLISH, parent=step, attributes=_action_attributes(event))
        try:
            self._bus.publish(event, span, lambda reason: self._not_handed_over(event, reason))
            self.counts.actions += 1
        except BrokerLost as error:
            span.end()
            self._not_handed_over(event, str(error))

    def check(self, now: float, now_ms: int) -> None:
        """Looks for whatever takes too long; called a few times a second."""
        wait = self.patience
        if self.waiting_since is not None and now - self.waiting_since > wait.step_s:
            self.fail(DecoderLost(f"decoder {self.decoder.address} has not answered for {wait.step_s:g} s"))
        if self.writing_since is not None and now - self.writing_since > wait.stall_s:
            self.fail(ProtocolError(f"the client has read nothing for {wait.stall_s:g} s"))
        if not self.audio_over and not self.backlog.full and now - self.heard_at > wait.idle_s:
            self.fail(ProtocolError(f"the client has sent nothing for {wait.idle_s:g} s"))
        for message in self.conversation.overdue(now_ms):
            self.post(message)
            self.outcome_told.ring()

    def _not_handed_over(self, event: ActionEvent, reason: str) -> None:
        self.counts.actions_unavailable += 1
        self.post(self.conversation.unavailable(event, reason))
        self.outcome_told.ring()


def _action_attributes(event: ActionEvent) -> dict[str, str]:
    return {
        names.ATTR_ACTION: event.action.id,
        names.ATTR_TOOL: event.action.function,
        names.ATTR_HOME: event.home,
    }
