"""A call: one session on this gateway. Its state, its parts, and what may be done to it without waiting."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from opentelemetry.trace import INVALID_SPAN_CONTEXT, SpanContext

from duplexsla.clock import CHUNK_MS
from duplexsla.enum_names import enum_name
from duplexsla.errors import (
    BadInput,
    BrokerLost,
    ClientSilent,
    DecoderLost,
    DuplexSLAError,
    ProtocolError,
    StaleFence,
)
from duplexsla.gateway.actions.bus import ActionBus, span_attributes
from duplexsla.gateway.call.rights import CallerRights, denied
from duplexsla.gateway.call.standby import InFlight, Standby
from duplexsla.gateway.call.state import OVER, CallEvent, CallState, after
from duplexsla.gateway.decoders.client import DecoderStream
from duplexsla.gateway.decoders.pool import DecoderLink, DecoderPool
from duplexsla.gateway.metrics import GatewayMetrics
from duplexsla.history import HistoryLog, events
from duplexsla.protocol.actions import code_proof
from duplexsla.runtime.tasks import Condition
from duplexsla.session.audio_input import AudioInput
from duplexsla.session.client_sound import ClientSound
from duplexsla.session.dialogue import Dialogue
from duplexsla.session.journal import Journal
from duplexsla.session.messages import Control, Inbound
from duplexsla.session.outbox import DroppedChunks, Outbox
from duplexsla.session.store.leases import Lease
from duplexsla.session.token import ResumeToken
from duplexsla.telemetry import SessionTrace, Telemetry, names
from duplexsla.v1.action_pb2 import ActionEvent, ActionOutcome, Delivery, OutcomeState
from duplexsla.v1.session_pb2 import (
    NOTICE_KIND_DECODER_CHANGED,
    NOTICE_KIND_NOT_SERVED,
    Attention,
    Confirm,
    ConverseResponse,
    Notice,
    Playback,
    Stop,
    Text,
)

LEAVING = CallState.LEAVING  # looked at in every step


@dataclass(frozen=True)
class Timeouts:
    """How long a call waits for others, s."""

    step_s: float = 0.2  # for the decoder's answer, before its server is asked whether it lives
    probe_s: float = 0.16  # for that one's answer: three steps in all, with WATCH_S
    busy_s: float = 2.5  # for the answer of a decoder whose server lives
    start_s: float = 8.0  # for the first answer, before which a long past may be computed
    rebuild_s: float = 10.0  # for any decoder that goes on with a call
    stall_s: float = 30.0  # for the client to take one message
    session_s: float = 0.0  # for the session to be over; 0: as long as its client wants
    silence_s: float = 3_600.0  # for the client to send anything; a muted one sends nothing
    park_s: float = 5.0  # for the client to come back, with its slot held
    final_messages_s: float = 2.0  # for the client to read why its call failed


@dataclass(frozen=True)
class CallContext:
    """What all calls of a gateway share."""

    pool: DecoderPool
    bus: ActionBus
    counts: GatewayMetrics
    telemetry: Telemetry
    timeouts: Timeouts
    history: HistoryLog
    save_soon: Callable[["Call"], None]  # brings the journal into the archive
    code_key: bytes = b""  # with which codes are proven to executors; without it no code is right


class Attachment:
    """One client's stream, as long as it is the call's. Times are seconds of time.monotonic.

    The edge that serves the stream changes it, but for `end`, with which the call lets go of it.
    """

    def __init__(self, inbound: Inbound) -> None:
        self.inbound = inbound
        self.sound = ClientSound(inbound.audio)
        self.received_at = time.monotonic()
        self.writing_since: float | None = None  # a message to the client
        self.over = False  # no other message is written to it
        self.ended: asyncio.Future[DuplexSLAError | None] = asyncio.get_running_loop().create_future()

    def end(self, error: DuplexSLAError | None = None) -> None:
        """The stream serves the call no more: the client hung up, or has a newer stream (`error`)."""
        if not self.ended.done():
            self.ended.set_result(error)

    @property
    def hung_up(self) -> bool:
        return self.ended.done() and self.ended.result() is None


class Call:
    """All of it is used on the event loop's thread; only this folder changes its `state`."""

    def __init__(
        self,
        dialogue: Dialogue,
        lease: Lease,
        trace: SessionTrace,
        journal: Journal,
        context: CallContext,
        rights: CallerRights,
        *,
        token: ResumeToken | None = None,
    ) -> None:
        """`token`: the client may resume the call with it. Whoever does so gives it other `rights`."""
        self.rights, self.token = rights, token
        self.dialogue, self.lease, self.trace, self.journal = dialogue, lease, trace, journal
        self.pool, self.counts, self.history = context.pool, context.counts, context.history
        self.timeouts, self.save_soon = context.timeouts, context.save_soon
        self._bus, self._telemetry, self._code_key = context.bus, context.telemetry, context.code_key
        self.live = dialogue.terms.live
        self.secret_digest = token.digest() if token is not None else b""
        self.state = CallState.STARTING
        self.changed = Condition()  # for all coroutines of the call: any of this may have changed
        self.audio = AudioInput(live=self.live)
        self.link = self._linked(self.pool.stream(lease, dialogue.terms.toolset))
        self.in_flight: deque[InFlight] = deque()
        self.next_chunk = 0
        self.muted_below = 0  # chunks that the client has: decoded again for the model alone
        self.answered_at = 0.0  # the last chunk
        self.standby: Standby | None = None
        self.outbox = Outbox(keep_sent=token is not None)
        self.dropped = DroppedChunks()
        self.stored = 0  # chunks in the archive
        self.attachment: Attachment | None = None
        self.detached_at = time.monotonic()  # without an attachment: since when
        loop = asyncio.get_running_loop()
        self.failure: asyncio.Future[Exception] = loop.create_future()  # found from outside
        self.finished: asyncio.Future[None] = loop.create_future()  # the call is over
        self.error: DuplexSLAError | None = None  # with which it is over
        self.runner: asyncio.Task[None] | None = None

    @property
    def session_id(self) -> int:
        return self.lease.session_id

    @property
    def over(self) -> bool:
        """Nothing more will be said."""
        return self.state in OVER

    @property
    def leaving(self) -> bool:
        return self.state is LEAVING

    def apply(self, event: CallEvent) -> None:
        """The one place where the state changes; IllegalTransition for an event that cannot happen now."""
        self.state = after(self.state, event)
        if self.over and not self.finished.done():
            self.finished.set_result(None)
        self.changed.notify()

    # The client's side.

    def attach(self, inbound: Inbound) -> Attachment:
        """A client's stream takes the call; nobody else has it."""
        assert self.attachment is None
        self.attachment = Attachment(inbound)
        self.changed.notify()
        return self.attachment

    def detach(self) -> None:
        self.attachment, self.detached_at = None, time.monotonic()
        self.changed.notify()

    def supersede(self) -> None:
        """Another stream of the client takes the call: the present one, if any, ends."""
        if self.attachment is not None:
            self.attachment.end(StaleFence("this session goes on over another stream"))

    def hang_up(self) -> None:
        """The client does not come back."""
        if self.attachment is not None:
            self.attachment.end()
        self.stop(CallEvent.HUNG_UP)

    def stop(self, event: CallEvent) -> None:
        """Nothing more will be said, from now on."""
        if self.runner is not None:
            self.runner.cancel()
        self.apply(event)

    def put(self, message: ConverseResponse) -> None:
        """Into the outbox; a full one drops its oldest chunk, declared. Whoever calls notifies."""
        dropped = self.outbox.put(message)
        if dropped is not None:
            self.dropped.add(dropped)
            self.counts.chunks_dropped += 1
            self.history.write(events.dropped("chunks_dropped", session=self.session_id))
        elif self.outbox.overflows:
            self.fail(ProtocolError("the client does not read its messages"))

    def post(self, message: ConverseResponse) -> None:
        """The same, and whoever waits for a message hears of it."""
        self.put(message)
        self.changed.notify()

    def on_control(self, control: Control, now_ms: int) -> None:
        """What the client tells beside its sound. Its place on the clock is that of the sound beside it."""
        dialogue, chunk = self.dialogue, self.next_chunk + len(self.audio.backlog)
        if isinstance(control, Attention):
            dialogue.turn(chunk, attended=control.attended, for_ms=control.for_ms)
        elif isinstance(control, Playback):
            dialogue.played(control.chunk, control.samples)
        elif isinstance(control, Stop):
            self.outbox.silence()
            for event in dialogue.stop(chunk, now_ms):
                self.publish(event)
            self.save_soon(self)
        elif isinstance(control, Text):
            self._type(control, chunk)
        else:
            self._answer(control, chunk, now_ms)
            self.save_soon(self)

    def _type(self, text: Text, chunk: int) -> None:
        try:
            self.dialogue.type(text.words, chunk)
        except BadInput as error:
            notice = Notice(kind=NOTICE_KIND_NOT_SERVED, detail=f"text: {error}")
            self.post(ConverseResponse(notice=notice))

    def _answer(self, confirm: Confirm, chunk: int, now_ms: int) -> None:
        def prove(action_id: str) -> bytes:
            return code_proof(self._code_key, action_id, confirm.code) if confirm.code else b""

        answer = self.dialogue.answer(
            confirm.action_id, yes=confirm.yes, chunk=chunk, now_ms=now_ms, prove=prove
        )
        if isinstance(answer, ConverseResponse):
            self.post(answer)
        else:
            self.publish(answer)

    # The decoder's side.

    def attach_decoder(self, stream: DecoderStream, *, answered: bool) -> DecoderLink:
        """From now on this decoder is the call's. `answered`: it has decoded some chunks as a standby."""
        lost_at = None if answered else self.link.lost_at
        self.link = self._linked(stream, lost_at=lost_at, answered=answered)
        self.changed.notify()
        return self.link

    def _linked(
        self, stream: DecoderStream, *, lost_at: float | None = None, answered: bool = False
    ) -> DecoderLink:
        shedder = self.pool.shedders.of(stream.address)
        return DecoderLink(stream, shedder, lost_at=lost_at, answered=answered)

    def lose_decoder(self, why: str) -> None:
        """Takes the call to another decoder, from outside."""
        self.link.stream.lose(DecoderLost(f"decoder {self.link.stream.address} {why}"))

    def on_first_answer(self, chunk: int, now: float) -> None:
        """The present decoder decodes; a gap that its predecessor left is declared."""
        link, lost_at = self.link, self.link.lost_at
        link.answered, link.lost_at = True, None
        link.release_permit()
        self.apply(CallEvent.ANSWERED)
        if lost_at is None:
            return
        gap_ms = max(0, int((now - (self.answered_at or lost_at)) * 1e3) - CHUNK_MS)
        self.counts.rebuilt += 1
        self.counts.rebuild_gap_s.observe(gap_ms / 1e3)
        self.log_move(chunk, "rebuilt")
        detail = "another decoder goes on with this session"
        notice = Notice(kind=NOTICE_KIND_DECODER_CHANGED, detail=detail, first_chunk=chunk, gap_ms=gap_ms)
        self.put(ConverseResponse(notice=notice))

    def awaits_silence(self, standby: Standby) -> bool:
        """Whether this standby, of another model, is to take over later: somebody speaks."""
        quiet, now = self.dialogue.quiet, time.monotonic()
        return standby.awaits_silence(self.journal.model, quiet=quiet, now=now)

    def on_model_changed(self, chunk: int) -> None:
        """This chunk is another model's: of what was said before it is told the newest words."""
        self.counts.models_changed += 1
        self.dialogue.on_model_changed()
        detail = "another model goes on with this session: of what was said it knows the newest words"
        notice = Notice(kind=NOTICE_KIND_DECODER_CHANGED, detail=detail, first_chunk=chunk)
        self.put(ConverseResponse(notice=notice))

    def log_move(self, chunk: int, why: str) -> None:
        """Into the history: the decoder that decodes from this chunk on."""
        stream = self.link.stream
        self.history.write(
            events.session_moved(
                self.session_id,
                fence=self.lease.fence,
                placement=stream.placement,
                decoder=stream.address,
                chunk=chunk,
                why=why,
            )
        )

    # Actions.

    def publish(self, event: ActionEvent, step: SpanContext = INVALID_SPAN_CONTEXT) -> None:
        """Hands an action over to the bus; a Notice when that is impossible, DENIED if the caller may not."""
        if refusal := self.rights.refusal(event):
            self.counts.actions_denied += 1
            self.on_outcome(denied(event, refusal))
            return
        span = self._telemetry.start(names.SPAN_PUBLISH, parent=step, attributes=span_attributes(event))
        try:
            self._bus.publish(event, span, lambda reason: self._on_lost(event, reason))
            self.counts.actions += 1
            self.history.write(_published(event))
        except BrokerLost as error:
            span.end()
            self._on_lost(event, str(error))

    def on_outcome(self, outcome: ActionOutcome) -> None:
        """An outcome of this call came back."""
        message = self.dialogue.on_outcome(outcome)
        if message is not None:
            self.counts.outcomes += 1
            state = enum_name(OutcomeState, outcome.state)
            self.history.write(
                events.outcome_delivered(outcome.action_id, session=self.session_id, state=state)
            )
            self.post(message)
            if self.attachment is None:  # nobody has read it
                self.save_soon(self)

    def _on_lost(self, event: ActionEvent, reason: str) -> None:
        self.counts.actions_unavailable += 1
        self.history.write(events.action_unavailable(event.action.id, session=self.session_id))
        self.post(self.dialogue.unavailable(event, reason))

    # From outside.

    def fail(self, error: Exception) -> None:
        """Ends the call with this error."""
        if not self.failure.done():
            self.failure.set_result(error)

    def leave(self) -> None:
        """Stops after the chunks in flight; the call goes on wherever its client comes back."""
        self.apply(CallEvent.LEAVE)

    def check(self, now: float, now_ms: int) -> None:
        """Looks for whatever takes too long; called several times a second."""
        if self.over:
            return
        wait, unanswered_s = self.timeouts, self.link.unanswered_s(now)
        computes_past = not self.link.answered and len(self.journal)
        if unanswered_s > (wait.start_s if computes_past else wait.busy_s):
            self.lose_decoder(f"has not answered for {unanswered_s:.1f} s")
        if self.attachment is not None:
            self._check_client(self.attachment, now)
        for message in self.dialogue.overdue(now_ms):
            self.post(message)
        error = self.rights.over(now_ms, wait.session_s)
        if error is not None and not self.failure.done():
            self.counts.refusals[error.code] += 1
            self.fail(error)

    def _check_client(self, client: Attachment, now: float) -> None:
        wait = self.timeouts
        if client.writing_since is not None and now - client.writing_since > wait.stall_s:
            self.fail(ProtocolError(f"the client has read nothing for {wait.stall_s:g} s"))
        listening = not self.audio.ended and not self.audio.backlog.full
        if listening and now - client.received_at > wait.silence_s:
            self.fail(ClientSilent(f"the client has sent nothing for {wait.silence_s:g} s"))


def _published(event: ActionEvent) -> events.Row:
    return events.action_published(
        event.action.id,
        session=event.session_id,
        home=event.home,
        fence=event.fence,
        delivery=enum_name(Delivery, event.delivery),
        expires_at_ms=event.expires_at_ms,
    )
