"""Actions on real Kafka, Redis and homes: one effect, in time, for the newest owner, whatever dies."""

import asyncio
import os
import signal
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.support.action_site import ActionSite, action

from duplexsla.executor.crash_points import POINTS, CrashPoint, Successor
from duplexsla.local.process import Process, until
from duplexsla.local.services import start_home
from duplexsla.session.store.leases import DecoderAddress, Lease
from duplexsla.session.store.redis import RedisStore
from duplexsla.telemetry import read_spans
from duplexsla.v1 import action_pb2 as pb

pytestmark = pytest.mark.integration

IDEMPOTENT, ONCE = pb.DELIVERY_IDEMPOTENT, pb.DELIVERY_AT_MOST_ONCE


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    process = start_home(tmp_path_factory.mktemp("homes"))
    yield process
    process.stop()


@pytest.fixture
def site(kafka: Process, redis: Process, homes: Process, tmp_path: Path) -> Iterator[ActionSite]:
    site = ActionSite(kafka, redis, homes, tmp_path)
    yield site
    site.close()


def states(outcomes: list[pb.ActionOutcome]) -> list[str]:
    return [pb.OutcomeState.Name(each.state).removeprefix("OUTCOME_STATE_") for each in outcomes]


def test_an_action_moves_its_device_and_no_other_home(site: ActionSite) -> None:
    home, other = site.home(), site.home()
    event = site.event(home)
    with site.executor():
        site.send(event)
        [outcome] = site.outcomes(home, 1)
    assert states([outcome]) == ["DONE"]
    assert outcome.effect_at_ms - event.emitted_at_ms == outcome.effect_ms > 0
    [effect] = site.effects(home)
    assert (effect["action_id"], effect["at_ms"]) == (event.action.id, outcome.effect_at_ms)
    assert site.effects(other) == []


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


def test_the_same_event_twice_has_one_effect_and_one_outcome_told_twice(site: ActionSite) -> None:
    home = site.home()
    volume = '{"device":"speaker","property":"volume","room":"attic"}'
    event = site.event(home, action=action(7, "increase_home_device", volume), delivery=ONCE, session_id=7)
    with site.executor():
        site.send(event, event)
        first, second = site.outcomes(home, 2)
        site.send(event)
        third = site.outcomes(home, 3)[2]
    assert first == second == third
    assert len(site.effects(home)) == 1


def test_an_expired_action_has_no_effect_and_is_told(site: ActionSite) -> None:
    home = site.home()
    site.send(site.event(home, expires_in_ms=-1), site.event(home))
    with site.executor():
        assert states(site.outcomes(home, 2)) == ["EXPIRED", "DONE"]
    assert len(site.effects(home)) == 1


def test_a_former_owner_has_no_effect(site: ActionSite) -> None:
    home, session = site.home(), 77

    async def owners() -> list[Lease]:
        store, decoders = RedisStore(site.redis_url), [DecoderAddress("d:1", slots=2)]
        leases = [await store.take(session, owner, decoders, now_ms=1_000) for owner in ("former", "newest")]
        await store.close()
        return leases

    former, newest = asyncio.run(owners())
    old = site.event(home, session_id=session, fence=former.fence, action=_light(session, 1))
    new = site.event(home, session_id=session, fence=newest.fence, action=_light(session, 2))
    with site.executor():
        site.send(old, new)
        assert states(site.outcomes(home, 2)) == ["FENCED", "DONE"]
    assert [effect["action_id"] for effect in site.effects(home)] == [new.action.id]


def test_what_the_schema_refuses_or_the_home_does_not_have_is_told_and_has_no_effect(
    site: ActionSite,
) -> None:
    home = site.home()
    with site.executor():
        site.send(
            site.event(home, action=action(8, "open_home_device", '{"device":"volcano"}'), session_id=8),
            site.event(home, action=action(9, "open_home_device", '{"device":7}'), session_id=9),
        )
        unknown, invalid = site.outcomes(home, 2)
    assert (states([unknown, invalid]), site.effects(home)) == (["NOT_FOUND", "REFUSED"], [])
    assert list(unknown.candidates) == ["volcano"]


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


