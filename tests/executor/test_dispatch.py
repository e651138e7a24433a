"""What becomes of one action."""

import asyncio
import json
from typing import Any

import pytest
from tests.support.action_events import DONE, NOW_MS, Clock, ScriptedDevice, event
from tests.support.memory_broker import MemoryLog, MemorySink
from tests.support.memory_ledger import MemoryLedger
from tests.support.scripted_decisions import EveryCall

from duplexsla.errors import (
    ActionExpired,
    ActionRefused,
    AnswerLost,
    DeviceRefused,
    DeviceUnavailable,
    StaleFence,
    StoreLost,
)
from duplexsla.executor.assembly import assembled
from duplexsla.executor.backends.device import DeviceCall, Effect
from duplexsla.executor.breaker import Breakers
from duplexsla.executor.calls import ActionResult
from duplexsla.executor.crash_points import POINTS, CrashPoint, Successor
from duplexsla.executor.ledger.ledger import Claim, ClaimLost
from duplexsla.protocol.topics import ACTIONS_TOPIC, SCHEDULES_TOPIC
from duplexsla.telemetry import setup
from duplexsla.v1 import action_pb2 as pb

ONCE = pb.DELIVERY_AT_MOST_ONCE
FINAL = [DeviceRefused("no"), ActionRefused("no"), StaleFence("no"), ActionExpired("no")]


class Bench:
    """A dispatch with a clock, a ledger and a device of its own."""

    def __init__(
        self,
        *script: Any,
        ledger: MemoryLedger | None = None,
        device: ScriptedDevice | None = None,
        **options: Any,
    ) -> None:
        self.device, self.clock = device or ScriptedDevice(*script), Clock()
        self.ledger = ledger or MemoryLedger()
        self.dispatch = assembled(
            self.ledger,
            self.device,
            setup("test"),
            sink=MemorySink(MemoryLog({ACTIONS_TOPIC: 1, SCHEDULES_TOPIC: 1})),
            decider=EveryCall(),
            now_ms=self.clock,
            sleep=self.clock.sleep,
            **options,
        ).dispatch

    def __call__(self, event: pb.ActionEvent, *, first_reader: bool = True) -> ActionResult:
        result = asyncio.run(self.dispatch.run(event, "", first_reader=first_reader))
        assert isinstance(result, ActionResult)
        return result

    def state(self, event: pb.ActionEvent) -> str:
        return pb.OutcomeState.Name(self(event).outcome.state).removeprefix("OUTCOME_STATE_")


def crashed(event: pb.ActionEvent) -> MemoryLedger:
    """The ledger that a process left which died in the middle of this event."""
    ledger = MemoryLedger()
    asyncio.run(ledger.claim(event))
    return ledger


def test_an_action_reaches_its_device_as_it_was_meant() -> None:
    bench = Bench()
    outcome = bench(event()).outcome
    [call] = bench.device.calls
    assert (call.event.home, call.event.action.function, call.arguments) == (
        "demo", "open_home_device", {"device": "light", "room": "kitchen"},
    )  # fmt: skip
    assert call.event == event()
    assert outcome.state == pb.OUTCOME_STATE_DONE
    assert json.loads(outcome.result_json) == {"power": "on"}
    assert (outcome.effect_at_ms, outcome.effect_ms, outcome.attempts) == (NOW_MS + 7, 7, 1)


def test_the_same_event_again_has_the_same_outcome_and_no_call() -> None:
    bench = Bench()
    assert bench(event()).outcome == bench(event()).outcome
    assert len(bench.device.calls) == 1


@pytest.mark.parametrize("delivery", [pb.DELIVERY_IDEMPOTENT, ONCE])
def test_an_expired_action_is_never_called(delivery: pb.Delivery) -> None:
    bench = Bench()
    assert bench.state(event(expires_at_ms=NOW_MS, delivery=delivery)) == "EXPIRED"
    assert bench.device.calls == []


def test_an_older_fence_is_never_called() -> None:
    bench = Bench()
    bench.ledger.fences[1] = 6
    assert bench.state(event()) == "FENCED"
    assert bench.device.calls == []
    bench.ledger.fences[1] = 5
    assert bench.state(event(1)) == "DONE"


