"""The messages of one action: its event is read and checked, and what became of it is said in an outcome."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from google.protobuf.message import DecodeError

from duplexsla.enum_names import enum_name
from duplexsla.errors import ActionExpired, ActionRefused, BadInput, DuplexSLAError, StaleFence
from duplexsla.executor.backends.device import Effect
from duplexsla.executor.breaker import Target
from duplexsla.protocol.topics import home_key
from duplexsla.tools import NEWEST
from duplexsla.v1 import action_pb2 as pb
from duplexsla.v1.plan_pb2 import ActionPlan

MAX_ID_CHARS = 128
MAX_REASON_CHARS = 300
WITHOUT_EFFECT = frozenset(
    (
        pb.OUTCOME_STATE_FAILED,
        pb.OUTCOME_STATE_EXPIRED,
        pb.OUTCOME_STATE_FENCED,
        pb.OUTCOME_STATE_REFUSED,
        pb.OUTCOME_STATE_UNAVAILABLE,
        pb.OUTCOME_STATE_CONFIRM,
        pb.OUTCOME_STATE_UNSURE,
        pb.OUTCOME_STATE_INATTENTIVE,
        pb.OUTCOME_STATE_DENIED,
        pb.OUTCOME_STATE_AMBIGUOUS,
        pb.OUTCOME_STATE_NOT_FOUND,
        pb.OUTCOME_STATE_DUPLICATE,
        pb.OUTCOME_STATE_RETRACTED,
        pb.OUTCOME_STATE_SCHEDULED,
    )
)
ABOUT_SCHEDULES = (pb.INTENT_CANCEL, pb.INTENT_MOVE)
_SPOKEN_VERBS = {"open": "turn on", "close": "turn off", "increase": "turn up", "decrease": "turn down"}
_INTENTS = {"confirm": pb.INTENT_YES, "decline": pb.INTENT_NO, "never_mind": pb.INTENT_RETRACT}


def read_event(key: bytes, value: bytes) -> pb.ActionEvent:
    """Raises BadInput for what is not an action of the home that keys it."""
    try:
        event = pb.ActionEvent.FromString(value)
    except DecodeError as error:
        raise BadInput(f"not an ActionEvent: {error}") from error
    if not 0 < len(event.action.id) <= MAX_ID_CHARS:
        raise BadInput(f"an action id has 1 to {MAX_ID_CHARS} characters, not {len(event.action.id)}")
    if not event.home or home_key(event.tenant, event.home) != key:
        raise BadInput("the record's key is not the event's home")
    return event


def intent_of(event: pb.ActionEvent) -> pb.Intent:
    """What it asks for: also by a function that stands for it."""
    if event.intent not in (pb.INTENT_UNSPECIFIED, pb.INTENT_DO):
        return event.intent
    return _INTENTS.get(event.action.function, pb.INTENT_DO) if event.toolset == "home" else pb.INTENT_DO


def valid_arguments(event: pb.ActionEvent) -> dict[str, Any]:
    """Of the call, valid for the newest version of its toolset; none for what carries no function.

    Raises ActionRefused.
    """
    if event.intent in (pb.INTENT_YES, pb.INTENT_NO, pb.INTENT_RETRACT, *ABOUT_SCHEDULES):
        return {}
    if event.intent not in (pb.INTENT_UNSPECIFIED, pb.INTENT_DO):
        raise ActionRefused(f"intent {enum_name(pb.Intent, event.intent)} is not served")
    toolset = NEWEST.get(event.toolset)
    if toolset is None:
        raise ActionRefused(f"no toolset {event.toolset[:64]!r}")
    try:
        arguments = json.loads(event.action.arguments_json or "{}")
    except (ValueError, RecursionError) as error:
        raise ActionRefused(f"arguments are no JSON: {error}") from error
    if not isinstance(arguments, dict):
        raise ActionRefused("arguments are no JSON object")
    return dict(toolset.validate(event.action.function, arguments))


def of_session(action_id: str, session_id: int) -> bool:
    """Whether an action is one of this session's own."""
    return action_id.startswith(f"{session_id:016x}-") and len(action_id) <= MAX_ID_CHARS


