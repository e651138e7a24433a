"""What the model is told of an action's outcome. Pure; nothing in an odd outcome harms anybody else."""

import json

from duplexsla.enum_names import enum_name
from duplexsla.protocol.channel_lines import outcome_text, question_text
from duplexsla.v1.action_pb2 import (
    OUTCOME_STATE_AMBIGUOUS,
    OUTCOME_STATE_CONFIRM,
    OUTCOME_STATE_DONE,
    OUTCOME_STATE_INATTENTIVE,
    OUTCOME_STATE_NOT_FOUND,
    OUTCOME_STATE_PARTIAL,
    OUTCOME_STATE_SCHEDULED,
    ActionOutcome,
    OutcomeState,
)


def outcome_line(outcome: ActionOutcome) -> str:
    """Its line on the action channel; empty where nobody had turned to the service. A state that this version
    does not know reads as silent: nothing is known of an effect.
    """
    state = enum_name(OutcomeState, outcome.state)
    if outcome.state == OUTCOME_STATE_INATTENTIVE:
        return ""
    if outcome.state in (OUTCOME_STATE_CONFIRM, OUTCOME_STATE_AMBIGUOUS, OUTCOME_STATE_NOT_FOUND):
        return question_text(state, outcome.candidates)
    if outcome.state == OUTCOME_STATE_PARTIAL:
        left = [each.name for each in outcome.devices if each.state != OUTCOME_STATE_DONE]
        return question_text(state, left)
    result = _object(outcome.result_json)
    if outcome.state == OUTCOME_STATE_SCHEDULED:
        return question_text(state, [str(result.get("value", ""))])
    return outcome_text(state, result)


def _object(text: str) -> dict[str, object]:
    """A JSON object, or an empty one for anything else: an odd result must not end a conversation."""
    try:
        value = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
