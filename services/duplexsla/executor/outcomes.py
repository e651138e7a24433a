"""Outcomes: what is told of an action that ended one way or another."""

import json

from duplexsla.errors import ActionExpired, ActionRefused, DuplexSLAError, StaleFence
from duplexsla.executor.backends.device import Effect
from duplexsla.v1 import action_pb2 as pb

MAX_REASON_CHARS = 300


def outcome(
    event: pb.ActionEvent, state: pb.OutcomeState, reason: str = "", *, attempts: int = 0
) -> pb.ActionOutcome:
    """An outcome without an effect that we know of."""
    return pb.ActionOutcome(
        action_id=event.action.id,
        session_id=event.session_id,
        home=event.home,
        function=event.action.function,
        state=state,
        reason=reason[:MAX_REASON_CHARS],
        attempts=attempts,
    )


def done(event: pb.ActionEvent, effect: Effect, *, attempts: int) -> pb.ActionOutcome:
    told = outcome(event, pb.OUTCOME_STATE_DONE, attempts=attempts)
    told.result_json = json.dumps(dict(effect.result), sort_keys=True, separators=(",", ":"))
    told.effect_at_ms = effect.at_ms
    told.effect_ms = effect.at_ms - event.emitted_at_ms
    return told


def state_of(refusal: DuplexSLAError) -> pb.OutcomeState:
    """The state that a device's final answer leads to, when no earlier call may have had an effect."""
    if isinstance(refusal, ActionExpired):
        return pb.OUTCOME_STATE_EXPIRED
    if isinstance(refusal, StaleFence):
        return pb.OUTCOME_STATE_FENCED
    return pb.OUTCOME_STATE_REFUSED if isinstance(refusal, ActionRefused) else pb.OUTCOME_STATE_FAILED


def name_of(state: pb.OutcomeState) -> str:
    """As it is counted and told: "done", "unknown"..."""
    return pb.OutcomeState.Name(state).removeprefix("OUTCOME_STATE_").lower()
