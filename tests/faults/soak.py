"""A soak: calls come and go, a random fault every 20 s, and what grows meanwhile.

The first of each kind of service lives through it, hung and cut off now and then; the second one is killed.
So a slope of memory and descriptors is that of a process which has seen everything.
"""

import asyncio
import random
import signal
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.faults.callers import Caller, Heard
from tests.faults.growth import Growth, look
from tests.faults.report import Result
from tests.faults.rows import Row, Scene, by_state, steps_p99_ms
from tests.faults.schedule import Blow, schedule, written
from tests.faults.site import Site, Size

from duplexsla.errors import StartFailed
from duplexsla.report.percentile import percentile

CALLS = 3
CALL_S = (15.0, 90.0)
ACTIONS_PER_S = 3.0
ACTIONS_EXPIRE_MS = 10_000
SAMPLE_S = 15.0
STARTS = 4
SIZE = Size(slots=10)
DEADLY = {"decoder dies": "decoder-2", "gateway dies": "gateway-2", "executor dies": "executor-2"}
STOPPED = {
    "decoder hangs": ("decoder-1", "decoder-2"),
    "executor hangs": ("executor-1", "executor-2"),
    "gateway hangs": ("gateway-1", "gateway-2"),
    "redis hangs": ("redis",),
    "kafka hangs": ("kafka-1",),
    "home hangs": ("home",),
}
WAYS = ("decoder unreachable", "slow decoder line", "decoder connections cut")
FAULTS = (*DEADLY, *STOPPED, *WAYS, "gateway drains", "devices fail")
FLAT = 0.10  # of what there was, in the whole soak
TARGET = "memory, descriptors and Redis keys flat; 0 broken invariants"


async def soak(folder: Path, *, seconds: float, seed: int) -> Result:
    result = Result(f"soak of {seconds / 60:g} min, a random fault every 20 s, seed {seed}", TARGET)
    blows, started = schedule(seed, FAULTS, seconds=seconds), time.monotonic()
    async with Site(folder / "soak", SIZE, say=lambda _: None) as site:
        (site.folder / "schedule.json").write_text(written(seed, blows))
        scene = Scene(site, Row("soak", result.fault, TARGET, _nothing), False, result, seed=seed)
        growth = Growth()
        orders = await scene.order(ACTIONS_PER_S, expires_ms=ACTIONS_EXPIRE_MS)
        over, calls = asyncio.Event(), list[Heard]()
        scene.fault("soak")
        since = time.monotonic()
        lines = [asyncio.create_task(_churn(scene, n, calls, over)) for n in range(CALLS)]
        sampling = asyncio.create_task(_sample(site, growth, over))
        failures = await _blow_all(scene, blows, since, seconds)
        over.set()
        await asyncio.gather(*lines, sampling)
        await scene.settle()
        scene.calls = calls
        _tell(scene, growth, blows, failures)
        result.figures["actions"] = by_state(orders)
    result.seconds = round(time.monotonic() - started, 1)
    return result


async def _nothing(scene: Scene) -> None:
    pass


async def _churn(scene: Scene, number: int, calls: list[Heard], over: asyncio.Event) -> None:
    """One call after another, each of another length."""
    dice, site = random.Random(f"{scene.seed} {number}"), scene.site
    [home] = await scene.make_homes(1)
    while not over.is_set():
        at = dice.randrange(len(site.gateways))
        caller = Caller(site.gateways[at:] + site.gateways[:at], home, site.history, phase=dice.randrange(6))
        calls.append(caller.heard)
        ends = asyncio.Event()
        calling = asyncio.create_task(caller.call(ends))
        waiting = asyncio.create_task(over.wait())
        await asyncio.wait({calling, waiting}, timeout=dice.uniform(*CALL_S), return_when="FIRST_COMPLETED")
        waiting.cancel()
        ends.set()
        await calling
        await asyncio.sleep(0.5 if caller.heard.session else 2.0)


async def _sample(site: Site, growth: Growth, over: asyncio.Event) -> None:
    while not over.is_set():
        growth.samples.append(await asyncio.to_thread(look, site))
        try:
            async with asyncio.timeout(SAMPLE_S):
                await over.wait()
        except TimeoutError:
            continue


