"""Rows in which executors die, come and go."""

import asyncio
import time
from contextlib import suppress

from tests.faults.rows import WARM_S, Scene, by_state, row

from duplexsla.errors import StartFailed
from duplexsla.executor.crash_points import POINTS
from duplexsla.report.percentile import percentile

EXPIRES_MS = 60_000  # nothing expires while nobody is there
MEMBER = "fault-suite"  # a static name: who comes back finds its partitions again


@row(
    "executor SIGKILL at each crash point",
    "idempotent: 1 effect; at_most_once: 1 or reported unknown; order kept",
)
async def executor_killed(scene: Scene) -> None:
    site = scene.site
    await asyncio.gather(*(asyncio.to_thread(part.stop) for part in site.all("executor")))
    await scene.call(2)
    orders = await scene.order(8, expires_ms=EXPIRES_MS)
    scene.fault("an executor dies")
    back: list[float] = []
    for point in list(POINTS) * int(scene.s(2, 1)):
        await asyncio.to_thread(site.parts["executor-1"].stop)
        with suppress(StartFailed):  # an action was there so soon that it died before it was ready
            await site.start("executor-1", CRASH_AT=point, MEMBER=MEMBER)
        assert await site.ended("executor-1"), f"the executor did not pass {point}"
        back.append(time.monotonic())
        await site.start("executor-1", MEMBER=MEMBER)
        await asyncio.sleep(scene.s(4, 2))
    await scene.settle()
    scene.fault_over("an executor dies")
    told = sorted(order.at + order.told_s for order in orders.where(lambda order: order.told_s > 0))
    took = [min((at - death for at in told if at > death), default=float("nan")) for death in back]
    figures = scene.result.figures
    figures["deaths"] = len(back)
    figures["idempotent"] = by_state(orders, "idempotent")
    figures["at_most_once"] = by_state(orders, "at_most_once")
    figures["outcomes again after s, p50, max"] = f"{percentile(took, 50):.1f}, {percentile(took, 100):.1f}"
    undone = orders.where(lambda order: order.delivery == "idempotent" and order.state != "done")
    scene.result.must(f"{len(undone)} idempotent actions were not done", not undone)


@row("rebalance every 5 s", "1 effect each; order kept")
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
