"""Rows in which Redis or Kafka is away."""

import asyncio
import signal
import time

from tests.faults.rows import WARM_S, Scene, by_state, row, steps_p99_ms

CALLS = 3


@row(
    "Redis stopped 60 s",
    "live calls go on, step p99 at most 5 ms worse; at_most_once actions refused meanwhile; no two owners",
)
async def redis_stopped(scene: Scene) -> None:
    calls = await scene.call(CALLS)
    orders = await scene.order(6)
    await asyncio.sleep(WARM_S)
    began = time.monotonic()
    await asyncio.sleep(scene.s(30, 6))
    stopped = time.monotonic()
    scene.fault("redis is away")
    scene.site.signal("redis", signal.SIGSTOP)
    await asyncio.sleep(scene.s(60, 10))
    scene.site.signal("redis", signal.SIGCONT)
    back = time.monotonic()
    await asyncio.sleep(scene.s(20, 6))
    scene.fault_over("redis is away")
    await scene.settle()
    before, during = steps_p99_ms(calls, began, stopped), steps_p99_ms(calls, stopped, back)
    figures, late = scene.result.figures, back - 6  # what was asked for later may have waited for Redis
    figures["step p99 ms before, during"] = f"{before:.1f}, {during:.1f}"
    figures["at_most_once meanwhile"] = by_state(orders, "at_most_once", stopped + 0.5, late)
    figures["idempotent meanwhile"] = by_state(orders, "idempotent", stopped + 0.5, late)
    figures["after"] = by_state(orders, since=back + 2)
    scene.result.aim("step p99 worse by", during - before, 5.0, " ms")
    scene.result.must("a call ended", not any(call.error for call in calls))
    done = "done" in by_state(orders, "at_most_once", stopped + 0.5, late)
    scene.result.must("an at_most_once action was done without a ledger", not done)


@row(
    "Kafka stopped 30 s",
    "0 acknowledged actions lost; all late ones expired and told to the speaker; 0 late effects",
)
async def kafka_stopped(scene: Scene) -> None:
    calls = await scene.call(CALLS)
    orders = await scene.order(6)
    await asyncio.sleep(WARM_S + scene.s(5, 2))
    began, stopped = time.monotonic() - 2, time.monotonic()
    scene.fault("kafka is away")
    scene.site.signal("kafka-1", signal.SIGSTOP)
    await asyncio.sleep(scene.s(30, 9))
    scene.site.signal("kafka-1", signal.SIGCONT)
    back = time.monotonic()
    await asyncio.sleep(scene.s(15, 8))
    scene.fault_over("kafka is away")
    await scene.settle()
    figures = scene.result.figures
    figures["meanwhile"] = by_state(orders, since=stopped, till=back)
    figures["after"] = by_state(orders, since=back + 3)
    figures["step p99 ms before, during"] = (
        f"{steps_p99_ms(calls, began, stopped):.1f}, {steps_p99_ms(calls, stopped, back):.1f}"
    )
    silent = orders.where(lambda order: not order.state)
    scene.result.must(f"{len(silent)} actions had no outcome at all", not silent)
    scene.result.must("a call ended", not any(call.error for call in calls))
