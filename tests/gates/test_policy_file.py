"""A policy that cannot be read, or that would lock everybody out, is refused with a word on what is wrong."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duplexsla.enum_names import enum_name
from duplexsla.errors import PolicyError, PolicyLocksOut
from duplexsla.gates.policy import ActionOrigin, Driving, PolicyRequest, Presence
from duplexsla.gates.policy_file import (
    DEFAULT_FILE,
    ENTITY_CLASSES,
    default_policy,
    parse_policy,
    recorded_request,
)
from duplexsla.gates.risk import RISKS
from duplexsla.v1.home_pb2 import EntityClass

DEFAULT: dict[str, Any] = json.loads(DEFAULT_FILE.read_text())
READ, COMFORT = ({"name": risk, "verdict": "allow", "when": {"risk": [risk]}} for risk in ("read", "comfort"))


def _changed(**changes: Any) -> str:
    return json.dumps(copy.deepcopy(DEFAULT) | changes)


def _with_rule(**changes: Any) -> str:
    return _changed(rules=[{"name": "one", "verdict": "deny"} | changes, READ, COMFORT])


def test_the_policy_that_ships_is_valid_and_says_why_where_it_is_strict() -> None:
    assert default_policy().version == DEFAULT["version"]
    assert [rule.name for rule in default_policy().rules] == [rule["name"] for rule in DEFAULT["rules"]]
    assert all(rule.because for rule in default_policy().rules if rule.verdict == "deny")


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "no JSON"),
        ("{", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[]", "the policy is no object"),
        (" " * (1 << 21), "bytes"),
        ('{"version": "1", "version": "2"}', "'version' is given twice"),
        (_changed(version=""), "version"),
        (_changed(version=7), "version"),
        (_changed(surprise=1), "'surprise'"),
        (_changed(rules=None), "rules is no list"),
        (_changed(rules=[{}] * 501), "501 entries"),
        (_changed(otherwise="perhaps"), "otherwise is 'perhaps', none of: allow"),
        (_changed(rules=[READ, READ]), "two rules are named 'read'"),
        (_changed(rules=[READ, COMFORT | {"name": "otherwise"}]), "two rules are named 'otherwise'"),
        (_with_rule(verdict="confirm with cod"), r"rules\[0\].verdict"),
        (_with_rule(name="x" * 65), r"rules\[0\].name"),
        (_with_rule(because=3), r"rules\[0\].because"),
        (_with_rule(when=[]), r"rules\[0\].when is no object"),
        (_with_rule(when={"weather": ["rain"]}), "'weather'"),
        (_with_rule(when={"room": []}), "it would never fit"),
        (_with_rule(when={"room": "kitchen"}), "is no list"),
        (_with_rule(when={"room": [3]}), "is no text"),
        (_with_rule(when={"function": ["unlok_home_door"]}), "no such function"),
        (_with_rule(when={"entity_class": ["garage door"]}), "no such entity_class"),
        (_with_rule(when={"presence": ["empty"]}), "no such presence"),
        (_with_rule(hours=[22]), "hours"),
        (_with_rule(hours=[7, 7]), "hours"),
        (_with_rule(hours=[7, 25]), "hours"),
        (_with_rule(hours=[True, 8]), "hours"),
        (_changed(confidence={}), "confidence.read"),
        (
            _changed(confidence=DEFAULT["confidence"] | {"entry": {"floor": 0.9, "threshold": 0.5}}),
            "floor 0.9 is above",
        ),
        (
            _changed(confidence=DEFAULT["confidence"] | {"entry": {"floor": 0.1, "threshold": 0.2}}),
            "costs less",
        ),
        (
            _changed(confidence=DEFAULT["confidence"] | {"mess": {"floor": 0, "threshold": 1.5}}),
            "from 0 to 1",
        ),
        (
            _changed(confidence=DEFAULT["confidence"] | {"mess": {"floor": float("nan"), "threshold": 1}}),
            "from 0 to 1",
        ),
    ],
)
def test_what_is_wrong_is_named(text: str, wrong: str) -> None:
    with pytest.raises(PolicyError, match=wrong):
        parse_policy(text)


@pytest.mark.parametrize(
    "rules",
    [
        [],
        [{"name": "nothing", "verdict": "deny"}, READ, COMFORT],
        [READ, {"name": "no lights", "verdict": "deny", "when": {"risk": ["comfort"]}}, COMFORT],
        [
            {"name": "day", "verdict": "deny", "hours": [6, 18]},
            {"name": "night", "verdict": "deny", "hours": [18, 6]},
            COMFORT,
        ],
        [READ],
    ],
)
def test_a_policy_that_locks_everybody_out_is_refused(rules: list[dict[str, Any]]) -> None:
    with pytest.raises(PolicyLocksOut):
        parse_policy(_changed(rules=rules))


@pytest.mark.parametrize(
    "rules",
    [
        [{"name": "one tenant", "verdict": "confirm", "when": {"tenant": ["acme"]}}],
        [{"name": "no doors", "verdict": "deny", "when": {"risk": ["entry", "mess"]}}, READ, COMFORT],
        [{"name": "night", "verdict": "deny", "hours": [22, 6]}, READ, COMFORT],
        [
            {"name": "day", "verdict": "deny", "hours": [6, 22]},
            {"name": "kitchen at night", "verdict": "confirm with code", "when": {"room": ["kitchen"]}},
        ],
    ],
)
def test_a_strict_policy_that_lets_somebody_have_something_done_is_not(rules: list[dict[str, Any]]) -> None:
    assert parse_policy(_changed(rules=rules)).rules


KEYS = st.text() | st.sampled_from(sorted(DEFAULT))
LEAVES = st.none() | st.booleans() | st.floats() | st.text()


@given(st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner)))
def test_whatever_comes_is_a_policy_or_an_error_of_its_kind(found: Any) -> None:
    with pytest.raises(PolicyError):
        parse_policy(json.dumps(found))


def test_the_classes_are_those_of_the_registry() -> None:
    registry = {enum_name(EntityClass, value) for value in EntityClass.values()}
    assert registry <= ENTITY_CLASSES


@given(
    st.builds(
        PolicyRequest,
        risk=st.sampled_from(RISKS),
        room=st.text(),
        presence=st.sampled_from(Presence),
        driving=st.sampled_from(Driving),
        origin=st.sampled_from(ActionOrigin),
        hour=st.none() | st.integers(0, 23),
    )
)
def test_a_recorded_request_is_judged_as_it_was(request: PolicyRequest) -> None:
    again = recorded_request(json.loads(json.dumps(request.record())))
    assert again == request
    assert default_policy().evaluate(again) == default_policy().evaluate(request)


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"risk": "danger"},
        {"risk": "read", "hour": 24},
        {"risk": "read", "room": 3},
        {"risk": "read", "x": ""},
    ]
    + [{"risk": "read", "presence": "perhaps"}, {"risk": "read", "hour": True}],
)
def test_a_record_that_is_none_is_refused(record: dict[str, Any]) -> None:
    with pytest.raises(PolicyError):
        recorded_request(record)
