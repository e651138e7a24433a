"""Rows in which a client reads nothing, is gone without a word, or has a bad line."""

import asyncio
import time
from collections.abc import Sequence

from tests.faults.callers import Heard
from tests.faults.rows import FREED_S, WARM_S, Scene, freed_within_s, row, steps_p99_ms

from duplexsla.clock import CHUNK_MS
from duplexsla.report.percentile import percentile

NEIGHBOURS = 4
WORSE = 1.1  # 10 %
GROWN_MB = 16.0  # of a gateway's memory, for two clients that read nothing
DELAY_MS = JITTER_MS = 50.0
LOSS = 0.01


@row("client stops reading for 10 s", "bounded memory; neighbours unchanged")
async def deaf(scene: Scene) -> None:
    site, result = scene.site, scene.result
    calls = await scene.call(NEIGHBOURS)
    bad = await scene.call(2)
    await asyncio.sleep(WARM_S)
    began = time.monotonic()
    await asyncio.sleep(scene.s(15, 6))
    memory = [site.memory_mb(name) for name in site.names("gateway")]
    stopped = time.monotonic()
    scene.fault("clients read nothing", calls=[call.session for call in bad], everyone=False)
    for caller in scene.callers[-2:]:
        caller.reads.clear()
    await asyncio.sleep(10)
    grown = [site.memory_mb(name) - mb for name, mb in zip(site.names("gateway"), memory, strict=True)]
    for caller in scene.callers[-2:]:
        caller.reads.set()
    back = time.monotonic()
    await asyncio.sleep(scene.s(10, 4))
    scene.fault_over("clients read nothing")
    await scene.settle()
    before, during = steps_p99_ms(calls, began, stopped), steps_p99_ms(calls, stopped, back)
    figures = result.figures
    figures["gateways grew by MB, most"] = round(max(grown), 1)
    figures["neighbours' step p99 ms before, during"] = f"{before:.1f}, {during:.1f}"
    figures["chunks dropped and declared"] = sum(call.dropped for call in bad)
    figures["its calls went on"] = sum(not call.error for call in bad)
    result.aim("gateways grew by", max(grown), GROWN_MB, " MB")
    result.aim("neighbours' step p99", during, before * WORSE, " ms")
    result.must("a neighbour's call ended", not any(call.error for call in calls))


@row("client vanishes without closing", "neighbours unchanged; slot freed")
async def vanished(scene: Scene) -> None:
    site, result = scene.site, scene.result
    calls = await scene.call(NEIGHBOURS)
    front = await site.front("gateway-1")
    bad = await scene.call(2, gateways=[front])
    await asyncio.sleep(WARM_S)
    began = time.monotonic()
    await asyncio.sleep(scene.s(15, 5))
    gone = time.monotonic()
    scene.fault("clients vanish", calls=[call.session for call in bad], everyone=False)
    site.fronts["gateway-1"].blackhole()
    await scene.vanish(2)
    freed_s = await freed_within_s(scene, NEIGHBOURS)
    before, during = steps_p99_ms(calls, began, gone), steps_p99_ms(calls, gone, time.monotonic())
    site.fronts["gateway-1"].heal()
    scene.fault_over("clients vanish")
    await scene.settle()
    figures = result.figures
    figures["slots freed after s"] = round(freed_s, 1)
    figures["neighbours' step p99 ms before, during"] = f"{before:.1f}, {during:.1f}"
    result.aim("slots freed after", freed_s, FREED_S, " s")
    result.aim("neighbours' step p99", during, before * WORSE, " ms")
    result.must("a neighbour's call ended", not any(call.error for call in calls))


@row(
    "jitter 50 ms +- 50 ms and 1 % loss between client and gateway (TCP proxy: no netem in this kernel)",
    "queues stay bounded; misses counted right",
)
async def jitter(scene: Scene) -> None:
    site, result = scene.site, scene.result
    front = await site.front("gateway-1")
    weather = site.fronts["gateway-1"]
    for way in (weather.up, weather.down):
        way.delay_ms, way.jitter_ms, way.loss = DELAY_MS, JITTER_MS, LOSS
    neighbours = await scene.call(2, gateways=[site.gateways[1]])
    memory = site.memory_mb("gateway-1")
    calls = await scene.call(NEIGHBOURS, gateways=[front])
    since = time.monotonic()
    await asyncio.sleep(scene.s(40, 12))
    till = time.monotonic()
    grown = site.memory_mb("gateway-1") - memory
    await scene.settle()
    figures = result.figures
    waits = sorted(b[0] - a[0] for call in calls for a, b in zip(call.chunks, call.chunks[1:], strict=False))
    counted = [(_late(call), call.misses) for call in calls]
    figures["heard every ms, p50, p99"] = (
        f"{percentile(waits, 50) * 1e3:.0f}, {percentile(waits, 99) * 1e3:.0f}"
    )
    figures["chunks, concealed, dropped"] = _sums(calls)
    figures["misses that clients saw, that the gateway counted"] = (
        f"{sum(saw for saw, _ in counted)}, {sum(told for _, told in counted)}"
    )
    figures["step p99 ms, neighbours'"] = (
        f"{steps_p99_ms(calls, since, till):.1f}, {steps_p99_ms(neighbours, since, till):.1f}"
    )
    figures["gateway grew by MB"] = round(grown, 1)
    wrong = [f"{told} for {saw}" for saw, told in counted if saw != told]
    result.must(f"misses counted wrong: {', '.join(wrong)}", not wrong)
    result.aim("gateway grew by", grown, GROWN_MB, " MB")
    result.must("a call ended", not any(call.error for call in (*calls, *neighbours)))


def _late(call: Heard) -> int:
    return sum(step_ms > CHUNK_MS for _, _, step_ms in call.chunks)


def _sums(calls: Sequence[Heard]) -> str:
    return (
        f"{sum(len(call.chunks) for call in calls)}, {sum(call.concealed for call in calls)}, "
        f"{sum(call.dropped for call in calls)}"
    )
