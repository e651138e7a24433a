"""Executors that are killed, drained and replaced: one effect of each action, in order, or "unknown"."""

import os
import signal
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.action_site import ActionSite, action, states

from duplexsla.executor.crash_points import POINTS, CrashPoint, Successor
from duplexsla.local.process import Process, until
from duplexsla.v1 import action_pb2 as pb

pytestmark = pytest.mark.integration

IDEMPOTENT, ONCE = pb.DELIVERY_IDEMPOTENT, pb.DELIVERY_AT_MOST_ONCE


@pytest.fixture
def site(kafka: Process, redis: Process, homes: Process, tmp_path: Path) -> Iterator[ActionSite]:
    site = ActionSite(kafka, redis, homes, tmp_path)
    yield site
    site.close()


@pytest.mark.parametrize("delivery", [IDEMPOTENT, ONCE], ids=["idempotent", "at_most_once"])
@pytest.mark.parametrize("point", POINTS.values(), ids=list(POINTS))
def test_an_executor_that_is_killed_anywhere_has_one_effect_or_says_that_it_does_not_know(
    site: ActionSite, point: CrashPoint, delivery: pb.Delivery
) -> None:
    home = site.home()
    with site.executor(crash_at=point.name) as executor:
        site.send(site.event(home, delivery=delivery))
        assert until(lambda: not executor.alive(), 30.0)
    with site.executor():
        outcomes = site.outcomes(home, 2 if point.name == "published" else 1)
    then = point.idempotent if delivery == IDEMPOTENT else point.at_most_once
    assert set(states(outcomes)) == {"UNKNOWN" if then is Successor.UNKNOWN else "DONE"}
    never_called = then is Successor.UNKNOWN and point.name in ("claimed", "decided")
    assert len(site.effects(home)) == (0 if never_called else 1)
    assert all(outcome == outcomes[0] for outcome in outcomes)
    assert site.checked(home).findings == []


@pytest.mark.parametrize("point", ["decided", "called", "settled"])
def test_several_devices_of_an_executor_that_is_killed_have_one_effect_each(
    site: ActionSite, point: str
) -> None:
    home, session = site.home(), uuid.uuid4().int >> 64
    lights = action(session, "open_home_device", '{"device":"lights","scope":"all"}')
    event = site.event(home, session_id=session, action=lights)
    with site.executor(crash_at=point) as executor:
        site.send(event)
        assert until(lambda: not executor.alive(), 30.0)
    with site.executor():
        [outcome] = site.outcomes(home, 1)
    assert states([outcome]) == ["DONE"]
    moved = [effect["action_id"] for effect in site.effects(home)]
    assert len(moved) == len(set(moved)) == len(outcome.devices) > 5
    assert site.checked(home).findings == []


def test_an_executor_that_drains_ends_what_is_under_way_and_says_so(site: ActionSite) -> None:
    home = site.home()
    site.fault(home, kind="slow", ms=1_000, times=1)
    with site.executor() as executor:
        site.send(site.event(home))
        assert until(lambda: site.health(executor)["under_way"] == 1, 30.0)
        assert site.drain(executor) == {"left": 0}
        assert until(lambda: not executor.alive(), 30.0)
        assert states(site.outcomes(home, 1)) == ["DONE"]


def test_a_question_is_answered_once_and_what_was_done_is_undone_once(site: ActionSite) -> None:
    home, session = site.home(), uuid.uuid4().int >> 64
    sure = pb.Evidence(attended=True, transcript="lock the front door", calibrated=True, confidence=0.99)
    lock = action(session, "lock_home_door", '{"door":"front door"}', chunk=1)
    asked = site.event(home, session_id=session, action=lock, evidence=sure)
    switched = pb.Evidence(attended=True, transcript="turn on the light", calibrated=True, confidence=0.99)
    light = site.event(home, session_id=session, action=_light(session, 2), evidence=switched)
    yes = [_answer(site, home, session, lock.id, chunk) for chunk in (3, 4)]
    no = _answer(site, home, session, lock.id, 5, intent=pb.INTENT_NO)
    undo = [
        site.event(home, session_id=session, action=action(session, "undo", "{}", chunk=chunk), evidence=sure)
        for chunk in (6, 7)
    ]
    with site.executor():
        site.send(asked, *yes, yes[0], no, light, undo[0], undo[0])
        told = states(site.outcomes(home, 8))
    assert told == ["CONFIRM", "DONE", "DONE", "DONE", "FAILED", "DONE", "DONE", "DONE"]
    moved = [effect["action_id"] for effect in site.effects(home)]
    assert moved == [f"{lock.id}/yes", light.action.id, undo[0].action.id]
    assert site.checked(home).findings == []


def test_a_home_is_in_order_while_executors_come_die_and_go(site: ActionSite) -> None:
    homes = [site.home() for _ in range(6)]
    sent: dict[str, list[str]] = {home: [] for home in homes}
    sessions = {home: number + 1_000 for number, home in enumerate(homes)}

    def send(count: int) -> None:
        for _ in range(count):
            for home in homes:
                session = sessions[home]
                light = _light(session, len(sent[home]))
                event = site.event(home, session_id=session, action=light)
                sent[home].append(event.action.id)
                site.send(event)

    with site.executor(member="") as first:
        send(10)
        with site.executor(member=""):
            send(10)
            os.kill(first.pid, signal.SIGKILL)
            send(5)
            with site.executor(member=""):
                send(10)
                for home in homes:
                    site.outcomes(home, 35)
    for home in homes:
        assert [effect["action_id"] for effect in site.effects(home)] == sent[home]
        assert set(states(site.outcomes(home, 35))) == {"DONE"}
    verdict = site.checked(*homes)
    assert verdict.findings == [] and verdict.judged["I4"] >= 35 * len(homes)


def test_what_is_to_happen_later_happens_once_also_when_its_executor_is_killed(site: ActionSite) -> None:
    home, session = site.home(), uuid.uuid4().int >> 64
    sure = pb.Evidence(
        attended=True, transcript="turn on the kitchen light in 4 seconds", calibrated=True, confidence=0.99
    )
    light = '{"device":"light","room":"kitchen","when":"in 4 seconds"}'
    with site.executor() as executor:
        asked = action(session, "open_home_device", light, chunk=1)
        site.send(site.event(home, session_id=session, action=asked, evidence=sure))
        [scheduled] = site.outcomes(home, 1)
        os.kill(executor.pid, signal.SIGKILL)
    assert (states([scheduled]), site.effects(home)) == (["SCHEDULED"], [])
    with site.executor():
        told = site.outcomes(home, 2)
        while told[-1].action_id == scheduled.action_id:  # killed before its commit: told again
            told = site.outcomes(home, len(told) + 1)
    done = told[-1]
    assert (states([done]), done.action_id) == (["DONE"], f"{scheduled.action_id}@{scheduled.due_at_ms}")
    assert done.effect_at_ms >= scheduled.due_at_ms
    assert [each["action_id"] for each in site.effects(home)] == [done.action_id]
    assert site.checked(home).findings == []


def _light(session: int, chunk: int) -> pb.Action:
    return action(session, "open_home_device", '{"device":"light"}', chunk=chunk)


def _answer(
    site: ActionSite, home: str, session: int, about: str, chunk: int, *, intent: pb.Intent = pb.INTENT_YES
) -> pb.ActionEvent:
    sure = pb.Evidence(attended=True, transcript="yes")
    id = f"{session:016x}-{chunk}-0"
    return site.event(
        home,
        session_id=session,
        action=pb.Action(id=id, trigger_chunk=chunk),
        intent=intent,
        refers_to=about,
        evidence=sure,
    )
