"""Rows in which a device of one home is slow, hangs or is broken."""

import asyncio
import time

from tests.faults.rows import WARM_S, Scene, by_state, row

from duplexsla.report.percentile import percentile

KINDS = {"slow": 1_500, "hang": 10_000, "error": 0}  # ms


@row("device slow, hanging, answering 5xx", "other homes' p99 unchanged within 10 %; breaker opens")
async def device(scene: Scene) -> None:
    site = scene.site
    await scene.call(2)
    orders = await scene.order(12, homes=8)
    sick, spans = scene.homes[-8], {}
    await asyncio.sleep(WARM_S + 3)
    began = time.monotonic()
    await asyncio.sleep(scene.s(30, 8))
    before = _others_ms(scene, sick, began, time.monotonic())
    figures, opened = scene.result.figures, 0
    figures["others' effect p99 ms, no fault"] = round(percentile(before, 99), 1)
    for kind, ms in KINDS.items():
        scene.fault(f"device {kind}", homes=[sick], everyone=False)
        await site.tell_home("POST", f"{sick}/faults", {"device": "*", "kind": kind, "ms": ms})
        since = time.monotonic()
        for _ in range(int(scene.s(30, 12) * 2)):
            await asyncio.sleep(0.5)
            opened = max(opened, await _open_breakers(scene))
        during = _others_ms(scene, sick, since, time.monotonic())
        await site.tell_home("DELETE", f"{sick}/faults")
        scene.fault_over(f"device {kind}")
        figures[f"others' effect p99 ms, {kind}"] = round(percentile(during, 99), 1)
        spans[kind] = (since, time.monotonic())
        limit = percentile(before, 99) * 1.1
        scene.result.aim(f"others' p99 with {kind}", percentile(during, 99), limit, " ms")
        await asyncio.sleep(scene.s(8, 6))  # for the breaker to close
    figures["breakers open at once"] = opened
    scene.result.must("no breaker opened", opened > 0)
    await scene.settle()
    for kind, span in spans.items():
        figures[f"its own, {kind}"] = by_state(orders, since=span[0], till=span[1], homes=[sick])
    figures["all"] = by_state(orders)


def _others_ms(scene: Scene, sick: str, since: float, till: float) -> list[float]:
    assert scene.orders is not None
    orders = scene.orders.between(since, till)
    return [order.effect_ms for order in orders if order.home != sick and order.state == "done"]


async def _open_breakers(scene: Scene) -> int:
    executors = [name for name in scene.site.parts if name.startswith("executor")]
    answers = [await scene.site.ask(name) for name in executors]
    return sum(int(answer["open_breakers"]) for answer in answers)
