"""Rows in which executors die, come and go."""

import asyncio
import time

from benchmarks.faults.report import percentile
from benchmarks.faults.rows import WARM_S, Scene, by_state, row
from benchmarks.faults.site import Size

from duplexsla.executor.transitions import POINTS

MEMBER = "fault-suite"  # a static name: who comes back finds its partitions again


@row(
    "executor SIGKILL at each crash point",
    "idempotent: 1 effect; at_most_once: 1 or reported unknown; order kept",
    Size(executors=1),
)
async def executor_killed(scene: Scene) -> None:
    site = scene.site
    await asyncio.to_thread(site.parts["executor-1"].stop)
    await scene.call(2)
    orders = await scene.order(8)
    scene.fault("an executor dies")
    deaths = []
    for point in list(POINTS) * int(scene.s(3, 1)):
        await site.start("executor-1", CRASH_AT=point, MEMBER=MEMBER)
        assert await site.ended("executor-1"), f"the executor did not pass {point}"
        deaths.append(time.monotonic())
    await site.start("executor-1", MEMBER=MEMBER)
    await asyncio.sleep(scene.s(10, 4))
    await scene.settle()
    scene.fault_over("an executor dies")
    told = sorted(order.at + order.told_s for order in orders.where(lambda order: order.told_s > 0))
    back = [min((at - death for at in told if at > death), default=float("nan")) for death in deaths]
    figures = scene.result.figures
    figures["deaths"] = len(deaths)
    figures["idempotent"], figures["at_most_once"] = (
        by_state(orders, "idempotent"),
        by_state(orders, "at_most_once"),
    )
    figures["outcomes again after, median s"] = round(percentile(back, 50), 2)
    scene.result.must("an idempotent action is unknown", "unknown" not in by_state(orders, "idempotent"))


@row("rebalance every 5 s", "1 effect each; order kept", Size(executors=2))
async def rebalance(scene: Scene) -> None:
    site = scene.site
    await scene.call(2)
    orders = await scene.order(15)
    await asyncio.sleep(WARM_S)
    began, till, moves = time.monotonic(), time.monotonic() + scene.s(60, 15), 0
    before = [order.effect_ms for order in orders.between(0, began) if order.state == "done"]
    while time.monotonic() < till:
        if moves % 2 == 0:
            await site.start("executor-3")
        else:
            await asyncio.to_thread(site.parts["executor-3"].stop)
        moves += 1
        await asyncio.sleep(max(0.0, began + 5 * moves - time.monotonic()))
    await scene.settle()
    if moves % 2:
        await asyncio.to_thread(site.parts["executor-3"].stop)
    del site.parts["executor-3"]
    during = [order.effect_ms for order in orders.between(began, till) if order.state == "done"]
    figures = scene.result.figures
    figures["rebalances"] = moves
    figures["outcomes"] = by_state(orders)
    figures["effect p50 ms before, during"] = f"{percentile(before, 50):.0f}, {percentile(during, 50):.0f}"
    figures["effect p99 ms before, during"] = f"{percentile(before, 99):.0f}, {percentile(during, 99):.0f}"
    lost = orders.where(lambda order: order.acknowledged and not order.state)
    scene.result.must(f"{len(lost)} acknowledged actions had no outcome", not lost)