def derived(event: pb.ActionEvent, id: str, plan: ActionPlan | None = None) -> pb.ActionEvent:
    """An effect that `event` decides: under another id, with the event's session, fence and expiry.

    With a plan it is the plan's call, else the event's own.
    """
    effect = pb.ActionEvent()
    effect.CopyFrom(event)
    effect.action.id = id
    if plan is not None:
        effect.toolset = plan.toolset
        effect.action.function, effect.action.arguments_json = plan.function, plan.arguments_json
        effect.delivery = pb.DELIVERY_AT_MOST_ONCE if plan.at_most_once else pb.DELIVERY_IDEMPOTENT
    return effect


def target_of(event: pb.ActionEvent, arguments: Mapping[str, Any]) -> Target:
    """The device that the call is for, as far as its arguments name one; else the function is its own."""
    named = arguments.get("device") or arguments.get("door")
    device = f"{arguments.get('room', '')} {named}".strip() if named else event.action.function
    return Target(home_key(event.tenant, event.home).decode(), device)


def outcome(
    event: pb.ActionEvent, state: pb.OutcomeState, reason: str = "", *, attempts: int = 0
) -> pb.ActionOutcome:
    """An outcome without an effect that we know of."""
    return pb.ActionOutcome(
        action_id=event.action.id,
        session_id=event.session_id,
        home=event.home,
        function=event.action.function,
        tenant=event.tenant,
        state=state,
        reason=reason[:MAX_REASON_CHARS],
        attempts=attempts,
    )


def done(event: pb.ActionEvent, effect: Effect, *, attempts: int) -> pb.ActionOutcome:
    done = outcome(event, pb.OUTCOME_STATE_DONE, attempts=attempts)
    done.result_json = json.dumps(dict(effect.result), sort_keys=True, separators=(",", ":"))
    done.effect_at_ms = effect.at_ms
    done.effect_ms = effect.at_ms - event.emitted_at_ms
    return done


def fenced(outcome: pb.ActionOutcome) -> bool:
    """Whether a newer owner of the session stood in the way, of all of it or of one device."""
    return pb.OUTCOME_STATE_FENCED in (outcome.state, *(device.state for device in outcome.devices))


def result_of_several(outcomes: Sequence[pb.ActionOutcome]) -> str:
    """The result of an action for several devices: the one that they have in common, else none."""
    results = {each.result_json for each in outcomes if each.state == pb.OUTCOME_STATE_DONE}
    return results.pop() if len(results) == 1 else ""


def spoken_function(function: str) -> str:
    """ "unlock" of unlock_home_door, for people."""
    verb, _, rest = function.partition("_")
    verb = _SPOKEN_VERBS.get(verb, verb)
    return verb if "home" in rest else " ".join((verb, *rest.split("_"))).strip()


def question(function: str, names: Sequence[str]) -> str:
    return f"{spoken_function(function)} {' and '.join(names)}?"


def answer_json(answer: str) -> str:
    """The result of a question without a device: its words are the value that is told."""
    found = json.loads(answer or "{}")
    value = " ".join(str(each) for each in found.values())
    return json.dumps({**found, "value": value}, sort_keys=True, separators=(",", ":"))


def published(outcome: pb.ActionOutcome) -> pb.ActionOutcome:
    """The outcome without what executors keep for each other."""
    told = pb.ActionOutcome()
    told.CopyFrom(outcome)
    told.ClearField("plan")
    return told


def state_of(refusal: DuplexSLAError) -> pb.OutcomeState:
    """The state that a device's final answer leads to, when no earlier call may have had an effect."""
    if isinstance(refusal, ActionExpired):
        return pb.OUTCOME_STATE_EXPIRED
    if isinstance(refusal, StaleFence):
        return pb.OUTCOME_STATE_FENCED
    return pb.OUTCOME_STATE_REFUSED if isinstance(refusal, ActionRefused) else pb.OUTCOME_STATE_FAILED


def delivery_name(event: pb.ActionEvent) -> str:
    """As histories name it: whatever is not idempotent is sent at most once."""
    return "idempotent" if event.delivery == pb.DELIVERY_IDEMPOTENT else "at_most_once"


def state_name(state: pb.OutcomeState) -> str:
    """As metrics and histories name it: "done", "unknown"..."""
    return enum_name(pb.OutcomeState, state)