async def _blow_all(scene: Scene, blows: Sequence[Blow], since: float, seconds: float) -> list[str]:
    """Each fault at its time; what a part did not recover from."""
    failures = []
    for blow in blows:
        await asyncio.sleep(max(0.0, since + blow.at_s - time.monotonic()))
        print(f"{blow.at_s:8.1f} s  {blow.fault} for {blow.for_s:.1f} s", flush=True)
        try:
            await _blow(scene, blow)
        except Exception as error:  # a fault's outermost frame: the soak goes on, and tells
            failures.append(f"{blow.fault}: {error!r}")
            print(f"            {error!r}", flush=True)
    await asyncio.sleep(max(0.0, since + seconds - time.monotonic()))
    return failures


async def _blow(scene: Scene, blow: Blow) -> None:
    """The fault, as long as it lasts, and its end."""
    site = scene.site
    if blow.fault in DEADLY:
        name = DEADLY[blow.fault]
        site.signal(name, signal.SIGKILL)
        await site.ended(name)
        await asyncio.sleep(blow.for_s)
        await _start(site, name)
    elif blow.fault in STOPPED:
        name = _picked(STOPPED[blow.fault], blow.pick)
        site.signal(name, signal.SIGSTOP)
        await asyncio.sleep(blow.for_s)
        site.signal(name, signal.SIGCONT)
    elif blow.fault == "gateway drains":
        await site.ask("gateway-2", f"/drain?deadline_s={blow.for_s:.1f}", "POST")
        await site.ended("gateway-2")
        await _start(site, "gateway-2")
    elif blow.fault == "devices fail":
        await _fail_devices(scene, blow)
    else:
        await _spoil(site, blow)


async def _start(site: Site, name: str) -> None:
    """As often as it takes: on a busy machine a start may be too slow for its patience."""
    for _ in range(STARTS - 1):
        try:
            await site.start(name)
            return
        except StartFailed as error:
            print(f"            {str(error).partition(chr(10))[0]}", flush=True)
    await site.start(name)


async def _fail_devices(scene: Scene, blow: Blow) -> None:
    homes = scene.homes[:3]
    for home in homes:
        await scene.site.tell_home("POST", f"{home}/faults", {"device": "*", "kind": "error", "ms": 0})
    await asyncio.sleep(blow.for_s)
    for home in homes:
        await scene.site.tell_home("DELETE", f"{home}/faults")


async def _spoil(site: Site, blow: Blow) -> None:
    way = site.ways[_picked(("decoder-1", "decoder-2"), blow.pick)]
    if blow.fault == "decoder unreachable":
        way.blackhole()
    elif blow.fault == "slow decoder line":
        for each in (way.up, way.down):
            each.delay_ms, each.jitter_ms, each.loss = 25.0, 25.0, 0.005
    else:
        way.cut()
    await asyncio.sleep(blow.for_s)
    way.heal()


def _picked(names: Sequence[str], pick: float) -> str:
    return names[min(len(names) - 1, int(pick * len(names)))]


def _tell(scene: Scene, growth: Growth, blows: Sequence[Blow], failures: Sequence[str]) -> None:
    """What every row tells, and what grew."""
    result, calls = scene.result, scene.calls
    assert scene.orders is not None
    acknowledged = len(scene.orders.where(lambda order: order.acknowledged))
    result.load = (
        f"{CALLS} live calls at a time, {len(calls)} in all; {len(scene.orders.orders)} actions beside them, "
        f"{acknowledged} acknowledged"
    )
    verdict = scene.site.checked(scene.since_ms, scene.homes)
    result.findings, result.judged = verdict.findings, verdict.judged
    figures = result.figures
    figures["faults"] = " ".join(
        f"{n} {name};" for name, n in sorted(Counter(b.fault for b in blows).items())
    )
    errors = Counter(call.error for call in calls if call.error)
    figures["calls that ended in error"] = ", ".join(f"{n} {code}" for code, n in errors.items()) or "none"
    gaps = [call.gap_s(0.0) for call in calls if len(call.chunks) > 1]
    figures["longest silence of a call s, p50, p99"] = (
        f"{percentile(gaps, 50):.2f}, {percentile(gaps, 99):.2f}"
    )
    figures["step p99 ms"] = round(steps_p99_ms(calls), 1)
    for name, told, share in growth.slopes():
        figures[name] = told
        result.must(f"{name} grew by {share:.0%}, not flat", share <= FLAT)
    result.must(f"{len(failures)} faults were not recovered from: {'; '.join(failures)}", not failures)