@pytest.mark.parametrize(
    ("function", "arguments", "toolset"),
    [
        ("fly", "{}", "home"),
        ("open_home_device", '{"device":7}', "home"),
        ("open_home_device", "{", "home"),
        ("open_home_device", "[1]", "home"),
        ("open_home_device", "[" * 100_000, "home"),
        ("open_home_device", '{"device":"light"}', "boat"),
    ],
)
def test_what_does_not_fit_the_schema_is_refused_and_never_called(
    function: str, arguments: str, toolset: str
) -> None:
    bench = Bench()
    action = pb.Action(id="x", function=function, arguments_json=arguments)
    result = bench(event(action=action, toolset=toolset))
    assert result.outcome.state == pb.OUTCOME_STATE_REFUSED
    assert result.outcome.reason
    assert bench.device.calls == []


@pytest.mark.parametrize(
    ("answer", "state"), list(zip(FINAL, ["FAILED", "REFUSED", "FENCED", "EXPIRED"], strict=True))
)
def test_a_final_answer_is_final(answer: Exception, state: str) -> None:
    bench = Bench(answer, DONE)
    result = bench(event())
    assert result.outcome.state == getattr(pb, f"OUTCOME_STATE_{state}")
    assert (len(bench.device.calls), result.dead_letter) == (1, False)


@pytest.mark.parametrize("delivery", [pb.DELIVERY_IDEMPOTENT, ONCE])
def test_what_certainly_was_not_done_is_tried_again(delivery: pb.Delivery) -> None:
    bench = Bench(DeviceUnavailable("gone"), DeviceUnavailable("gone"), DONE)
    outcome = bench(event(delivery=delivery)).outcome
    assert (outcome.state, outcome.attempts) == (pb.OUTCOME_STATE_DONE, 3)


def test_an_idempotent_call_without_an_answer_is_made_again() -> None:
    assert Bench(AnswerLost("lost"), DONE)(event()).outcome.attempts == 2


@pytest.mark.parametrize("delivery", [ONCE, pb.DELIVERY_UNSPECIFIED])
def test_a_call_of_at_most_once_without_an_answer_is_unknown(delivery: pb.Delivery) -> None:
    bench = Bench(AnswerLost("lost"), DONE)
    assert bench.state(event(delivery=delivery)) == "UNKNOWN"
    assert len(bench.device.calls) == 1


def test_retries_end_when_the_action_expires_and_the_event_is_dead_letter() -> None:
    bench = Bench(DeviceUnavailable("gone"))
    result = bench(event(expires_at_ms=NOW_MS + 1_000))
    assert (result.outcome.state, result.dead_letter) == (pb.OUTCOME_STATE_EXPIRED, True)
    assert bench.clock() < NOW_MS + 1_000
    assert 3 <= len(bench.device.calls) == result.outcome.attempts


def test_retries_are_bounded_also_when_there_is_time() -> None:
    result = Bench(DeviceUnavailable("gone"))(event(expires_at_ms=NOW_MS + 3_600_000))
    assert (result.outcome.state, result.dead_letter) == (pb.OUTCOME_STATE_UNAVAILABLE, True)
    assert result.outcome.attempts == 12


@pytest.mark.parametrize("answer", [DeviceUnavailable("gone"), *FINAL])
def test_after_a_lost_answer_nobody_says_that_nothing_happened(answer: Exception) -> None:
    assert Bench(AnswerLost("lost"), answer).state(event()) == "UNKNOWN"


class Died(BaseException):
    """The process is gone: nothing after this happens."""


@pytest.mark.parametrize("delivery", ["idempotent", "at_most_once"])
@pytest.mark.parametrize("point", POINTS.values(), ids=list(POINTS))
def test_whoever_comes_after_a_crash_does_what_the_table_says(point: CrashPoint, delivery: str) -> None:
    told = event(delivery=pb.DELIVERY_IDEMPOTENT if delivery == "idempotent" else ONCE)

    def die(passed: str) -> None:
        if passed == point.name:
            raise Died

    first = Bench(crash_point=die)
    before = None
    if point.name == "published":  # passed by the service, after dispatch
        before = first(told).outcome
    else:
        with pytest.raises(Died):
            first(told)
    second = Bench(ledger=first.ledger)
    after = second(told).outcome
    expected = getattr(point, delivery)
    assert len(second.device.calls) == (expected is Successor.CALLS)
    wanted = pb.OUTCOME_STATE_UNKNOWN if expected is Successor.UNKNOWN else pb.OUTCOME_STATE_DONE
    assert after.state == wanted
    assert before in (None, after)


