"""The evaluator: the first rule that fits, by every condition; the strictest of several; the dry run."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duplexsla.gates.policy import (
    CONDITIONS,
    OTHERWISE,
    STRICTNESS,
    Driving,
    Policy,
    PolicyRequest,
    PolicyRule,
    PolicyVerdict,
    Presence,
    dry_run,
)
from duplexsla.gates.policy_file import default_policy
from duplexsla.gates.risk import RISKS
from duplexsla.tools import Risk

V = PolicyVerdict
REQUEST = PolicyRequest("comfort", hour=12)


def _policy(*rules: PolicyRule, otherwise: PolicyVerdict = V.DENY) -> Policy:
    return replace(default_policy(), rules=rules, otherwise=otherwise)


def test_the_first_rule_that_fits_decides_and_says_its_name() -> None:
    nights = PolicyRule("nights", V.CONFIRM, hours=(22, 6))
    everything = PolicyRule("everything", V.ALLOW)
    policy = _policy(nights, everything)
    assert policy.evaluate(replace(REQUEST, hour=23)) == (V.CONFIRM, "nights")
    assert policy.evaluate(REQUEST) == (V.ALLOW, "everything")
    assert _policy(nights).evaluate(REQUEST) == (V.DENY, OTHERWISE)


@pytest.mark.parametrize("condition", CONDITIONS)
def test_every_condition_is_asked(condition: str) -> None:
    own = getattr(REQUEST, condition)
    assert PolicyRule("own", V.ALLOW, {condition: frozenset({own, "x"})}).fits(REQUEST)
    assert not PolicyRule("other", V.ALLOW, {condition: frozenset({"x"})}).fits(REQUEST)


@pytest.mark.parametrize(
    ("hours", "fitting"), [((22, 6), {22, 23, 0, 5}), ((6, 22), {6, 12, 21}), ((0, 24), set(range(24)))]
)
def test_hours_go_over_midnight(hours: tuple[int, int], fitting: set[int]) -> None:
    rule = PolicyRule("hours", V.DENY, hours=hours)
    fits = {hour for hour in range(24) if rule.fits(replace(REQUEST, hour=hour))}
    assert fitting <= fits and len(fits) == (hours[1] - hours[0]) % 24 or len(fits) == 24


def test_an_hour_that_nobody_knows_allows_nothing_and_forbids_what_it_may() -> None:
    unknown = replace(REQUEST, hour=None)
    assert not PolicyRule("day", V.ALLOW, hours=(8, 20)).fits(unknown)
    assert all(
        PolicyRule("night", verdict, hours=(20, 8)).fits(unknown) for verdict in (V.DENY, V.CODE, V.CONFIRM)
    )


@given(st.lists(st.sampled_from(RISKS), min_size=1, max_size=8))
def test_of_several_the_strictest_counts_in_whatever_order(risks: list[Risk]) -> None:
    requests = [replace(REQUEST, risk=risk) for risk in risks]
    policy = default_policy()
    each = [policy.evaluate(request).verdict for request in requests]
    assert policy.evaluate_all(requests).verdict is max(each, key=STRICTNESS.index)
    assert policy.evaluate_all(requests[::-1]).verdict is policy.evaluate_all(requests).verdict


def test_a_dry_run_tells_what_would_be_decided_otherwise_and_by_which_rules() -> None:
    before = default_policy()
    strict = PolicyRule("no doors at night", V.DENY, {"risk": frozenset({"entry"})}, hours=(22, 6))
    after = replace(before, rules=(strict, *before.rules))
    recorded = [PolicyRequest("entry", hour=hour) for hour in (12, 23)] + [PolicyRequest("read", hour=23)]
    (difference,) = dry_run(before, after, recorded)
    assert difference.request == recorded[1]
    assert difference.before == (V.CONFIRM, "entry")
    assert difference.after == (V.DENY, "no doors at night")
    assert not list(dry_run(before, before, recorded))


# What the policy that ships says: (request, verdict, rule).
HOME = PolicyRequest("comfort", presence=Presence.SOMEBODY)
CAR = PolicyRequest("comfort", toolset="car", driving=Driving.YES)
STANDS = replace(CAR, driving=Driving.NO)
SHIPPED = [
    (replace(HOME, risk="read"), V.ALLOW, "read"),
    (HOME, V.ALLOW, "comfort"),
    (replace(HOME, risk="mess"), V.ALLOW, "mess with somebody home"),
    (replace(HOME, risk="mess", presence=Presence.NOBODY), V.CONFIRM, "mess"),
    (replace(HOME, risk="mess", presence=Presence.UNKNOWN), V.CONFIRM, "mess"),
    (replace(HOME, risk="entry"), V.CONFIRM, "entry"),
    (replace(HOME, risk="entry", entity_class="garage_door"), V.CONFIRM, "entry"),
    (replace(HOME, risk="entry", function="unlock_home_door"), V.CODE, "unlock and disarm"),
    (replace(HOME, risk="entry", function="disarm_home_alarm"), V.CODE, "unlock and disarm"),
    (
        replace(HOME, risk="entry", function="run_home_scene", entity_class="scene"),
        V.CODE,
        "what unlocks or disarms by another name",
    ),
    *(
        (replace(CAR, risk=risk, entity=entity, function="open_car_setting"), V.DENY, rule)
        for rule in ("driving: body and driver's place stay as they are",)
        for entity, risk in (
            ("doors", "entry"),
            ("trunk", "entry"),
            ("hood", "entry"),
            ("fuel door", "entry"),
            ("child lock", "entry"),
            ("steering wheel", "mess"),
        )
    ),
    *(
        (replace(CAR, entity="seat", room=zone), V.DENY, "driving: driver's seat")
        for zone in ("driver", "front", "all", "")
    ),
    (replace(CAR, entity="seat", room="passenger"), V.ALLOW, "comfort"),
    (replace(CAR, risk="read", entity="doors"), V.ALLOW, "read"),
    *(
        (replace(CAR, function="open_app", entity=app), V.DENY, "driving: no screens")
        for app in ("video", "browser", "email", "messages", "notes")
    ),
    (replace(CAR, function="open_app", entity="maps"), V.ALLOW, "comfort"),
    (replace(CAR, function="close_app", entity="video"), V.ALLOW, "comfort"),
    (replace(CAR, function="play_media", entity="video"), V.DENY, "driving: no screens"),
    (replace(CAR, function="open_system_setting", entity="keyboard"), V.DENY, "driving: no screens"),
    *(
        (replace(CAR, function=function), V.DENY, "driving: nothing to watch or type")
        for function in ("play_online_video", "search_online_video", "generate_text_resource")
    ),
    (
        replace(CAR, driving=Driving.UNKNOWN, function="play_online_video"),
        V.DENY,
        "driving: nothing to watch or type",
    ),
    (replace(STANDS, function="play_online_video"), V.ALLOW, "comfort"),
    (replace(STANDS, entity="trunk", risk="entry"), V.CONFIRM, "entry"),
    (replace(HOME, driving=Driving.YES, function="open_home_device"), V.ALLOW, "comfort"),
]


@pytest.mark.parametrize(("request_", "verdict", "rule"), SHIPPED)
def test_the_policy_that_ships(request_: PolicyRequest, verdict: PolicyVerdict, rule: str) -> None:
    assert default_policy().evaluate(request_) == (verdict, rule)
