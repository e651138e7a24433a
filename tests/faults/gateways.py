"""Rows in which gateways die, drain, are asked for too much, or by everybody at once."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable

from tests.faults.callers import Caller, Heard
from tests.faults.rows import WARM_S, Scene, by_state, came_back, gaps_s, row, steps_p99_ms
from tests.faults.site import Size

from duplexsla.report.percentile import percentile

CALLS, SHORT_CALLS = 8, 4
AFTER_S = 6.0
BACK = "clients back by themselves, p95 <= 1.5 s; chunk indexes strictly rise, gaps declared"
REFUSED_MS = 50.0
WORSE = 1.1  # 10 %
ASK_EVERY_S = 0.25


@row("gateway SIGKILL", BACK)
async def gateway_killed(scene: Scene) -> None:
    async def kill(name: str) -> None:
        scene.site.signal(name, signal.SIGKILL)

    await _leave(scene, "a gateway dies", kill)


@row("gateway drained", BACK)
async def gateway_drained(scene: Scene) -> None:
    left: list[int] = []

    async def drain(name: str) -> None:
        left.append((await scene.site.ask(name, "/drain?deadline_s=6", "POST"))["left"])

    await _leave(scene, "a gateway drains", drain)
    scene.result.must(f"{sum(left)} sessions were cut", not sum(left))


async def _leave(scene: Scene, what: str, blow: Callable[[str], Awaitable[None]]) -> None:
    calls = await scene.call(int(scene.s(CALLS, SHORT_CALLS)))
    orders = await scene.order(4)
    await asyncio.sleep(WARM_S + 2)
    gaps: list[float] = []
    scene.fault(what)
    for turn in range(int(scene.s(4, 1))):
        name, since = scene.site.names("gateway")[turn % 2], time.monotonic()
        await blow(name)
        await asyncio.sleep(AFTER_S)
        till = time.monotonic()
        gaps += gaps_s(came_back(calls, since, till), since, till)
        await asyncio.to_thread(scene.site.parts[name].stop)
        await scene.site.start(name)
        await asyncio.sleep(scene.s(3, 1))
    scene.fault_over(what)
    await scene.settle()
    figures = scene.result.figures
    figures["came back"] = len(gaps)
    figures["gap s, p50, p95, max"] = ", ".join(f"{percentile(gaps, rank):.2f}" for rank in (50, 95, 100))
    figures["chunks that the model did not hear"] = sum(call.forgotten for call in calls)
    figures["chunks declared as dropped"] = sum(call.dropped for call in calls)
    figures["actions"] = by_state(orders)
    scene.result.aim("back p95", percentile(gaps, 95), 1.5, " s")
    ended = [call for call in calls if call.error]
    scene.result.must(f"{len(ended)} calls ended", not ended)


@row(
    "twice as many calls as slots",
    "admitted calls keep their p99 within 10 %; refusals within 50 ms",
    Size(slots=4),
)
async def overload(scene: Scene) -> None:
    slots = scene.site.size.slots * scene.site.size.decoders
    calls = await scene.call(slots)
    await asyncio.sleep(WARM_S)
    began = time.monotonic()
    await asyncio.sleep(scene.s(20, 6))
    flooded = time.monotonic()
    refused: list[Heard] = []
    over = asyncio.Event()
    homes = await scene.make_homes(slots)
    asking = [asyncio.create_task(_ask_on(scene, home, refused, over)) for home in homes]
    await asyncio.sleep(scene.s(20, 6))
    over.set()
    await asyncio.gather(*asking)
    till = time.monotonic()
    await scene.settle()
    before, during = steps_p99_ms(calls, began, flooded), steps_p99_ms(calls, flooded, till)
    took = [(each.ended_at - each.asked_at) * 1e3 for each in refused]
    figures = scene.result.figures
    figures["slots, refusals"] = f"{slots}, {len(refused)}"
    figures["refused with"] = ", ".join(sorted({each.error or "nothing" for each in refused}))
    figures["step p99 ms before, during"] = f"{before:.1f}, {during:.1f}"
    figures["refused after ms, p50, p99"] = f"{percentile(took, 50):.1f}, {percentile(took, 99):.1f}"
    scene.result.aim("step p99", during, before * WORSE, " ms")
    scene.result.aim("refusal p99", percentile(took, 99), REFUSED_MS, " ms")
    scene.result.must("one call too many was let in", not any(each.session for each in refused))
    scene.result.must("an admitted call ended", not any(call.error for call in calls))


async def _ask_on(scene: Scene, home: str, refused: list[Heard], over: asyncio.Event) -> None:
    """Whoever is refused asks again, over a connection of its own."""
    gateways = scene.site.gateways
    while not over.is_set():
        caller = Caller(gateways[len(refused) % len(gateways) :][:1], home, scene.site.history)
        refused.append(await caller.call(over))
        await asyncio.sleep(ASK_EVERY_S)


@row("all clients reconnect at once", "back by themselves; then their p99 within 10 % of before")
async def reconnect(scene: Scene) -> None:
    fronts = [await scene.site.front(name) for name in scene.site.names("gateway")]
    calls = await scene.call(CALLS, gateways=fronts)
    await asyncio.sleep(WARM_S)
    began, gaps = time.monotonic(), []
    await asyncio.sleep(scene.s(15, 5))
    cut = time.monotonic()
    after: list[float] = []
    for _ in range(int(scene.s(3, 1))):
        since = time.monotonic()
        for front in scene.site.fronts.values():
            front.cut()
        await asyncio.sleep(scene.s(8, 6))
        gaps += gaps_s(calls, since, time.monotonic())
        after += [ms for call in calls for ms in call.steps_ms(since + 3, time.monotonic())]
    await scene.settle()
    before = steps_p99_ms(calls, began, cut)
    figures = scene.result.figures
    figures["reconnects"] = sum(call.reconnects for call in calls)
    figures["gap s, p50, p95, max"] = ", ".join(f"{percentile(gaps, rank):.2f}" for rank in (50, 95, 100))
    figures["step p99 ms before, from 3 s after"] = f"{before:.1f}, {percentile(after, 99):.1f}"
    scene.result.aim("back p95", percentile(gaps, 95), 1.5, " s")
    scene.result.aim("step p99 afterwards", percentile(after, 99), before * WORSE, " ms")
    scene.result.must("a call ended", not any(call.error for call in calls))
