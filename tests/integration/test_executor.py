"""Actions on real Kafka, Redis and homes, all by one executor: one effect, in time, for the newest owner."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.support.action_site import ActionSite, action, states

from duplexsla.local.process import Process, until
from duplexsla.session.store.leases import DecoderAddress, Lease
from duplexsla.session.store.redis import RedisStore
from duplexsla.telemetry import read_spans
from duplexsla.v1 import action_pb2 as pb

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("executor")]

ONCE = pb.DELIVERY_AT_MOST_ONCE
SPANS_S = 10.0  # for an executor to have written its own


@pytest.fixture(scope="module")
def site(
    kafka: Process, redis: Process, homes: Process, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ActionSite]:
    site = ActionSite(kafka, redis, homes, tmp_path_factory.mktemp("executor"))
    yield site
    site.close()


@pytest.fixture(scope="module")
def executor(site: ActionSite) -> Iterator[Process]:
    with site.executor() as running:
        yield running


def test_an_action_moves_its_device_and_no_other_home(site: ActionSite) -> None:
    home, other = site.home(), site.home()
    event = site.event(home)
    site.send(event)
    [outcome] = site.outcomes(home, 1)
    assert states([outcome]) == ["DONE"]
    assert outcome.effect_at_ms - event.emitted_at_ms == outcome.effect_ms > 0
    [effect] = site.effects(home)
    assert (effect["action_id"], effect["at_ms"]) == (event.action.id, outcome.effect_at_ms)
    assert site.effects(other) == []


def test_the_same_event_twice_has_one_effect_and_one_outcome_told_twice(site: ActionSite) -> None:
    home = site.home()
    volume = '{"device":"speaker","property":"volume","room":"attic"}'
    event = site.event(home, action=action(7, "increase_home_device", volume), delivery=ONCE, session_id=7)
    site.send(event, event)
    first, second = site.outcomes(home, 2)
    site.send(event)
    third = site.outcomes(home, 3)[2]
    assert first == second == third
    assert len(site.effects(home)) == 1


def test_an_expired_action_has_no_effect_and_is_told(site: ActionSite) -> None:
    home = site.home()
    site.send(site.event(home, expires_in_ms=-1), site.event(home))
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
    site.send(old, new)
    assert states(site.outcomes(home, 2)) == ["FENCED", "DONE"]
    assert [effect["action_id"] for effect in site.effects(home)] == [new.action.id]


def test_what_the_schema_refuses_or_the_home_does_not_have_is_told_and_has_no_effect(
    site: ActionSite,
) -> None:
    home = site.home()
    site.send(
        site.event(home, action=action(8, "open_home_device", '{"device":"volcano"}'), session_id=8),
        site.event(home, action=action(9, "open_home_device", '{"device":7}'), session_id=9),
    )
    unknown, invalid = site.outcomes(home, 2)
    assert (states([unknown, invalid]), site.effects(home)) == (["NOT_FOUND", "REFUSED"], [])
    assert list(unknown.candidates) == ["volcano"]


def test_an_outcome_whose_partition_is_gone_is_told_where_the_home_is_and_counted(
    site: ActionSite, executor: Process
) -> None:
    home = site.home()
    site.send(site.event(home, reply_to=99))
    assert states(site.outcomes(home, 1)) == ["DONE"]
    counted = "duplexsla_executor_outcomes_misaddressed_total 1.0"
    page = f"http://{executor.address}/metrics"
    assert until(lambda: counted in httpx.get(page).text.splitlines(), 10.0)


def test_poison_goes_to_the_dead_letters_and_the_next_action_runs(site: ActionSite) -> None:
    home = site.home()
    site.send_bytes(home.encode(), b"\xffpoison of " + home.encode())
    site.send(site.event(home))
    assert states(site.outcomes(home, 1)) == ["DONE"]
    letter = site.letter(lambda letter: home.encode() in letter.event)
    assert (letter.event, bool(letter.reason)) == (b"\xffpoison of " + home.encode(), True)


def test_a_home_whose_devices_hang_holds_nobody_else_up(site: ActionSite) -> None:
    stuck, neighbour = site.home(), site.home()
    site.fault(stuck, kind="hang", ms=60_000)
    site.send(site.event(stuck, expires_in_ms=1_500, delivery=ONCE), site.event(neighbour))
    assert states(site.outcomes(neighbour, 1)) == ["DONE"]
    assert states(site.outcomes(stuck, 1)) == ["UNKNOWN"]
    assert site.effects(stuck) == []


def test_a_device_that_fails_again_and_again_is_left_alone(site: ActionSite, executor: Process) -> None:
    home = site.home()
    site.fault(home, kind="error")
    site.send(site.event(home, expires_in_ms=4_000))
    assert states(site.outcomes(home, 1)) == ["EXPIRED"]
    site.send(site.event(home, delivery=ONCE))
    assert states(site.outcomes(home, 2)) == ["EXPIRED", "UNAVAILABLE"]
    assert site.health(executor)["open_breakers"] == 1
    assert site.effects(home) == []


def test_a_device_that_stays_broken_is_given_up_with_the_reason(site: ActionSite) -> None:
    home = site.home()
    site.fault(home, kind="error")
    event = site.event(home, expires_in_ms=3_000)  # before its breaker opens
    site.send(event)
    [outcome] = site.outcomes(home, 1)
    letter = site.letter(lambda letter: letter.event == event.SerializeToString())
    assert states([outcome]) == ["EXPIRED"]
    assert letter.attempts == outcome.attempts > 1
    assert letter.reason == outcome.reason


def test_a_lost_answer_of_an_idempotent_action_is_asked_for_again(site: ActionSite) -> None:
    home = site.home()
    site.fault(home, kind="lost", ms=10_000, times=1)
    site.send(site.event(home))
    [outcome] = site.outcomes(home, 1)
    assert (states([outcome]), outcome.attempts) == (["DONE"], 2)
    assert len(site.effects(home)) == 1


def test_spans_lead_from_the_step_to_the_device(site: ActionSite) -> None:
    home = site.home()
    trace, step = "1" * 32, "2" * 16
    site.send(site.event(home), traceparent=f"00-{trace}-{step}-01".encode())
    site.outcomes(home, 1)
    names = ("actions process", "execute_tool open_home_device", "device call")

    def spans() -> dict[str, Any]:
        every = read_spans(site.workdir / "spans.jsonl")
        return {str(span["name"]): span for span in every if span["trace_id"] == trace}

    assert until(lambda: spans().keys() >= set(names), SPANS_S)
    chain = [spans()[name] for name in names]
    assert [span["parent_id"] for span in chain] == [step, chain[0]["span_id"], chain[1]["span_id"]]
    [effect] = site.effects(home)
    assert effect["traceparent"] == f"00-{trace}-{chain[2]['span_id']}-01"


def _light(session: int, chunk: int) -> pb.Action:
    return action(session, "open_home_device", '{"device":"light"}', chunk=chunk)