def test_an_outcome_whose_partition_is_gone_is_told_where_the_home_is_and_counted(site: ActionSite) -> None:
    home = site.home()
    with site.executor() as executor:
        site.send(site.event(home, reply_to=99))
        assert states(site.outcomes(home, 1)) == ["DONE"]
        counted = "duplexsla_executor_outcomes_misaddressed_total 1.0"
        page = f"http://{executor.address}/metrics"
        assert until(lambda: counted in httpx.get(page).text.splitlines(), 10.0)


def test_an_executor_that_drains_ends_what_is_under_way_and_says_so(site: ActionSite) -> None:
    home = site.home()
    site.fault(home, kind="slow", ms=1_000, times=1)
    with site.executor() as executor:
        site.send(site.event(home))
        assert until(lambda: site.health(executor)["under_way"] == 1, 30.0)
        assert site.drain(executor) == {"left": 0}
        assert until(lambda: not executor.alive(), 30.0)
        assert states(site.outcomes(home, 1)) == ["DONE"]


def test_poison_goes_to_the_dead_letters_and_the_next_action_runs(site: ActionSite) -> None:
    home = site.home()
    with site.executor():
        site.send_bytes(home.encode(), b"\xffpoison of " + home.encode())
        site.send(site.event(home))
        assert states(site.outcomes(home, 1)) == ["DONE"]
        letter = site.letter(lambda letter: home.encode() in letter.event)
    assert (letter.event, bool(letter.reason)) == (b"\xffpoison of " + home.encode(), True)


def test_a_home_whose_devices_hang_holds_nobody_else_up(site: ActionSite) -> None:
    stuck, neighbour = site.home(), site.home()
    site.fault(stuck, kind="hang", ms=60_000)
    with site.executor():
        site.send(site.event(stuck, expires_in_ms=1_500, delivery=ONCE), site.event(neighbour))
        assert states(site.outcomes(neighbour, 1)) == ["DONE"]
        assert states(site.outcomes(stuck, 1)) == ["UNKNOWN"]
    assert site.effects(stuck) == []


def test_a_device_that_fails_again_and_again_is_left_alone(site: ActionSite) -> None:
    home = site.home()
    site.fault(home, kind="error")
    with site.executor() as executor:
        site.send(site.event(home, expires_in_ms=4_000))
        assert states(site.outcomes(home, 1)) == ["EXPIRED"]
        site.send(site.event(home, delivery=ONCE))
        assert states(site.outcomes(home, 2)) == ["EXPIRED", "UNAVAILABLE"]
        assert site.health(executor)["open_breakers"] == 1
    assert site.effects(home) == []


def test_a_device_that_stays_broken_is_given_up_with_the_reason(site: ActionSite) -> None:
    home = site.home()
    site.fault(home, kind="error")
    event = site.event(home, expires_in_ms=5_000)
    with site.executor():
        site.send(event)
        [outcome] = site.outcomes(home, 1)
        letter = site.letter(lambda letter: letter.event == event.SerializeToString())
    assert states([outcome]) == ["EXPIRED"]
    assert letter.attempts == outcome.attempts > 1
    assert letter.reason == outcome.reason


def test_a_lost_answer_of_an_idempotent_action_is_asked_for_again(site: ActionSite) -> None:
    home = site.home()
    site.fault(home, kind="lost", ms=10_000, times=1)
    with site.executor():
        site.send(site.event(home))
        [outcome] = site.outcomes(home, 1)
    assert (states([outcome]), outcome.attempts) == (["DONE"], 2)
    assert len(site.effects(home)) == 1


def test_spans_lead_from_the_step_to_the_device(site: ActionSite) -> None:
    home = site.home()
    trace, step = "1" * 32, "2" * 16
    with site.executor():
        site.send(site.event(home), traceparent=f"00-{trace}-{step}-01".encode())
        site.outcomes(home, 1)
    spans = {
        span["name"]: span for span in read_spans(site.workdir / "spans.jsonl") if span["trace_id"] == trace
    }
    chain = [spans[name] for name in ("actions process", "execute_tool open_home_device", "device call")]
    assert [span["parent_id"] for span in chain] == [step, chain[0]["span_id"], chain[1]["span_id"]]
    [effect] = site.effects(home)
    assert effect["traceparent"] == f"00-{trace}-{chain[2]['span_id']}-01"


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
