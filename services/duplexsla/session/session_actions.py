"""The actions of one session: what a call becomes, which outcomes are awaited, what was asked.

A yes, a no and a retraction are events of their own, about an action that the model never names: they are
bound here. Nothing waits; times are Unix ms.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from duplexsla.protocol.action_parser import ToolCall
from duplexsla.protocol.actions import action_id, arguments_json
from duplexsla.protocol.channel_lines import RETRACTION, event_text, outcome_line
from duplexsla.session.messages import SessionTerms
from duplexsla.v1 import action_pb2 as pb
from duplexsla.v1 import journal_pb2
from duplexsla.v1.journal_pb2 import SessionRecord

MAX_OPEN_ACTIONS = 64  # events of one session whose outcome is not known yet; more are not handed over
OUTCOME_WAIT_MS = 1_500  # after an action's expiry, before it is reported as unknown
CLIENT_EVENT_MS = 5_000  # until an answer or a retraction of the client expires
NOTHING_ASKED = "nothing was asked"

DELIVERIES = {"idempotent": pb.DELIVERY_IDEMPOTENT, "at_most_once": pb.DELIVERY_AT_MOST_ONCE}
ANSWERS = {"confirm": pb.INTENT_YES, "decline": pb.INTENT_NO}


@dataclass
class AskedQuestion:
    """The newest question that the service asked of the speaker, and whether a yes may be a yes to it.

    A yes counts from the chunk after the one in which the whole question was written.
    """

    action_id: str  # that waits for the answer
    asked_as: str  # id of the outcome that asks: an answer's, where that needs a code
    line: str  # on the action channel
    due_at_ms: int  # Unix ms: later answers are none
    written: str = ""
    chunk: int | None = None  # in which the line was written to its end

    def on_text(self, chunk: int, text: str) -> None:
        """The decoder has written this text of the service."""
        if self.chunk is None and text:
            self.written = (self.written + text)[-2 * len(self.line) :]
            if self.line in self.written:
                self.chunk = chunk

    def is_answered_by(self, trigger_chunk: int, now_ms: int) -> bool:
        """Whether an answer that was triggered there can be about this question."""
        return self.chunk is not None and self.chunk < trigger_chunk and now_ms <= self.due_at_ms

    def message(self) -> journal_pb2.AskedQuestion:
        return journal_pb2.AskedQuestion(
            action_id=self.action_id,
            asked_as=self.asked_as,
            line=self.line,
            written=self.written,
            chunk=self.chunk,
            due_at_ms=self.due_at_ms,
        )


def read_question(message: journal_pb2.AskedQuestion) -> AskedQuestion:
    return AskedQuestion(
        action_id=message.action_id,
        asked_as=message.asked_as,
        line=message.line,
        due_at_ms=message.due_at_ms,
        written=message.written,
        chunk=message.chunk if message.HasField("chunk") else None,
    )


class SessionActions:
    """`open` are the events whose outcome is awaited, by id."""

    def __init__(self, session_id: int, terms: SessionTerms, fence: int) -> None:
        self._session_id, self._terms, self._fence = session_id, terms, fence
        self.open: dict[str, pb.ActionEvent] = {}
        self.asked: AskedQuestion | None = None
        self._answered: AskedQuestion | None = None  # the one before, if its answer came in time
        self._given_up: dict[str, pb.ActionEvent] = {}  # reported as unknown; an outcome may still come
        self._from_client = 0

    @property
    def full(self) -> bool:
        return len(self.open) >= MAX_OPEN_ACTIONS

    # What is asked for.

    def decide(
        self, call: ToolCall, evidence: pb.Evidence, now_ms: int
    ) -> list[pb.ActionEvent] | pb.ActionOutcome:
        """The events of a call; the outcome of an answer where nothing was asked, and of a no and a
        retraction that nobody said to the service.
        """
        event = self._event(self.action(call), pb.INTENT_DO, now_ms)
        event.expires_at_ms = now_ms + call.expires_ms
        event.delivery = DELIVERIES[call.delivery]
        event.origin = pb.ORIGIN_MODEL
        event.evidence.CopyFrom(evidence)
        if self._terms.toolset != "home":
            return [event]
        if event.action.id in self.open:  # written again by another decoder
            return [self.open[event.action.id]]
        if call.function in ANSWERS:
            return self._answer(event, call, now_ms)
        return self._retract(event) if call.function == RETRACTION else [event]

    def action(self, call: ToolCall) -> pb.Action:
        return pb.Action(
            id=action_id(self._session_id, call.trigger_chunk, call.ordinal),
            function=call.function,
            arguments_json=arguments_json(call.arguments),
            planning=call.planning,
            trigger_chunk=call.trigger_chunk,
            closed_chunk=call.closed_chunk,
            ordinal=call.ordinal,
        )

    def answer_of_client(
        self, about: str, *, yes: bool, chunk: int, now_ms: int, prove: Callable[[str], bytes]
    ) -> pb.ActionEvent | pb.ActionOutcome:
        """A button. `about` is the id of an action, or of the answer that needs a code; nothing was asked
        about another session's. `prove` gives the proof of the client's code for an action.
        """
        question = next(
            (each for each in (self.asked, self._answered) if each and each.asked_as == about), None
        )
        id = question.action_id if question is not None else about
        if not id.startswith(f"{self._session_id:016x}-"):
            action = pb.Action(id=about, function="confirm" if yes else "decline")
            return self.outcome(action, pb.OUTCOME_STATE_NOT_FOUND, NOTHING_ASKED)
        event = self._event_of_client(pb.INTENT_YES if yes else pb.INTENT_NO, id, chunk, now_ms)
        if yes:
            event.code_proof = prove(id)
        if self.asked is not None and self.asked.action_id == id:
            self._answered, self.asked = self.asked, None
        return event

    def stop(self, chunk: int, now_ms: int) -> list[pb.ActionEvent]:
        """Takes back what has not begun, and drops the question."""
        wanted = [self._event_of_client(pb.INTENT_RETRACT, id, chunk, now_ms) for id in self._to_retract()]
        self.asked = None
        return wanted

    def _answer(
        self, event: pb.ActionEvent, call: ToolCall, now_ms: int
    ) -> list[pb.ActionEvent] | pb.ActionOutcome:
        """An answer that was not said to the service does not use the question up."""
        if self.asked is None or not self.asked.is_answered_by(call.trigger_chunk, now_ms):
            return self.outcome(event.action, pb.OUTCOME_STATE_NOT_FOUND, NOTHING_ASKED)
        event.intent, event.refers_to = ANSWERS[call.function], self.asked.action_id
        if event.evidence.attended:
            self._answered, self.asked = self.asked, None
        elif event.intent == pb.INTENT_NO:
            return self.outcome(event.action, pb.OUTCOME_STATE_INATTENTIVE, "")
        return [event]

    def _retract(self, event: pb.ActionEvent) -> list[pb.ActionEvent] | pb.ActionOutcome:
        """One for each action that may not have begun; the first one stands for all."""
        if not event.evidence.attended:
            return self.outcome(event.action, pb.OUTCOME_STATE_INATTENTIVE, "")
        event.intent = pb.INTENT_RETRACT
        events = []
        for number, id in enumerate(self._to_retract()):
            one = pb.ActionEvent()
            one.CopyFrom(event)
            one.refers_to = id
            one.action.id += f"/{number}" if number else ""
            events.append(one)
        self.asked = None
        return events or [event]

    def _to_retract(self) -> list[str]:
        """Ids of actions that may not have begun, the newest first."""
        wanted = [self.asked.action_id] if self.asked is not None else []
        begun = set()
        for event in reversed(self.open.values()):
            if event.intent == pb.INTENT_DO:
                wanted.append(event.action.id)
            elif event.intent == pb.INTENT_YES:
                wanted.append(event.refers_to)
            elif event.intent == pb.INTENT_RETRACT:
                begun.add(event.refers_to)
        return [id for id in dict.fromkeys(wanted) if id not in begun]

    def _event_of_client(self, intent: pb.Intent, about: str, chunk: int, now_ms: int) -> pb.ActionEvent:
        self._from_client += 1
        action = pb.Action(
            id=f"{self._session_id:016x}-c{self._from_client}", trigger_chunk=chunk, closed_chunk=chunk
        )
        event = self._event(action, intent, now_ms)
        event.expires_at_ms = now_ms + CLIENT_EVENT_MS
        event.delivery, event.origin, event.refers_to = pb.DELIVERY_IDEMPOTENT, pb.ORIGIN_CLIENT, about
        event.evidence.attended = True
        return event

    def _event(self, action: pb.Action, intent: pb.Intent, now_ms: int) -> pb.ActionEvent:
        terms = self._terms
        return pb.ActionEvent(
            action=action,
            session_id=self._session_id,
            home=terms.home,
            toolset=terms.toolset,
            fence=self._fence,
            emitted_at_ms=now_ms,
            tenant=terms.tenant,
            room=terms.room,
            satellite=terms.satellite,
            intent=intent,
        )

    # What became of it.

    def close(self, outcome: pb.ActionOutcome) -> tuple[pb.ActionEvent, str] | None:
        """The event of an outcome, and what the model is still to read of it; None for one that came before.

        Of what was given up as unknown it reads that it was done after all.
        """
        event = self.open.pop(outcome.action_id, None)
        if event is not None:
            return event, "" if is_quiet(event, outcome) else outcome_line(outcome)
        event = self._given_up.pop(outcome.action_id, None)
        if event is None:
            return None
        done = outcome.state == pb.OUTCOME_STATE_DONE and not is_quiet(event, outcome)
        return event, event_text("effect_late", _spoken_target(event)) if done else ""

    def ask(self, outcome: pb.ActionOutcome, line: str) -> None:
        """The outcome is a question: the newest. An answer that needs a code is asked about as before."""
        due_at_ms, about = outcome.due_at_ms, outcome.refers_to or outcome.action_id
        if self._answered is not None and self._answered.action_id == about:
            due_at_ms = due_at_ms or self._answered.due_at_ms
        if due_at_ms:
            self.asked = AskedQuestion(about, outcome.action_id, line, due_at_ms)

    def is_late(self, now_ms: int) -> bool:
        """Once: the question's time is over, and the model has read it."""
        if self.asked is None or now_ms <= self.asked.due_at_ms:
            return False
        late, self.asked = self.asked.chunk is not None, None
        return late

    def given_up(self, now_ms: int) -> Iterator[tuple[pb.ActionEvent, pb.ActionOutcome]]:
        """What expired long ago without an outcome, and one of state UNKNOWN for it."""
        for event in [each for each in self.open.values() if now_ms > each.expires_at_ms + OUTCOME_WAIT_MS]:
            del self.open[event.action.id]
            if len(self._given_up) >= MAX_OPEN_ACTIONS:
                self._given_up.pop(next(iter(self._given_up)))
            self._given_up[event.action.id] = event
            yield event, self.outcome(event.action, pb.OUTCOME_STATE_UNKNOWN, "no outcome came in time")

    def outcome(self, action: pb.Action, state: pb.OutcomeState, reason: str) -> pb.ActionOutcome:
        """One that is decided here: nothing was done."""
        return pb.ActionOutcome(
            action_id=action.id,
            session_id=self._session_id,
            home=self._terms.home,
            function=action.function,
            state=state,
            reason=reason,
        )

    # Across gateways.

    def save(self, record: SessionRecord) -> None:
        """A code's proof is not kept: whoever goes on asks for the code again."""
        record.open_actions.extend(self.open.values())
        for event in record.open_actions:
            event.ClearField("code_proof")
        record.client_events = self._from_client
        if self.asked is not None:
            record.asked.CopyFrom(self.asked.message())

    def restore(self, record: SessionRecord) -> None:
        """Open actions get this owner's fence."""
        self.open = {event.action.id: event for event in self._owned(record.open_actions)}
        self._from_client = record.client_events
        self.asked = read_question(record.asked) if record.HasField("asked") else None

    def _owned(self, events: Iterable[pb.ActionEvent]) -> Iterator[pb.ActionEvent]:
        for event in events:
            event.fence = self._fence
            yield event


def is_quiet(event: pb.ActionEvent, outcome: pb.ActionOutcome) -> bool:
    """What was taken back is told once, by the outcome of the retraction; the client's own by none."""
    if event.intent == pb.INTENT_RETRACT:
        return event.origin == pb.ORIGIN_CLIENT or "/" in event.action.id
    return outcome.state == pb.OUTCOME_STATE_RETRACTED


def _spoken_target(event: pb.ActionEvent) -> str:
    """The device of a call as it was said; empty where it names none."""
    arguments = json.loads(event.action.arguments_json or "{}")
    named = arguments.get("device") or arguments.get("door") or ""
    return f"{arguments.get('room', '')} {named}".strip() if named else ""
