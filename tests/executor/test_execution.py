"""Several devices of one action: each has one effect, whoever dies in the middle."""

import asyncio

import pytest
from tests.support.action_events import DONE, ScriptedDevice, event
from tests.support.scripted_decisions import ScriptedDecisions, Site, plan_for

from duplexsla.errors import DeviceRefused, DeviceUnavailable
from duplexsla.executor.backends.device import DeviceCall, Effect
from duplexsla.v1 import action_pb2 as pb

LAMPS = ("kitchen/light", "attic/light", "office/light")
IDS = [f"{event().action.id}/{lamp}" for lamp in LAMPS]


class Died(BaseException):
    """SIGKILL."""


class Lamps(ScriptedDevice):
    """Each entity answers by itself, from what it was told to answer."""

    def __init__(self, **answers: Exception) -> None:
        super().__init__()
        self._answers = answers

    async def call(self, call: DeviceCall, *, timeout_s: float) -> Effect:
        self.calls.append(call)
        await asyncio.sleep(0)
        assert call.command is not None
        answer = self._answers.get(call.command.entity.partition("/")[0])
        if answer is not None:
            raise answer
        return DONE


def site(device: ScriptedDevice, *, at_most_once: bool = False) -> Site:
    return Site(ScriptedDecisions(plan_for(*LAMPS, at_most_once=at_most_once)), device=device)


def test_one_device_has_the_id_of_the_action() -> None:
    here = Site(ScriptedDecisions(plan_for("kitchen/light")))
    assert here.states(event()) == ["done"]
    assert here.effects == [event().action.id]


def test_each_of_several_devices_has_an_effect_of_its_own_under_the_fence_and_expiry_of_the_action() -> None:
    here = site(Lamps())
    assert here.states(event()) == ["done"]
    assert sorted(here.effects) == sorted(IDS)
    told = here.device.calls[0].entity_command
    assert (told.fence, told.expires_at_ms, told.session_id) == (5, event().expires_at_ms, 1)


def test_what_did_not_is_told_by_device() -> None:
    outcome = asyncio.run(site(Lamps(attic=DeviceRefused("broken"))).run(event()))
    assert outcome.state == pb.OUTCOME_STATE_PARTIAL
    assert {each.name: each.state for each in outcome.devices} == {
        "kitchen light": pb.OUTCOME_STATE_DONE,
        "attic light": pb.OUTCOME_STATE_FAILED,
        "office light": pb.OUTCOME_STATE_DONE,
    }
    assert outcome.reason == "attic light: broken"


def test_none_done_is_not_partly_done() -> None:
    refused = DeviceRefused("broken")
    assert site(Lamps(kitchen=refused, attic=refused, office=refused)).states(event()) == ["failed"]


def test_a_device_that_cannot_be_reached_holds_no_other_up() -> None:
    here = site(Lamps(kitchen=DeviceUnavailable("gone")))
    outcome = asyncio.run(here.run(event()))
    assert outcome.state == pb.OUTCOME_STATE_PARTIAL
    assert here.effects.count(IDS[1]) == here.effects.count(IDS[2]) == 1


@pytest.mark.parametrize("at_most_once", [False, True])
@pytest.mark.parametrize("passes", range(1, 12))
def test_a_successor_does_what_is_left_and_nothing_twice(passes: int, at_most_once: bool) -> None:
    """The process dies at the n-th point that it passes, of the whole or of any device."""
    left = passes

    def die(point: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise Died

    delivery = pb.DELIVERY_AT_MOST_ONCE if at_most_once else pb.DELIVERY_IDEMPOTENT
    told = event(delivery=delivery)
    decisions = ScriptedDecisions(plan_for(*LAMPS, at_most_once=at_most_once))
    first = Site(decisions, device=Lamps(), crash_point=die)
    with pytest.raises(Died):
        asyncio.run(first.run(told))
    second = first.successor()
    outcome = asyncio.run(second.run(told))
    if at_most_once:
        assert len(set(first.effects)) == len(first.effects)
        assert outcome.state != pb.OUTCOME_STATE_EXPIRED
    else:
        assert outcome.state == pb.OUTCOME_STATE_DONE
        assert set(first.effects) == set(IDS)
    assert asyncio.run(second.run(told)) == outcome


def test_what_was_decided_before_a_crash_is_not_decided_again() -> None:
    def die(point: str) -> None:
        if point == "decided":
            raise Died

    decisions = ScriptedDecisions(plan_for(*LAMPS))
    first = Site(decisions, device=Lamps(), crash_point=die)
    with pytest.raises(Died):
        asyncio.run(first.run(event()))
    decisions.plan = plan_for("cellar/light")
    assert first.successor().states(event()) == ["done"]
    assert set(first.effects) == set(IDS) and len(decisions.decided) == 1