def test_after_a_crash_nobody_says_that_nothing_happened() -> None:
    late = event(expires_at_ms=NOW_MS)
    assert Bench(ledger=crashed(late)).state(late) == "UNKNOWN"
    ledger = crashed(event())
    ledger.fences[1] = 6
    assert Bench(ledger=ledger).state(event()) == "UNKNOWN"


def test_each_crash_point_is_passed_once_and_in_order() -> None:
    passed: list[str] = []
    Bench(crash_point=passed.append)(event())
    assert passed == [point for point in POINTS if point != "published"]


def test_a_new_owner_may_ask_again_for_what_a_former_one_was_refused() -> None:
    bench = Bench()
    bench.ledger.fences[1] = 6
    assert [bench.state(event(fence=fence, delivery=ONCE)) for fence in (5, 6)] == ["FENCED", "DONE"]


def test_whoever_was_superseded_says_nothing() -> None:
    class Overtaken(ScriptedDevice):
        async def call(self, call: DeviceCall, *, timeout_s: float) -> Effect:
            await ledger.claim(event())
            return await super().call(call, timeout_s=timeout_s)

    ledger = MemoryLedger()
    bench = Bench(ledger=ledger, device=Overtaken(DeviceRefused("no")))
    assert asyncio.run(bench.dispatch.run(event(), "")) == ClaimLost()
    assert Bench(ledger=ledger).state(event()) == "DONE"


class SilentLedger(MemoryLedger):
    """Does not answer the first calls of each kind."""

    def __init__(self, *, claims: int = 0, settles: int = 0) -> None:
        super().__init__()
        self._claims, self._settles = claims, settles

    async def claim(self, event: pb.ActionEvent) -> Claim:
        self._claims -= 1
        if self._claims >= 0:
            raise StoreLost("silence")
        return await super().claim(event)

    async def settle(
        self, event: pb.ActionEvent, outcome: pb.ActionOutcome, claim_number: int
    ) -> pb.ActionOutcome | ClaimLost:
        self._settles -= 1
        if self._settles >= 0:
            raise StoreLost("silence")
        return await super().settle(event, outcome, claim_number)


def test_a_ledger_that_comes_back_in_time_is_waited_for() -> None:
    assert Bench(ledger=SilentLedger(claims=10, settles=10)).state(event()) == "DONE"


def test_without_a_ledger_what_must_not_happen_twice_is_not_done_and_the_rest_is() -> None:
    bench = Bench(ledger=SilentLedger(claims=10_000, settles=10_000))
    assert bench.state(event(1, delivery=ONCE)) == "UNAVAILABLE"
    assert bench.device.calls == []
    assert bench(event(3, delivery=ONCE), first_reader=False).outcome.state == pb.OUTCOME_STATE_UNKNOWN
    now_ms = bench.clock()
    assert bench.state(event(2, emitted_at_ms=now_ms, expires_at_ms=now_ms + 5_000)) == "DONE"


def test_an_owner_that_comes_while_a_device_fails_ends_the_attempts() -> None:
    class Overtaken(ScriptedDevice):
        async def call(self, call: DeviceCall, *, timeout_s: float) -> Effect:
            bench.ledger.fences[1] = 6
            return await super().call(call, timeout_s=timeout_s)

    bench = Bench(device=Overtaken(DeviceUnavailable("gone"), DONE))
    assert bench.state(event()) == "FENCED"
    assert len(bench.device.calls) == 1


def test_a_device_that_fails_again_and_again_is_left_alone_and_its_neighbours_are_not() -> None:
    bench = Bench(*[AnswerLost("hangs")] * 4, DONE, breakers=Breakers(failures=4))
    hanging = event(1, expires_at_ms=NOW_MS + 600_000, delivery=ONCE)
    calls = [bench.state(hanging_again(hanging, number)) for number in range(6)]
    assert calls == ["UNKNOWN"] * 4 + ["UNAVAILABLE"] * 2
    assert len(bench.device.calls) == 4
    fan = pb.Action(id="fan", function="open_home_device", arguments_json='{"device":"fan"}')
    assert bench.state(event(action=fan)) == "DONE"
    bench.clock.now_ms += 5_000
    assert bench.state(hanging_again(hanging, 7)) == "DONE"


def hanging_again(event: pb.ActionEvent, number: int) -> pb.ActionEvent:
    again = pb.ActionEvent()
    again.CopyFrom(event)
    again.action.id = f"hanging-{number}"
    return again


def test_an_outcome_is_told_even_if_it_cannot_be_written_down() -> None:
    assert Bench(ledger=SilentLedger(settles=10_000)).state(event()) == "DONE"
