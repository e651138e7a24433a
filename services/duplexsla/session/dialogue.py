"""One session's dialogue: what the decoder wrote becomes messages, action events and injected text."""

from collections import deque
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from duplexsla.clock import CHUNK_MS, SILENCE
from duplexsla.protocol import tokens
from duplexsla.protocol.action_parser import (
    ActionParser,
    AssistantTranscript,
    LabelEvent,
    Malformed,
    Planning,
    ToolCall,
    Transcript,
)
from duplexsla.protocol.actions import action_id, arguments_json
from duplexsla.protocol.channel_lines import outcome_line, outcome_text
from duplexsla.session.messages import FORMAT, SessionTerms
from duplexsla.session.turn_evidence import TurnEvidence
from duplexsla.v1.action_pb2 import (
    DELIVERY_AT_MOST_ONCE,
    DELIVERY_IDEMPOTENT,
    INTENT_DO,
    ORIGIN_MODEL,
    OUTCOME_STATE_FENCED,
    OUTCOME_STATE_REFUSED,
    OUTCOME_STATE_UNKNOWN,
    Action,
    ActionEvent,
    ActionOutcome,
)
from duplexsla.v1.decoder_pb2 import ClosedCall, DecodedChunk, TickReport
from duplexsla.v1.journal_pb2 import PastChunk, SessionRecord
from duplexsla.v1.session_pb2 import (
    LABEL_BACKCHANNEL,
    LABEL_INTERRUPT,
    LABEL_RESPONSE,
    NOTICE_KIND_ACTION_UNAVAILABLE,
    NOTICE_KIND_OVERLOAD,
    Chunk,
    Closed,
    ConverseResponse,
    Notice,
    Opened,
)

DEADLINE_US = CHUNK_MS * 1_000
MAX_OPEN_ACTIONS = 64  # calls of one session whose outcome is not known yet; more are not handed over
MAX_INJECTED_TEXTS = 16  # outcomes that wait to be written on the action channel; the oldest goes
OUTCOME_WAIT_MS = 1_500  # after an action's expiry, before it is reported as unknown
OVERLOAD_MISSES = 3  # misses in a row, of which the client is sent a notice
OVERLOAD_PAUSE_CHUNKS = 60  # about 10 s between two such notices

LABELS = {"response": LABEL_RESPONSE, "interrupt": LABEL_INTERRUPT, "backchannel": LABEL_BACKCHANNEL}
DELIVERIES = {"idempotent": DELIVERY_IDEMPOTENT, "at_most_once": DELIVERY_AT_MOST_ONCE}
REFUSED_KINDS = ("json", "schema")  # malformed things that were meant as a call
WORDLESS = (tokens.VAD_SILENCE, tokens.TTS_PAD)
NOTHING_WRITTEN = [tokens.ACTION_END]


class DecodedStep(NamedTuple):
    """The decoder's answer to one chunk."""

    sound: bytes  # CHUNK_BYTES
    decoded: DecodedChunk
    tick: TickReport


class ChunkOutput(NamedTuple):
    """What one step leads to."""

    messages: list[ConverseResponse]  # the chunk first
    events: list[ActionEvent]
    missed: bool  # the deadline


