"""Rows in which Redis fails over or forgets, and one of three brokers dies."""

import asyncio
import signal
import subprocess
import time
from collections.abc import Sequence

from tests.faults.callers import Heard
from tests.faults.rows import WARM_S, Scene, by_state, row, steps_p99_ms
from tests.faults.site import Size

from duplexsla.report.percentile import percentile

CALLS = 3
CLUSTER = Size(decoders=2, gateways=2, executors=2, brokers=3, sentinels=3)
NO_TWO = (
    "live calls go on, step p99 at most 5 ms worse; at_most_once actions refused meanwhile; no two owners"
)


@row("one of three Kafka brokers killed", "0 acknowledged actions lost; 0 late effects", CLUSTER)
async def broker_killed(scene: Scene) -> None:
    site = scene.site
    await scene.call(CALLS)
    orders = await scene.order(6)
    await asyncio.sleep(WARM_S)
    began = time.monotonic()
    await asyncio.sleep(scene.s(15, 6))
    killed = time.monotonic()
    scene.fault("a broker dies")
    site.signal("kafka-2", signal.SIGKILL)
    await site.ended("kafka-2")
    await asyncio.sleep(scene.s(30, 12))
    gone = time.monotonic()
    await site.start("kafka-2")
    await asyncio.sleep(scene.s(10, 4))
    scene.fault_over("a broker dies")
    await scene.settle()
    figures = scene.result.figures
    for name, since, till in (("before", began, killed), ("during", killed, gone), ("after", gone, 1e12)):
        took = [order.effect_ms for order in orders.between(since, till) if order.state == "done"]
        told = f"{percentile(took, 50):.0f}, {percentile(took, 99):.0f}"
        figures[f"{name}: effect ms p50, p99"] = f"{told} ({by_state(orders, since=since, till=till)})"
    lost = orders.where(lambda order: order.acknowledged and not order.state)
    scene.result.must(f"{len(lost)} acknowledged actions had no outcome", not lost)


@row("Redis failover (master SIGKILL, three sentinels)", NO_TWO, CLUSTER)
async def redis_failover(scene: Scene) -> None:
    site = scene.site
    calls = await scene.call(CALLS)
    orders = await scene.order(6)
    await asyncio.sleep(WARM_S)
    began = time.monotonic()
    await asyncio.sleep(scene.s(20, 6))
    killed = time.monotonic()
    scene.fault("redis fails over")
    site.signal("redis", signal.SIGKILL)
    promoted_s = await _promoted_s(scene)
    done = time.monotonic()
    newcomers = await scene.call(2)
    await asyncio.sleep(scene.s(15, 8))
    scene.fault_over("redis fails over")
    await _change_owners(scene)
    await scene.settle()
    _tell(scene, calls, (began, killed, done))
    figures = scene.result.figures
    figures["another master after s"] = round(promoted_s, 1)
    figures["actions meanwhile"] = by_state(orders, since=killed, till=done)
    figures["actions afterwards"] = by_state(orders, since=done + 2)
    refused = sum(not call.session for call in newcomers)
    scene.result.must(f"{refused} new calls were refused after the failover", not refused)


@row("Redis restarted from an old snapshot", NO_TWO)
async def redis_forgets(scene: Scene) -> None:
    site = scene.site
    calls = await scene.call(CALLS)
    orders = await scene.order(6)
    await asyncio.sleep(WARM_S)
    began = time.monotonic()
    await asyncio.to_thread(redis_command, scene, "SAVE")
    await asyncio.sleep(scene.s(15, 5))
    await _change_owners(scene)  # fences that the snapshot does not know
    killed = time.monotonic()
    scene.fault("redis forgets")
    site.signal("redis", signal.SIGKILL)
    await site.ended("redis")
    await site.start("redis")
    back = time.monotonic()
    site.signal("executor-1", signal.SIGKILL)  # what it had not committed is read again, by one who forgot
    await site.ended("executor-1")
    await asyncio.sleep(scene.s(8, 6))
    await _change_owners(scene)
    scene.fault_over("redis forgets")
    await scene.settle()
    (site.folder / "redis" / "dump.rdb").unlink()
    _tell(scene, calls, (began, killed, back))
    figures = scene.result.figures
    figures["seconds forgotten"] = round(killed - began, 1)
    figures["actions meanwhile and afterwards"] = by_state(orders, since=killed)
    figures["chunks that the model did not hear"] = sum(call.forgotten for call in calls)


async def _change_owners(scene: Scene) -> None:
    """A gateway dies: its sessions go on at the other one, under new fences."""
    scene.fault("a gateway dies")
    scene.site.signal("gateway-1", signal.SIGKILL)
    await scene.site.ended("gateway-1")
    await asyncio.sleep(4)
    await scene.site.start("gateway-1")
    scene.fault_over("a gateway dies")


async def _promoted_s(scene: Scene) -> float:
    """Until the replica is a master; inf: never."""
    since = time.monotonic()
    while time.monotonic() < since + 30:
        role = await asyncio.to_thread(redis_command, scene, "ROLE", part="replica")
        if role.startswith("master"):
            return time.monotonic() - since
        await asyncio.sleep(0.1)
    return float("inf")


def redis_command(scene: Scene, *command: str, part: str = "redis") -> str:
    port = scene.site.parts[part].address.rpartition(":")[2]
    done = subprocess.run(["redis-cli", "-p", port, *command], capture_output=True, text=True)
    return done.stdout


def _tell(scene: Scene, calls: Sequence[Heard], times: tuple[float, float, float]) -> None:
    began, gone, back = times
    before, during = steps_p99_ms(calls, began, gone), steps_p99_ms(calls, gone, max(back, gone + 5))
    scene.result.figures["step p99 ms before, during"] = f"{before:.1f}, {during:.1f}"
    scene.result.aim("step p99 worse by", during - before, 5.0, " ms")
    ended = [call.error for call in calls if call.error]
    scene.result.must(f"{len(ended)} calls ended ({', '.join(ended)})", not ended)
