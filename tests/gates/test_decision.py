"""The decision table, row by row, and what holds for all of it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.markdown import ROOT

from duplexsla.enum_names import enum_name
from duplexsla.gates.decision import (
    TABLE,
    DecisionRow,
    Gate,
    GateRequest,
    GateState,
    ResolverAnswer,
    Verdict,
    decide,
    policy_requests,
)
from duplexsla.gates.english import NEGATIONS
from duplexsla.gates.policy import ActionOrigin, Driving, PolicyRule, PolicyVerdict, Presence
from duplexsla.gates.policy_file import default_policy
from duplexsla.gates.risk import CAREFUL, RISKS
from duplexsla.gates.things import MeantThing
from duplexsla.gates.words_heard import Doubt
from duplexsla.protocol.channel_lines import LINES
from duplexsla.v1.action_pb2 import OutcomeState

POLICY = default_policy()
FRONT = MeantThing("lock.front", "lock", "hall", "mess")
GARAGE = MeantThing("cover.garage", "garage_door", "garage", "entry")
LOCK = GateRequest(
    "lock_home_door",
    {"door": "front door"},
    things=(FRONT,),
    attended=True,
    confidence=1.0,
    transcript="lock the front door please",
    presence=Presence.SOMEBODY,
)
UNLOCK = replace(
    LOCK,
    function="unlock_home_door",
    things=(replace(FRONT, risk="entry"),),
    transcript="could you unlock the front door",
)
LAMP = GateRequest(
    "open_home_device",
    {"device": "lamp"},
    things=(MeantThing("light.lamp", "light", "hall", "comfort"),),
    attended=True,
)
TRUNK = GateRequest(
    "open_car_setting",
    {"setting": "trunk"},
    toolset="car",
    things=(MeantThing("trunk", "car_setting", "", "entry"),),
    attended=True,
    confidence=1.0,
    transcript="open the trunk",
    driving=Driving.YES,
)

# Of every row a request that it decides.
ROWS: dict[tuple[Gate, str], GateRequest] = {
    (Gate.ATTENTION, "inattentive"): replace(LOCK, attended=False),
    (Gate.RESOLVER, "no such thing"): replace(LOCK, answer=ResolverAnswer.NONE),
    (Gate.RESOLVER, "several"): replace(LOCK, answer=ResolverAnswer.SEVERAL),
    (Gate.RESOLVER, "fuzzy"): replace(LOCK, answer=ResolverAnswer.FUZZY),
    (Gate.CONFIDENCE, "floor"): replace(LOCK, confidence=0.1),
    (Gate.CONFIDENCE, "threshold"): replace(LOCK, confidence=0.5),
    (Gate.WORDS_HEARD, Doubt.NOTHING_HEARD): replace(LOCK, transcript="what time is it"),
    (Gate.WORDS_HEARD, Doubt.NEGATED): replace(LOCK, transcript="don't lock the front door"),
    (Gate.WORDS_HEARD, Doubt.OPPOSITE): replace(LOCK, transcript="unlock the front door"),
    (Gate.WORDS_HEARD, Doubt.ASKED): replace(LOCK, transcript="is the front door locked"),
    (Gate.WORDS_HEARD, Doubt.TOLD): replace(LOCK, transcript="i locked the front door"),
    (Gate.WORDS_HEARD, Doubt.LATER): replace(LOCK, transcript="lock the front door at noon"),
    (Gate.WORDS_HEARD, Doubt.NOT_COMMANDED): replace(LOCK, transcript="my front door"),
    (Gate.WORDS_HEARD, Doubt.NOT_NAMED): replace(LOCK, transcript="lock the back door"),
    (Gate.POLICY, "deny"): TRUNK,
    (Gate.POLICY, "code"): UNLOCK,
    (Gate.POLICY, "confirm"): replace(LOCK, presence=Presence.NOBODY),
    (Gate.POLICY, "allow"): LOCK,
}


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.gate}: {row.rule}")
def test_every_row_decides(row: DecisionRow) -> None:
    verdict = decide(ROWS[row.gate, row.rule], POLICY)
    assert (verdict.gate, verdict.state, verdict.ask) == (row.gate, row.state, row.ask)
    assert verdict.code == row.code and verdict.line == row.line
    assert verdict.rule == row.rule or row.gate is Gate.POLICY


@pytest.mark.parametrize("place", range(len(TABLE) - 4))
def test_what_fits_two_rows_is_decided_by_the_first(place: int) -> None:
    """The rows of one fact (the resolver's answer, the number, the words) exclude each other."""
    before = TABLE[place]
    for after in TABLE[place + 1 : -4]:
        first, second = (_differences(ROWS[row.gate, row.rule]) for row in (before, after))
        if not first.keys() & second.keys():
            verdict = decide(replace(LOCK, **first, **second), POLICY)
            assert (verdict.gate, verdict.rule) == (before.gate, before.rule), after


def _differences(request: GateRequest) -> dict[str, Any]:
    fields = GateRequest.__dataclass_fields__
    return {name: found for name in fields if (found := getattr(request, name)) != getattr(LOCK, name)}


def test_every_state_is_one_of_outcomes_and_every_line_is_one_of_the_channel() -> None:
    outcomes = {enum_name(OutcomeState, value) for value in OutcomeState.values()}
    assert {str(state) for state in GateState} - {"allowed"} <= outcomes
    assert {row.line for row in TABLE} - {""} <= LINES.keys()
    silent = {row.state for row in TABLE if not row.line}
    assert silent == {GateState.INATTENTIVE, GateState.ALLOWED}
    assert all(LINES[row.line].expected == "nothing" for row in TABLE if row.state is GateState.UNSURE)


def test_the_table_in_the_documentation_is_this_one() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    assert "\n".join(_markdown()) in text, "\n".join(_markdown())


def _markdown() -> list[str]:
    cells = [["gate", "rule", "when", "state", "asks", "line for the model"], ["---"] * 6]
    for row in TABLE:
        asks = "yes" if row.ask else ""
        cells.append([row.gate, row.rule, row.when, row.state.upper(), asks, row.line])
    return [f"| {' | '.join(each)} |".replace(" --- ", "---") for each in cells]


def test_a_question_is_asked_only_about_what_may_be_done_and_with_the_code_that_it_needs() -> None:
    doubtful = replace(TRUNK, transcript="is the trunk open")
    assert decide(doubtful, POLICY).state is GateState.DENIED
    asked = decide(replace(UNLOCK, transcript="is the front door locked"), POLICY)
    assert (asked.gate, asked.ask, asked.code, asked.line) == (Gate.WORDS_HEARD, True, True, "code")


def test_every_gate_has_its_word_as_far_as_it_mattered() -> None:
    told = decide(replace(LOCK, presence=Presence.UNKNOWN), POLICY).by_gate()
    assert list(told) == list(Gate)
    assert list(told.values()) == [*["passed"] * 4, "confirm: mess"]
    unsure = decide(replace(UNLOCK, confidence=0.7), POLICY).by_gate()
    assert list(unsure.values()) == ["passed", "passed", "confirm: threshold", "", "asks for the code"]
    unheard = decide(replace(LOCK, attended=False), POLICY).by_gate()
    assert list(unheard.values()) == ["inattentive: inattentive", "", "", "", ""]


def test_a_question_out_of_doubt_says_unsure() -> None:
    assert decide(ROWS[Gate.CONFIDENCE, "threshold"], POLICY).reason == "unsure"
    assert decide(UNLOCK, POLICY).reason == "policy: unlock and disarm"
    assert decide(LOCK, POLICY).reason == ""


def test_a_yes_settles_doubts_but_neither_attention_nor_policy() -> None:
    doubtful = replace(LOCK, confirmed=True, confidence=None, transcript="", answer=ResolverAnswer.FUZZY)
    assert decide(doubtful, POLICY).acts
    assert decide(replace(doubtful, presence=Presence.NOBODY), POLICY).acts
    assert not decide(replace(doubtful, attended=False), POLICY).acts
    assert not decide(replace(TRUNK, confirmed=True, code_right=True), POLICY).acts
    unlock = replace(UNLOCK, confirmed=True)
    assert decide(unlock, POLICY).code and decide(replace(unlock, code_right=True), POLICY).acts
    assert not decide(replace(UNLOCK, code_right=True), POLICY).acts, "a code is no yes"


def test_a_yes_that_holds_a_no_is_none() -> None:
    for words, acts in (("yes please", True), ("", True), ("no", False), ("yes no don't", False)):
        verdict = decide(replace(LOCK, confirmed=True, yes_transcript=words), POLICY)
        assert verdict.acts == acts, words


@pytest.mark.parametrize("origin", [ActionOrigin.CLIENT, ActionOrigin.API, ActionOrigin.SCHEDULE])
def test_what_no_model_wrote_needs_no_ears_but_the_policy(origin: ActionOrigin) -> None:
    pressed = replace(LOCK, origin=origin, attended=False, confidence=None, transcript="")
    assert decide(pressed, POLICY).acts
    assert decide(replace(pressed, presence=Presence.UNKNOWN), POLICY).ask
    unlocked = replace(UNLOCK, origin=origin, attended=False, confidence=None, transcript="")
    assert decide(unlocked, POLICY).code


def test_the_risk_is_the_highest_of_function_and_things_and_unknown_is_mess() -> None:
    assert LAMP.risk == "comfort"
    assert replace(LAMP, things=(*LAMP.things, GARAGE)).risk == "entry"
    assert replace(LAMP, things=(replace(FRONT, risk=None),)).risk == "mess"
    assert replace(LAMP, function="sail").risk == "mess"
    assert not decide(replace(LAMP, function="sail"), POLICY).acts
    assert decide(LAMP, POLICY).acts, "comfort without a table"
    assert not decide(replace(LAMP, things=(*LAMP.things, GARAGE)), POLICY).acts


def test_a_scene_that_unlocks_needs_a_code() -> None:
    scene = GateRequest(
        "run_home_scene",
        {"scene": "welcome"},
        things=(MeantThing("scene.welcome", "scene", "", "entry"),),
        attended=True,
        confidence=1.0,
        transcript="run the welcome scene",
    )
    assert decide(scene, POLICY).code
    assert decide(replace(scene, things=(replace(scene.things[0], risk="comfort"),)), POLICY).acts


def test_each_thing_is_a_question_to_the_policy() -> None:
    requests = policy_requests(replace(LAMP, things=(*LAMP.things, GARAGE), tenant="acme"))
    assert [(each.entity, each.risk, each.room) for each in requests] == [
        ("light.lamp", "comfort", "hall"),
        ("cover.garage", "entry", "garage"),
    ]
    (alone,) = policy_requests(GateRequest("set_timer", room="kitchen"))
    assert (alone.entity, alone.risk, alone.room) == ("", "comfort", "kitchen")


def test_a_verdict_is_audited_and_counted_without_what_was_said() -> None:
    verdict = decide(UNLOCK, POLICY)
    assert verdict.audit_fields() == {
        "gate": "policy",
        "state": "confirm",
        "rule": "unlock and disarm",
        "reason": "policy: unlock and disarm",
        "risk": "entry",
        "code": True,
        "policy": POLICY.version,
    }
    assert verdict.labels() == {"gate": "policy", "state": "confirm", "risk": "entry"}


CONFIDENCE = st.none() | st.floats(0, 1) | st.just(float("nan"))
SAID = st.sampled_from(
    ["lock the front door", "unlock the front door", "open the garage door", "what time is it", ""]
    + ["is the front door locked", "turn on the lamp", "yes"]
)
THINGS = st.lists(st.sampled_from([FRONT, replace(FRONT, risk="entry"), GARAGE, LAMP.things[0]]), max_size=3)
REQUESTS = st.builds(
    GateRequest,
    function=st.sampled_from(["lock_home_door", "unlock_home_door", "open_home_device", "query_home_time"]),
    arguments=st.sampled_from([{"door": "front door"}, {"device": "garage door"}, {}]),
    answer=st.sampled_from(ResolverAnswer),
    things=THINGS.map(tuple),
    attended=st.booleans(),
    confidence=CONFIDENCE,
    transcript=SAID,
    origin=st.sampled_from(ActionOrigin),
    presence=st.sampled_from(Presence),
    hour=st.none() | st.integers(0, 23),
    confirmed=st.booleans(),
    yes_transcript=SAID,
    code_right=st.booleans(),
)
EVIDENCE = st.fixed_dictionaries(
    {
        "attended": st.booleans(),
        "confidence": CONFIDENCE,
        "transcript": SAID,
        "answer": st.sampled_from(ResolverAnswer),
        "confirmed": st.booleans(),
        "yes_transcript": SAID,
        "code_right": st.booleans(),
    }
)
HOW_FAR = {GateState.ALLOWED: 2, GateState.CONFIRM: 1}


def _how_far(verdict: Verdict) -> int:
    return HOW_FAR.get(verdict.state, 0)


@given(REQUESTS, EVIDENCE, st.sampled_from(RISKS))
def test_no_evidence_turns_what_is_denied_into_an_effect(
    request: GateRequest, evidence: dict[str, Any], denied: str
) -> None:
    rule = PolicyRule("denied", PolicyVerdict.DENY, {"risk": frozenset({denied})})
    policy = replace(POLICY, rules=(rule, *POLICY.rules))
    denies = any(rule.fits(each) for each in policy_requests(request))
    verdict = decide(replace(request, **evidence), policy)
    assert not denies or not (verdict.acts or verdict.ask)


@given(REQUESTS, st.sampled_from(sorted(NEGATIONS)), st.integers(0, 6))
def test_a_negation_makes_no_effect_of_anything(request: GateRequest, negation: str, place: int) -> None:
    words = request.transcript.split()
    negated = replace(request, transcript=" ".join([*words[:place], negation, *words[place:]]))
    assert _how_far(decide(negated, POLICY)) <= max(1, _how_far(decide(request, POLICY)))
    if request.risk in CAREFUL and request.origin is ActionOrigin.MODEL and not request.confirmed:
        assert not decide(negated, POLICY).acts


@given(REQUESTS, st.floats(0, 1), st.floats(0, 1))
def test_more_confidence_never_does_less(request: GateRequest, one: float, other: float) -> None:
    less, more = (decide(replace(request, confidence=each), POLICY) for each in sorted((one, other)))
    assert more.acts >= less.acts
    if more.state is not GateState.DENIED:
        assert _how_far(more) >= _how_far(less)


@given(REQUESTS)
def test_the_same_request_has_the_same_verdict(request: GateRequest) -> None:
    assert decide(request, POLICY) == decide(request, POLICY)


@given(REQUESTS)
def test_nothing_acts_outside_attention_or_without_what_the_policy_wants(request: GateRequest) -> None:
    verdict = decide(request, POLICY)
    if verdict.acts:
        assert request.attended or request.origin is not ActionOrigin.MODEL
        ruled = POLICY.evaluate_all(policy_requests(request)).verdict
        assert ruled is PolicyVerdict.ALLOW or request.confirmed
        assert ruled is not PolicyVerdict.CODE or request.code_right