class Dialogue:
    """State of one session's dialogue. Calls never wait; times are Unix ms."""

    def __init__(self, session_id: int, terms: SessionTerms, fence: int) -> None:
        """ProtocolError for a toolset that is not served."""
        self.session_id, self.terms, self.fence = session_id, terms, fence
        self._parser = ActionParser.named(terms.toolset)
        self._turn = TurnEvidence()
        self._open: dict[str, ActionEvent] = {}
        self._given_up: dict[str, ActionEvent] = {}  # reported as unknown; a real outcome may still come
        self._injected: deque[str] = deque(maxlen=MAX_INJECTED_TEXTS)
        self._misses_in_a_row = 0
        self._warned_at = -OVERLOAD_PAUSE_CHUNKS
        self.chunks = 0
        self.deadline_misses = 0

    @property
    def open_actions(self) -> int:
        """Actions handed over whose outcome is not known yet."""
        return len(self._open)

    def opened(
        self,
        *,
        next_chunk: int = 0,
        first_chunk: int | None = None,
        token: bytes = b"",
        resume_ms: int = 0,
        gateways: Sequence[str] = (),
    ) -> ConverseResponse:
        """What was agreed; `first_chunk` only where chunks of before come again."""
        opened = Opened(
            session_id=self.session_id,
            home=self.terms.home,
            toolset=self.terms.toolset,
            audio=FORMAT,
            chunk_ms=CHUNK_MS,
            first_chunk=next_chunk if first_chunk is None else first_chunk,
            next_chunk=next_chunk,
            resume_token=token,
            resume_ms=resume_ms,
            gateways=gateways,
        )
        return ConverseResponse(opened=opened)

    def closed(self) -> ConverseResponse:
        return ConverseResponse(closed=Closed(chunks=self.chunks, deadline_misses=self.deadline_misses))

    def take_injected_text(self) -> str:
        """Text that the decoder must write on the action channel next; empty for none."""
        if not self._injected:
            return ""
        text = "".join(self._injected)
        self._injected.clear()
        return text

    def on_step(self, index: int, step: DecodedStep, *, step_us: int, now_ms: int) -> ChunkOutput:
        """Messages and action events of one answered chunk. `step_us` counts from the chunk's due time."""
        chunk = Chunk(index=index, step_us=max(0, step_us))
        if step.sound != SILENCE:
            chunk.sound = step.sound
        anchor = step.decoded.anchor
        self._turn.say(index, anchor)
        if anchor not in WORDLESS:
            chunk.text = anchor
        output = ChunkOutput([ConverseResponse(chunk=chunk)], [], step_us > DEADLINE_US)
        if step.decoded.action != NOTHING_WRITTEN:
            self._write(output, index, step.decoded.action, now_ms, step.decoded.calls)
        self.chunks += 1
        self._count_miss(output, index)
        return output

    def on_outcome(self, outcome: ActionOutcome) -> ConverseResponse | None:
        """Message about an outcome, and text for the model; None for one that came before.

        None also for one that was fenced: that concerns a former owner's event, and ours is still to come.
        """
        if outcome.state == OUTCOME_STATE_FENCED:
            return None
        if self._open.pop(outcome.action_id, None) is not None:
            self._inject(outcome)
        elif self._given_up.pop(outcome.action_id, None) is None:
            return None
        return ConverseResponse(outcome=outcome)

    def unavailable(self, event: ActionEvent, reason: str) -> ConverseResponse:
        """Notice that an action could not be handed over; the model reads that nothing answered."""
        self._open.pop(event.action.id, None)
        self._injected.append(outcome_text("unavailable"))
        detail = f"{event.action.id} {event.action.function}: {reason}"
        return ConverseResponse(notice=Notice(kind=NOTICE_KIND_ACTION_UNAVAILABLE, detail=detail))

    def unknown_outcomes(self, now_ms: int) -> list[ConverseResponse]:
        """Outcomes of state UNKNOWN for actions whose time is long over and of which no outcome came."""
        late = [e for e in self._open.values() if now_ms > e.expires_at_ms + OUTCOME_WAIT_MS]
        return [self._unknown(event) for event in late]

    def record(self) -> SessionRecord:
        """What of this another gateway needs to go on with it, beside the chunks."""
        return SessionRecord(
            home=self.terms.home,
            toolset=self.terms.toolset,
            clock=self.terms.clock,
            tenant=self.terms.tenant,
            room=self.terms.room,
            satellite=self.terms.satellite,
            attention=self.terms.attention,
            forced="".join(self._injected),
            open_actions=self._open.values(),
            chunks=self.chunks,
            deadline_misses=self.deadline_misses,
        )

    def restore(self, record: SessionRecord, chunks: Iterable[PastChunk]) -> list[ConverseResponse]:
        """Takes over, when new, what another gateway knew: its record, and chunks that it had answered.

        Returns those chunks as messages, without their sound. Open actions get this owner's fence.
        """
        output = [self._restored_chunk(chunk) for chunk in chunks]
        self._injected.clear()
        if record.forced:
            self._injected.append(record.forced)
        for event in record.open_actions:
            event.fence = self.fence
            self._open[event.action.id] = event
        self.chunks, self.deadline_misses = record.chunks, record.deadline_misses
        return output

    def open_events(self) -> list[ActionEvent]:
        """Actions whose outcome is not known: to be published again after `restore`, which is safe since an
        action is done once for its id.
        """
        return list(self._open.values())

    def _restored_chunk(self, past: PastChunk) -> ConverseResponse:
        chunk = Chunk(index=past.index, text="" if past.anchor in WORDLESS else past.anchor)
        self._turn.say(past.index, past.anchor)
        output = ChunkOutput([ConverseResponse(chunk=chunk)], [], False)
        self._write(output, past.index, past.action, 0)
        self._open.clear()
        return output.messages[0]

    def _write(
        self,
        output: ChunkOutput,
        index: int,
        pieces: Sequence[str],
        now_ms: int,
        closed: Sequence[ClosedCall] = (),
    ) -> None:
        chunk = output.messages[0].chunk
        chunk.action_channel = "".join(piece for piece in pieces if piece != tokens.ACTION_END)
        refused = 0
        for event in self._parser.push(index, pieces):
            if isinstance(event, Transcript):
                chunk.transcript += event.text
                self._turn.hear(event.text)
            elif isinstance(event, AssistantTranscript):
                chunk.assistant_transcript += event.text
            elif isinstance(event, Planning):
                chunk.planning += event.text
            elif isinstance(event, LabelEvent):
                chunk.labels.append(LABELS[event.label])
                self._turn.end()
            elif isinstance(event, ToolCall):
                told = next((each for each in closed if each.closed_by == event.closed_by), ClosedCall())
                self._call(output, event, told, now_ms)
            elif isinstance(event, Malformed) and event.kind in REFUSED_KINDS:
                output.messages.append(self._refuse(index, refused, event.reason))
                refused += 1

    def _call(self, output: ChunkOutput, call: ToolCall, told: ClosedCall, now_ms: int) -> None:
        action = Action(
            id=action_id(self.session_id, call.trigger_chunk, call.ordinal),
            function=call.function,
            arguments_json=arguments_json(call.arguments),
            planning=call.planning,
            trigger_chunk=call.trigger_chunk,
            closed_chunk=call.closed_chunk,
            ordinal=call.ordinal,
        )
        event = ActionEvent(
            action=action,
            session_id=self.session_id,
            home=self.terms.home,
            toolset=self.terms.toolset,
            fence=self.fence,
            emitted_at_ms=now_ms,
            expires_at_ms=now_ms + call.expires_ms,
            delivery=DELIVERIES[call.delivery],
            tenant=self.terms.tenant,
            room=self.terms.room,
            satellite=self.terms.satellite,
            intent=INTENT_DO,
            origin=ORIGIN_MODEL,
            evidence=self._turn.evidence(call, told, attended=self.terms.always_attended),
        )
        output.messages[0].chunk.actions.append(action)
        if len(self._open) >= MAX_OPEN_ACTIONS:
            output.messages.append(self.unavailable(event, "too many actions are under way"))
            return
        self._open[action.id] = event
        output.events.append(event)

    def _refuse(self, index: int, position: int, reason: str) -> ConverseResponse:
        outcome = ActionOutcome(
            action_id=f"{action_id(self.session_id, index, position)}-refused",
            session_id=self.session_id,
            home=self.terms.home,
            state=OUTCOME_STATE_REFUSED,
            reason=reason,
        )
        self._inject(outcome)
        return ConverseResponse(outcome=outcome)

    def _unknown(self, event: ActionEvent) -> ConverseResponse:
        del self._open[event.action.id]
        if len(self._given_up) >= MAX_OPEN_ACTIONS:
            self._given_up.pop(next(iter(self._given_up)))
        self._given_up[event.action.id] = event
        outcome = ActionOutcome(
            action_id=event.action.id,
            session_id=self.session_id,
            home=self.terms.home,
            function=event.action.function,
            state=OUTCOME_STATE_UNKNOWN,
            reason="no outcome came in time",
        )
        self._inject(outcome)
        return ConverseResponse(outcome=outcome)

    def _inject(self, outcome: ActionOutcome) -> None:
        if line := outcome_line(outcome):
            self._injected.append(line)

    def _count_miss(self, output: ChunkOutput, index: int) -> None:
        if not output.missed:
            self._misses_in_a_row = 0
            return
        self.deadline_misses += 1
        self._misses_in_a_row += 1
        rested = index - self._warned_at >= OVERLOAD_PAUSE_CHUNKS
        if self.terms.live and self._misses_in_a_row >= OVERLOAD_MISSES and rested:
            self._warned_at = index
            detail = f"{self._misses_in_a_row} steps in a row took longer than {CHUNK_MS} ms"
            notice = Notice(kind=NOTICE_KIND_OVERLOAD, detail=detail, first_chunk=index)
            output.messages.append(ConverseResponse(notice=notice))
