from typing import Any

import pytest

from duplexsla_loadtest.call_recorder import CallMeasures, ReportedOutcome, RequestedAction
from duplexsla_loadtest.checker import check

SESSION = 0xAB
NAME = f"{SESSION:016x}"


def _measures(requested: list[str], outcomes: list[tuple[str, str]]) -> CallMeasures:
    return CallMeasures(
        [SESSION],
        [RequestedAction(each, "lock", "{}", 1.0) for each in requested],
        [ReportedOutcome(*each) for each in outcomes],
    )


def _effect(action: str, *, session: str = NAME, function: str = "lock") -> dict[str, Any]:
    return {"action_id": action, "session_id": session, "function": function}


def _found(measures: CallMeasures, effects: list[dict[str, Any]] | None = None) -> list[str]:
    return [each.count for each in check(measures, effects)]


def test_each_action_once_is_as_it_must_be() -> None:
    measures = _measures(["a", "b"], [("a", "done"), ("b", "done")])
    assert _found(measures) == _found(measures, [_effect("a"), _effect("b")]) == []


@pytest.mark.parametrize("outcomes", [[], [("a", "expired")], [("a", "fenced")], [("a", "unknown")]])
def test_an_action_that_was_not_done_is_missing(outcomes: list[tuple[str, str]]) -> None:
    assert _found(_measures(["a"], outcomes)) == ["actions_missing"]


def test_a_device_that_refuses_has_answered() -> None:
    assert _found(_measures(["a"], [("a", "failed")]), []) == []


def test_an_outcome_twice_is_one_too_many_but_unknown_may_be_corrected() -> None:
    assert _found(_measures(["a"], [("a", "done"), ("a", "done")])) == ["actions_twice"]
    assert _found(_measures(["a"], [("a", "unknown"), ("a", "done")])) == []


def test_an_outcome_that_nobody_asked_for_is_extra_unless_it_refuses_a_malformed_call() -> None:
    assert _found(_measures([], [("x", "done")])) == ["actions_extra"]
    assert _found(_measures([], [("x-refused", "refused")])) == []


def test_the_log_shows_what_the_stream_does_not() -> None:
    measures = _measures(["a"], [("a", "done")])
    assert _found(measures, []) == ["actions_missing"]
    assert _found(measures, [_effect("a"), _effect("a")]) == ["actions_twice"]
    assert _found(measures, [_effect("a"), _effect("b")]) == ["actions_extra"]
    assert _found(measures, [_effect("a", function="unlock")]) == ["actions_extra"]
    assert _found(_measures(["a"], [("a", "failed")]), [_effect("a")]) == ["actions_extra"]


def test_effects_of_others_in_the_same_home_are_not_ours() -> None:
    assert _found(_measures([], []), [_effect("z", session="other")]) == []


def test_effects_keep_the_order_of_the_calls() -> None:
    measures = _measures(["a", "b"], [("a", "done"), ("b", "done")])
    assert _found(measures, [_effect("b"), _effect("a")]) == ["actions_out_of_order"]
