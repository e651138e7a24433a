from typing import Any

import pytest

from duplexsla_loadtest.call_recorder import CallMeasures, ReportedOutcome, RequestedAction
from duplexsla_loadtest.checker import COMMANDS, check

SESSION = 0xAB
NAME = f"{SESSION:016x}"


def _measures(
    requested: list[str], outcomes: list[tuple[str, str]], *, function: str = "lock"
) -> CallMeasures:
    return CallMeasures(
        [SESSION],
        [RequestedAction(each, function, "{}", 1.0) for each in requested],
        [ReportedOutcome(*each) for each in outcomes],
    )


def _effect(action: str, *, session: str = NAME, function: str = "lock") -> dict[str, Any]:
    return {"action_id": action, "session_id": session, "function": function}


def _command(effect: str) -> dict[str, Any]:
    return _effect(effect, function="turn_off") | {"toolset": COMMANDS}


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


def test_what_is_asked_first_is_an_answer_and_moves_nothing_before_the_yes() -> None:
    measures = _measures(["a"], [("a", "confirm")])
    assert _found(measures) == _found(measures, []) == []
    assert _found(measures, [_effect("a")]) == ["actions_extra"]
    assert _found(measures, [_effect("a/yes")]) == []
    assert _found(_measures(["a"], [("a", "denied")]), [_effect("a/yes")]) == ["actions_extra"]


def test_one_action_is_one_command_to_each_of_its_devices() -> None:
    measures = _measures(["a"], [("a", "done")])
    assert _found(measures, [_command("a/hall/light"), _command("a/attic/light")]) == []
    assert _found(measures, [_command("a/hall/light"), _command("a/hall/light")]) == ["actions_twice"]
    assert _found(measures, [_command("b/hall/light")]) == ["actions_missing", "actions_extra"]


def test_an_answer_needs_no_effect() -> None:
    measures = _measures(["a"], [("a", "done")], function="query_home_time")
    assert _found(measures, []) == []


def test_effects_of_others_in_the_same_home_are_not_ours() -> None:
    assert _found(_measures([], []), [_effect("z", session="other")]) == []


def test_effects_keep_the_order_of_the_calls() -> None:
    measures = _measures(["a", "b"], [("a", "done"), ("b", "done")])
    assert _found(measures, [_effect("b"), _effect("a")]) == ["actions_out_of_order"]
