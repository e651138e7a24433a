"""Rows in which something dies, forgets or jumps in the middle of a question, a schedule, an undo.

Each effect happens exactly once, or not at all, and it is told.
"""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple

from tests.faults.failovers import redis_command
from tests.faults.proxy import Proxy, shifted_time
from tests.faults.rows import Scene, row
from tests.faults.site import Size
from tests.faults.speakers import Outcomes, Speaker

from duplexsla.enum_names import enum_name
from duplexsla.errors import StartFailed
from duplexsla.executor.crash_points import POINTS
from duplexsla.v1 import action_pb2 as pb

ONE = Size(decoders=1, gateways=1, executors=1)
TWO = Size(decoders=1, gateways=1, executors=2)
MEMBER = "fault-suite"  # a static name: who comes back finds its partitions again
TARGET = "each effect exactly once, or not at all, and told"
OVEN = {"device": "oven", "room": "kitchen"}
LIGHT = {"device": "light", "room": "kitchen"}
HEARD_OVEN, HEARD_LIGHT = "turn on the kitchen oven", "turn on the kitchen light"
STEP_MS = 300_000
DIES_S = 15.0  # for an executor to pass its point


class UnderWay(NamedTuple):
    """What is published while somebody dies, and afterwards; `later`: id of what has a moment to come."""

    events: list[pb.ActionEvent]
    after: list[pb.ActionEvent] = []
    later: str = ""


Prepare = Callable[[Speaker], Awaitable[UnderWay]]


# Prepared while everybody lives.


async def confirm(speaker: Speaker) -> UnderWay:
    asked = await speaker.say("open_home_device", HEARD_OVEN, **OVEN)
    return UnderWay([speaker.event(heard="yes please", intent=pb.INTENT_YES, about=asked.action_id)])


async def later(speaker: Speaker) -> UnderWay:
    heard = f"{HEARD_LIGHT} in two seconds"
    event = speaker.event("open_home_device", heard, when="in two seconds", **LIGHT)
    return UnderWay([event], later=event.action.id)


async def due(speaker: Speaker) -> UnderWay:
    asked = await in_time(speaker, "one second")
    return UnderWay([], later=asked.action_id)


async def undo(speaker: Speaker) -> UnderWay:
    await speaker.say("open_home_device", HEARD_LIGHT, **LIGHT)
    return UnderWay([speaker.event("undo", "undo that")])


async def retract(speaker: Speaker) -> UnderWay:
    """Both are taken at once: nothing of the action has begun."""
    return UnderWay(
        [light := speaker.event("open_home_device", HEARD_LIGHT, **LIGHT), taken_back(speaker, light)]
    )


async def retract_late(speaker: Speaker) -> UnderWay:
    light = speaker.event("open_home_device", HEARD_LIGHT, **LIGHT)
    return UnderWay([light], [taken_back(speaker, light)])


def taken_back(speaker: Speaker, event: pb.ActionEvent) -> pb.ActionEvent:
    return speaker.event("never_mind", "never mind", intent=pb.INTENT_RETRACT, about=event.action.id)


async def in_time(speaker: Speaker, time_s: str) -> pb.ActionOutcome:
    """The light is to go on in so much time."""
    when = f"in {time_s}"
    return await speaker.say("open_home_device", f"{HEARD_LIGHT} {when}", when=when, **LIGHT)


FLOWS: dict[str, Prepare] = {
    each.__name__: each for each in (confirm, later, due, undo, retract, retract_late)
}


@asynccontextmanager
async def outcomes_of(scene: Scene) -> AsyncIterator[Outcomes]:
    outcomes = await asyncio.to_thread(Outcomes, scene.site.kafka)
    try:
        yield outcomes
    finally:
        await asyncio.to_thread(outcomes.close)


async def speaker_of(scene: Scene, outcomes: Outcomes) -> Speaker:
    [home] = await scene.make_homes(1)
    return Speaker(scene.site, home, outcomes)


async def judge(scene: Scene, what: str, speaker: Speaker, outcomes: Outcomes, was: UnderWay) -> str:
    """States that were told; "@" before that of a moment."""
    told = [await outcomes.of(event.action.id) for event in (*was.events, *was.after)]
    states = ["nothing" if each is None else enum_name(pb.OutcomeState, each.state) for each in told]
    if was.later:
        told.append(await outcomes.of(f"{was.later}@"))
        states.append("@nothing" if told[-1] is None else f"@{enum_name(pb.OutcomeState, told[-1].state)}")
    scene.result.must(f"{what}: something was not told", None not in told)
    effects = await speaker.effects()
    twice = {each for each in effects if effects.count(each) > 1}
    scene.result.must(f"{what}: {sorted(twice)} happened twice", not twice)
    return "+".join(states)


@row(
    "executor SIGKILL at each point of a confirmation, a schedule, its moment, an undo, a retraction",
    TARGET,
    ONE,
)
async def decisions_executor_killed(scene: Scene) -> None:
    figures, deaths = scene.result.figures, 0
    scene.fault("an executor dies")
    async with outcomes_of(scene) as outcomes:
        await _only_member(scene)
        for name, prepare in FLOWS.items():
            ends = []
            for point in list(POINTS)[:: int(scene.s(1, 3))]:
                speaker = await speaker_of(scene, outcomes)
                was = await prepare(speaker)
                died = await _dies_at(scene, point, speaker, was)
                deaths += died
                scene.result.must(f"{name}: nobody passed {point}", died or prepare is retract)
                end = await judge(scene, f"{name} {point}", speaker, outcomes, was)
                ends.append(f"{point} {'' if died else 'not passed '}{end}")
                speaker.close()
            figures[name] = "; ".join(ends)
    figures["deaths"] = deaths
    scene.fault_over("an executor dies")


