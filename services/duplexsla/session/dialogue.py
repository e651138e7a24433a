"""One session's dialogue: what the decoder wrote becomes messages, action events and injected text."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from duplexsla.clock import CHUNK_MS, CHUNK_SAMPLES, SILENCE
from duplexsla.enum_names import enum_name
from duplexsla.protocol import tokens
from duplexsla.protocol.action_parser import (
    ActionParser,
    AssistantTranscript,
    LabelEvent,
    Malformed,
    OutcomeEcho,
    Planning,
    ToolCall,
    Transcript,
)
from duplexsla.protocol.actions import action_id
from duplexsla.protocol.channel_lines import (
    LINES,
    event_text,
    outcome_line,
    outcome_text,
    typed_in,
    typed_line,
)
from duplexsla.session.client_sound import FORMAT
from duplexsla.session.messages import SessionTerms
from duplexsla.session.outbox import OverloadNotice, ToldOutcomes
from duplexsla.session.service_lines import ServiceLines
from duplexsla.session.session_actions import SessionActions, is_quiet
from duplexsla.session.turn_words import NOTHING_FOUND, RecentWords, TurnAccount, TurnEvidence, TurnFindings
from duplexsla.session.voice_control import VoiceControl
from duplexsla.v1 import action_pb2 as pb
from duplexsla.v1.action_pb2 import ActionEvent, ActionOutcome
from duplexsla.v1.decoder_pb2 import ClosedCall, DecodedChunk, TickReport
from duplexsla.v1.journal_pb2 import PastChunk, SessionRecord
from duplexsla.v1.session_pb2 import (
    LABEL_BACKCHANNEL,
    LABEL_INTERRUPT,
    LABEL_RESPONSE,
    NOTICE_KIND_ACTION_UNAVAILABLE,
    NOTICE_KIND_ATTENTION_AWAITED,
    Chunk,
    Closed,
    ConverseResponse,
    Notice,
    NoticeKind,
    Opened,
)

DEADLINE_US = CHUNK_MS * 1_000

LABELS = {"response": LABEL_RESPONSE, "interrupt": LABEL_INTERRUPT, "backchannel": LABEL_BACKCHANNEL}
REFUSED_KINDS = ("json", "schema")  # malformed things that were meant as a call
QUIET_CHUNKS = 5  # 0.8 s in which nobody says or writes anything
TELLS_OF_EFFECT = (pb.OUTCOME_STATE_DONE, pb.OUTCOME_STATE_PARTIAL, pb.OUTCOME_STATE_SCHEDULED)
WORDLESS = (tokens.VAD_SILENCE, tokens.TTS_PAD)
NOTHING_WRITTEN = [tokens.ACTION_END]
AWAITED = "nobody has turned to this service: send attention, or open with another attention mode"


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
    withheld: bool  # what was said: nobody is to hear it
    refused: list[str]  # calls that became no event: why
    findings: TurnFindings = NOTHING_FOUND


class Dialogue:
    """State of one session's dialogue. Calls never wait; times are Unix ms."""

    def __init__(self, session_id: int, terms: SessionTerms, fence: int) -> None:
        """ProtocolError for a toolset that is not served."""
        self.session_id, self.terms, self.fence = session_id, terms, fence
        self._parser = ActionParser.named(terms.toolset)
        self._turn, self._account = TurnEvidence(), TurnAccount()
        self._actions = SessionActions(session_id, terms, fence)
        self._voice = VoiceControl(terms.attention)
        self._lines, self._told, self._recent = ServiceLines(), ToldOutcomes(), RecentWords()
        self._overload = OverloadNotice(live=terms.live)
        self._quiet_chunks = 0  # the newest ones in which nothing was said, heard or written
        self.chunks = 0
        self.deadline_misses = 0

    @property
    def open_actions(self) -> int:
        """Actions handed over whose outcome is not known yet."""
        return len(self._actions.open)

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
        return self._lines.take()

    def on_step(self, index: int, step: DecodedStep, *, step_us: int, now_ms: int) -> ChunkOutput:
        """Messages and action events of one answered chunk. `step_us` counts from the chunk's due time."""
        anchor = step.decoded.anchor
        self._told.next_chunk = index + 1
        speaks = anchor != tokens.VAD_SILENCE or step.sound != SILENCE
        idle = not speaks and step.decoded.action == NOTHING_WRITTEN
        self._quiet_chunks = self._quiet_chunks + 1 if idle else 0
        withheld = not self._voice.admits(index, speaks=speaks)
        chunk = Chunk(index=index, step_us=max(0, step_us))
        if step.sound != SILENCE and not withheld:
            chunk.sound = step.sound
        self._turn.say(index, anchor)
        findings = self._account.say(index, anchor, heard=not withheld)
        self._say(chunk, anchor, withheld)
        missed = step_us > DEADLINE_US
        output = ChunkOutput([ConverseResponse(chunk=chunk)], [], missed, withheld, [], findings)
        if step.decoded.action != NOTHING_WRITTEN:
            self._read_lines(index, step.decoded.action[: step.decoded.injected_tokens])
            self._write(output, index, step.decoded.action, now_ms, step.decoded.calls)
        if withheld:
            self._await_attention(output)
        self.chunks += 1
        self._count_miss(output, index)
        return output

    def on_outcome(self, outcome: ActionOutcome) -> ConverseResponse | None:
        """Message about an outcome, and text for the model; None for one that came before.

        None also for one that was fenced: that concerns a former owner's event, and ours is still to come.
        """
        if outcome.state == pb.OUTCOME_STATE_FENCED:
            return None
        closed = self._actions.close(outcome)
        if closed is None:
            return None
        event, line = closed
        if outcome.state in TELLS_OF_EFFECT:
            self._account.tell()
        self._inject(line, is_reply=event.evidence.attended)
        if outcome.state == pb.OUTCOME_STATE_CONFIRM:
            self._actions.ask(outcome, outcome_line(outcome))
        return self._told.tell(outcome)

    @property
    def quiet(self) -> bool:
        """Nobody speaks, and no call is being written."""
        return self._quiet_chunks >= QUIET_CHUNKS

    def on_model_changed(self) -> None:
        """Another model goes on: it reads the newest words, and joins nothing with those of before."""
        self._parser = ActionParser.named(self.terms.toolset)
        self._actions.asked = None
        if words := str(self._recent):
            self._lines.add(event_text("before", words))

    # What the client tells beside its sound.

    def turn(self, chunk: int, *, attended: bool, for_ms: int) -> None:
        """Somebody turned to the service in this chunk, or away from it."""
        self._voice.turn(chunk, attended=attended, for_ms=for_ms)

    def answer(
        self, about: str, *, yes: bool, chunk: int, now_ms: int, prove: Callable[[str], bytes]
    ) -> ActionEvent | ConverseResponse:
        """A yes or a no by a button: its event, or why there is none. `prove` as in SessionActions."""
        if self._actions.full:
            return self._notice(NOTICE_KIND_ACTION_UNAVAILABLE, f"{about}: too many actions are under way")
        event = self._actions.answer_of_client(about, yes=yes, chunk=chunk, now_ms=now_ms, prove=prove)
        if isinstance(event, ActionOutcome):
            return self._told.tell(event)
        self._actions.open[event.action.id] = event
        return event

    def type(self, words: str, chunk: int) -> None:
        """The user typed this to the service. BadInput for what no line can hold."""
        line = typed_line(words)
        self._voice.type(chunk)
        self._inject(line, is_reply=True)

    def stop(self, chunk: int, now_ms: int) -> list[ActionEvent]:
        """Silence until the next response; retractions of what has not begun."""
        self._voice.stop()
        events = self._actions.stop(chunk, now_ms)
        self._actions.open |= {event.action.id: event for event in events}
        self._lines.add(event_text("stopped"))
        return events

    def played(self, chunk: int, samples: int) -> None:
        """The client has played so many samples of this chunk: fewer than all where it was cut off."""
        if samples < CHUNK_SAMPLES:
            heard = self._voice.cut(chunk, samples)
            if heard is not None:
                self._lines.add(event_text("cut", heard))

    def happen(self, kind: str, about: str) -> None:
        """Something happened in the room: KeyError for a kind that is none of LINES."""
        self._account.tell()
        self._inject(event_text(kind, about), is_reply=False, is_said=LINES[kind].expected in ("say", "ask"))

    def unavailable(self, event: ActionEvent, reason: str) -> ConverseResponse:
        """Notice that an action could not be handed over; the model reads that nothing answered."""
        self._actions.open.pop(event.action.id, None)
        self._inject(outcome_text("unavailable"), is_reply=event.evidence.attended)
        return self._notice(
            NOTICE_KIND_ACTION_UNAVAILABLE, f"{event.action.id} {event.action.function}: {reason}"
        )

    def overdue(self, now_ms: int) -> list[ConverseResponse]:
        """Outcomes of state UNKNOWN for actions whose time is long over and of which no outcome came. The
        model reads that a question's time is over.
        """
        if self._actions.is_late(now_ms):
            self._inject(outcome_text("expired"), is_reply=True)
        messages = []
        for event, outcome in self._actions.given_up(now_ms):
            if not is_quiet(event, outcome):
                self._inject(outcome_line(outcome), is_reply=event.evidence.attended)
            messages.append(self._told.tell(outcome))
        return messages

    def record(self) -> SessionRecord:
        """What of this another gateway needs to go on with it, beside the chunks."""
        record = SessionRecord(chunks=self.chunks, deadline_misses=self.deadline_misses)
        for part in (self.terms, self._lines, self._told, self._actions, self._voice):
            part.save(record)
        return record

    def restore(
        self, record: SessionRecord, chunks: Iterable[PastChunk], wanted: int
    ) -> list[ConverseResponse]:
        """Takes over, when new, what another gateway knew: its record, and chunks that it had answered.

        Returns what of those is to come again, from chunk `wanted` on: chunks without their sound, and
        outcomes. Open actions get this owner's fence.
        """
        self._voice.restore(record)
        answered = list(map(self._restored_chunk, chunks))
        self._voice.restore(record)
        for part in (self._lines, self._told, self._actions):
            part.restore(record)
        self._account.tell()  # by whoever had it before
        self.chunks, self.deadline_misses = record.chunks, record.deadline_misses
        again = (message for message in answered if message.chunk.index >= wanted)
        return self._told.again(again, wanted)

    def open_events(self) -> list[ActionEvent]:
        """Actions whose outcome is not known: to be published again after `restore`; each is done once."""
        return list(self._actions.open.values())

    def _restored_chunk(self, past: PastChunk) -> ConverseResponse:
        chunk = Chunk(index=past.index)
        speaks = past.anchor != tokens.VAD_SILENCE
        self._turn.say(past.index, past.anchor)
        self._say(chunk, past.anchor, not self._voice.admits(past.index, speaks=speaks, again=True))
        output = ChunkOutput([ConverseResponse(chunk=chunk)], [], False, False, [])
        self._read_lines(past.index, past.action[: past.forced_tokens])
        self._write(output, past.index, past.action, 0)
        self._actions.open.clear()
        return output.messages[0]

    def _say(self, chunk: Chunk, anchor: str, withheld: bool) -> None:
        if anchor not in WORDLESS and not withheld:
            chunk.text = anchor
            self._voice.say(chunk.index, anchor)
            self._recent.say(anchor)

    def _read_lines(self, index: int, pieces: Sequence[str]) -> None:
        """The decoder has written text of the service."""
        text = "".join(pieces)
        if self._actions.asked is not None:
            self._actions.asked.on_text(index, text)
        is_reply = self._lines.written(text)
        if is_reply is not None:
            self._voice.on_line(index, is_reply=is_reply)

    def _await_attention(self, output: ChunkOutput) -> None:
        if self._voice.notice_due():
            output.messages.append(self._notice(NOTICE_KIND_ATTENTION_AWAITED, AWAITED))

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
                self._hear(index, event.text)
            elif isinstance(event, OutcomeEcho):
                self._hear(index, typed_in(event.text))
            elif isinstance(event, AssistantTranscript):
                chunk.assistant_transcript += "" if self._voice.withheld else event.text
            elif isinstance(event, Planning):
                chunk.planning += event.text
            elif isinstance(event, LabelEvent):
                chunk.labels.append(LABELS[event.label])
                self._turn.end()
                self._recent.end_turn()
                self._account.end()
                if event.label == "response":
                    self._voice.on_response()
            elif isinstance(event, ToolCall):
                self._account.call()
                told = next((each for each in closed if each.closed_by == event.closed_by), ClosedCall())
                self._call(output, event, told, now_ms)
            elif isinstance(event, Malformed) and event.kind in REFUSED_KINDS:
                output.messages.append(self._refuse(index, refused, event.reason))
                output.refused.append(event.kind)
                refused += 1

    def _hear(self, index: int, words: str) -> None:
        """The user's turn goes on."""
        if words:
            self._turn.hear(words)
            self._voice.hear(index)
            self._recent.hear(words)
            self._account.hear(words, attended=self._voice.attended(index))

    def _call(self, output: ChunkOutput, call: ToolCall, told: ClosedCall, now_ms: int) -> None:
        attended = self._voice.attended(call.trigger_chunk)
        evidence = self._turn.evidence(call, told, attended=attended)
        if not attended:
            self._await_attention(output)
        output.messages[0].chunk.actions.append(self._actions.action(call))
        decided = self._actions.decide(call, evidence, now_ms)
        if isinstance(decided, ActionOutcome):
            self._inject(outcome_line(decided), is_reply=attended)
            output.messages.append(self._told.tell(decided))
            output.refused.append(enum_name(pb.OutcomeState, decided.state))
            return
        for event in decided:
            if self._actions.full:
                output.messages.append(self.unavailable(event, "too many actions are under way"))
                output.refused.append("too_many")
                continue
            self._actions.open[event.action.id] = event
            output.events.append(event)

    def _refuse(self, index: int, position: int, reason: str) -> ConverseResponse:
        action = pb.Action(id=f"{action_id(self.session_id, index, position)}-refused")
        outcome = self._actions.outcome(action, pb.OUTCOME_STATE_REFUSED, reason)
        self._inject(outcome_line(outcome), is_reply=self._voice.attended(index))
        return self._told.tell(outcome)

    def _inject(self, line: str, *, is_reply: bool, is_said: bool = True) -> None:
        self._lines.add(line, is_reply=is_reply, is_said=is_said)

    def _notice(self, kind: NoticeKind, detail: str) -> ConverseResponse:
        return ConverseResponse(notice=Notice(kind=kind, detail=detail))

    def _count_miss(self, output: ChunkOutput, index: int) -> None:
        self.deadline_misses += output.missed
        notice = self._overload.on_step(index, missed=output.missed)
        if notice is not None:
            output.messages.append(ConverseResponse(notice=notice))
