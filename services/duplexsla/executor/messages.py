"""The messages of one action: its event is read and checked, and what became of it is said in an outcome."""

import json
from collections.abc import Mapping
from typing import Any

from google.protobuf.message import DecodeError

from duplexsla.enum_names import enum_name
from duplexsla.errors import ActionExpired, ActionRefused, BadInput, DuplexSLAError, StaleFence
from duplexsla.executor.backends.device import Effect
from duplexsla.executor.breaker import Target
from duplexsla.protocol.topics import home_key
from duplexsla.tools import TOOLSETS
from duplexsla.v1 import action_pb2 as pb

MAX_ID_CHARS = 128
MAX_REASON_CHARS = 300


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


def valid_arguments(event: pb.ActionEvent) -> dict[str, Any]:
    """Raises ActionRefused; also for an event that asks for something else than doing a call."""
    if event.intent not in (pb.INTENT_UNSPECIFIED, pb.INTENT_DO):
        raise ActionRefused(f"intent {enum_name(pb.Intent, event.intent)} is not served")
    toolset = TOOLSETS.get(event.toolset)
    if toolset is None:
        raise ActionRefused(f"no toolset {event.toolset[:64]!r}")
    try:
        arguments = json.loads(event.action.arguments_json or "{}")
    except (ValueError, RecursionError) as error:
        raise ActionRefused(f"arguments are no JSON: {error}") from error
    if not isinstance(arguments, dict):
        raise ActionRefused("arguments are no JSON object")
    return dict(toolset.validate(event.action.function, arguments))


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


def state_of(refusal: DuplexSLAError) -> pb.OutcomeState:
    """The state that a device's final answer leads to, when no earlier call may have had an effect."""
    if isinstance(refusal, ActionExpired):
        return pb.OUTCOME_STATE_EXPIRED
    if isinstance(refusal, StaleFence):
        return pb.OUTCOME_STATE_FENCED
    return pb.OUTCOME_STATE_REFUSED if isinstance(refusal, ActionRefused) else pb.OUTCOME_STATE_FAILED


def state_name(state: pb.OutcomeState) -> str:
    """As metrics and histories name it: "done", "unknown"..."""
    return enum_name(pb.OutcomeState, state)