async def _dies_at(scene: Scene, point: str, speaker: Speaker, was: UnderWay) -> bool:
    """Whether the executor died there; its successor lives."""
    site = scene.site
    await asyncio.to_thread(site.parts["executor-1"].stop)
    with suppress(StartFailed):  # its moment came so soon that it died before it was ready
        await site.start("executor-1", CRASH_AT=point, MEMBER=MEMBER)
    for event in was.events:
        await speaker.publish(event)
    died = await site.ended("executor-1", DIES_S)
    if not died:
        await asyncio.to_thread(site.parts["executor-1"].stop)
    for event in was.after:
        await speaker.publish(event)
    await site.start("executor-1", MEMBER=MEMBER)
    return died


async def _only_member(scene: Scene) -> None:
    """One executor, with a static name."""
    await asyncio.gather(*(asyncio.to_thread(part.stop) for part in scene.site.all("executor")))
    await scene.site.start("executor-1", MEMBER=MEMBER)


@row("Redis from a snapshot of before a yes and an undo, which are said again", TARGET, ONE)
async def decisions_redis_forgets(scene: Scene) -> None:
    site, figures = scene.site, scene.result.figures
    async with outcomes_of(scene) as outcomes:
        oven, light, clock = [await speaker_of(scene, outcomes) for _ in range(3)]
        [yes], [back] = (await confirm(oven)).events, (await undo(light)).events
        soon = await in_time(clock, "three seconds")
        await asyncio.to_thread(redis_command, scene, "SAVE")
        for speaker, event in ((oven, yes), (light, back)):
            await speaker.publish(event)
            await outcomes.of(event.action.id)
        await outcomes.of(f"{soon.action_id}@")
        scene.fault("redis forgets")
        site.signal("redis", signal.SIGKILL)
        await site.ended("redis")
        await site.start("redis")
        again = oven.event(heard="yes please", intent=pb.INTENT_YES, about=yes.refers_to)
        once_more = light.event("undo", "undo that")
        for speaker, event in ((oven, yes), (oven, again), (light, back), (light, once_more)):
            await speaker.publish(event)
        for what, speaker, event in (("yes", oven, again), ("undo", light, once_more)):
            figures[f"the second {what}"] = await judge(scene, what, speaker, outcomes, UnderWay([event]))
        await asyncio.sleep(scene.s(5, 3))
        effects = [len(await each.effects()) for each in (oven, light, clock)]
        figures["effects of the yes, of light and undo, of the moment"] = " ".join(map(str, effects))
        scene.result.must("something happened again", effects == [1, 2, 1])
        scene.fault_over("redis forgets")
        for each in (oven, light, clock):
            each.close()
    (site.folder / "redis" / "dump.rdb").unlink()


@row("two executors hold one home at the moment of a schedule", TARGET, TWO)
async def decisions_two_executors(scene: Scene) -> None:
    site, figures = scene.site, scene.result.figures
    async with outcomes_of(scene) as outcomes:
        speaker = await speaker_of(scene, outcomes)
        asked = await in_time(speaker, "ten seconds")
        held = {name: (await site.ask(name))["schedules"] for name in site.names("executor")}
        owner = max(held, key=held.__getitem__)
        scene.fault("an executor is frozen")
        site.signal(owner, signal.SIGSTOP)
        await asyncio.sleep(max(0.0, asked.due_at_ms / 1_000 - time.time()) + 1)
        told = await outcomes.of(f"{asked.action_id}@")  # by the other one
        scene.result.must("the other executor did nothing", told is not None)
        site.signal(owner, signal.SIGCONT)  # its turn has come, too, and it knows of no other
        await asyncio.sleep(scene.s(12, 8))
        scene.fault_over("an executor is frozen")
        effects = await speaker.effects()
        figures["outcomes told"] = sum(
            len(told) for name, told in outcomes.told.items() if name.startswith(f"{asked.action_id}@")
        )
        figures["effects"] = len(effects)
        scene.result.must(f"{len(effects)} effects", len(effects) == 1)
        speaker.close()


@row("clocks step by 5 minutes: the store's, forth and back; a gateway's", TARGET + "; none early", ONE)
async def decisions_clocks_step(scene: Scene) -> None:
    site, figures = scene.site, scene.result.figures
    async with outcomes_of(scene) as outcomes, Proxy(site.parts["redis"].address) as way:
        site.redis_way = way.address
        await _only_member(scene)
        scene.fault("clocks step")
        for step_ms in (STEP_MS, -STEP_MS):
            speaker = await speaker_of(scene, outcomes)
            asked = await in_time(speaker, "twenty seconds")
            way.down.rewrite = shifted_time(step_ms // 1_000)
            told = await outcomes.of(f"{asked.action_id}@", limit_s=60)
            way.down.rewrite = None
            late_ms = told.effect_at_ms - asked.due_at_ms if told is not None else float("inf")
            figures[f"store {step_ms / 60_000:+.0f} min: moment late by ms"] = late_ms
            scene.result.must("its moment was not told", told is not None)
            scene.result.aim("a moment was early by", -late_ms, 2_000, " ms")
            effects = await speaker.effects()
            scene.result.must(f"{len(effects)} effects", len(effects) == 1)
            light = speaker.event(
                "close_home_device", "turn off the kitchen light", clock_ms=step_ms, **LIGHT
            )
            await speaker.publish(light)
            state = await judge(scene, "a gateway's clock", speaker, outcomes, UnderWay([light]))
            figures[f"gateway {step_ms / 60_000:+.0f} min"] = state
            speaker.close()
        scene.fault_over("clocks step")
        site.redis_way = ""
        await asyncio.to_thread(site.parts["executor-1"].stop)
        await site.start("executor-1")
