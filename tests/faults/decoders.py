"""Rows in which decoders die, hang, drain, or cannot be reached."""

import asyncio
import re
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from tests.faults.callers import Heard
from tests.faults.rows import WARM_S, Scene, by_state, gaps_s, moved, row, steps_p99_ms

from duplexsla.clock import CHUNK_MS, CHUNK_S
from duplexsla.report.percentile import percentile

CALLS, SHORT_CALLS = 8, 4
AFTER_S = 8.0  # in which every session has to be back
NOTICED_MS = 3 * CHUNK_MS
SILENCE = "every session resumes; silence gap p95 <= 2 s, p99 <= 5 s; 0 duplicate effects"
LEFT = re.compile(r"^(\S+ \S+) WARNING \S+: call_rebuilt session=([0-9a-f]{16})", re.MULTILINE)

Blow = Callable[[str], Awaitable[None]]  # what is done to the decoder of this name


@row("decoder SIGKILL", SILENCE)
async def decoder_killed(scene: Scene) -> None:
    async def kill(name: str) -> None:
        scene.site.signal(name, signal.SIGKILL)

    async def start(name: str) -> None:
        await scene.site.start(name)

    await _lose(scene, "a decoder dies", kill, start)


@row("decoder hangs (SIGSTOP)", SILENCE)
async def decoder_hangs(scene: Scene) -> None:
    async def stop(name: str) -> None:
        scene.site.signal(name, signal.SIGSTOP)

    async def wake(name: str) -> None:
        scene.site.signal(name, signal.SIGCONT)

    await _lose(scene, "a decoder hangs", stop, wake)


@row("blackhole between gateway and decoder (TCP proxy)", "noticed within 3 steps; fenced")
async def blackhole(scene: Scene) -> None:
    async def darken(name: str) -> None:
        scene.site.ways[name].blackhole()

    async def heal(name: str) -> None:
        scene.site.ways[name].heal()

    began_s = time.time()
    losses = await _lose(scene, "a decoder cannot be reached", darken, heal)
    late = [ms for since, till, calls in losses for ms in _noticed_ms(scene, calls, since, till, began_s)]
    figures = scene.result.figures
    figures["noticed after ms, p50, max"] = f"{percentile(late, 50):.0f}, {percentile(late, 100):.0f}"
    scene.result.aim("noticed after", percentile(late, 100), NOTICED_MS, " ms")


@row("decoder drained under load", "0 sessions dropped; gap <= 1 chunk at p99")
async def decoder_drained(scene: Scene) -> None:
    calls = await scene.call(int(scene.s(CALLS, SHORT_CALLS)))
    orders = await scene.order(4)
    gaps: list[float] = []
    left: list[int] = []
    await asyncio.sleep(WARM_S + 2)
    began = time.monotonic()
    for _ in range(int(scene.s(3, 1))):
        since, name = time.monotonic(), await scene.site.busiest()
        held = (await scene.site.ask(name))["sessions"]
        left.append((await scene.site.ask(name, "/drain?deadline_s=20", "POST"))["left"])
        await asyncio.sleep(2)
        gaps += gaps_s(calls, since, time.monotonic())
        scene.result.figures[f"drain {len(left)}"] = (
            f"{held} sessions in {time.monotonic() - since - 2:.1f} s"
        )
        await asyncio.to_thread(scene.site.parts[name].stop)
        await scene.site.start(name)
    before = steps_p99_ms(calls, 0, began)
    await scene.settle()
    _tell_gaps(scene, gaps, CHUNK_S, CHUNK_S)
    scene.result.figures["step p99 ms before"] = round(before, 1)
    scene.result.figures["actions"] = by_state(orders)
    scene.result.must(f"{sum(left)} sessions could not be moved", not sum(left))
    scene.result.must("a call ended or came back", not any(call.error or call.reconnects for call in calls))


Loss = tuple[float, float, list[Heard]]  # since, till, whose decoder it was


async def _lose(scene: Scene, what: str, blow: Blow, mend: Blow) -> list[Loss]:
    """Decoders are lost in turn, always the one with the most sessions, in the middle of live calls."""
    calls = await scene.call(int(scene.s(CALLS, SHORT_CALLS)))
    orders = await scene.order(4)
    await asyncio.sleep(WARM_S + 1)
    losses: list[Loss] = []
    scene.fault(what)
    for _ in range(int(scene.s(4, 1))):
        name = await scene.site.busiest()
        since = time.monotonic()
        await blow(name)
        await asyncio.sleep(AFTER_S)
        till = time.monotonic()
        losses.append((since, till, moved(calls, since, till)))
        await mend(name)
        await asyncio.sleep(scene.s(5, 1))
    scene.fault_over(what)
    await scene.settle()
    gaps = [gap for since, till, lost in losses for gap in gaps_s(lost, since, till)]
    _tell_gaps(scene, gaps, 2.0, 5.0)
    figures = scene.result.figures
    figures["losses, sessions moved"] = f"{len(losses)}, {sum(len(lost) for _, _, lost in losses)}"
    figures["actions"] = by_state(orders)
    scene.result.must("no session had to move", bool(gaps))
    ended = [call for call in calls if call.error]
    scene.result.must(f"{len(ended)} calls ended", not ended)
    return losses


def _tell_gaps(scene: Scene, gaps: Sequence[float], p95: float, p99: float) -> None:
    figures = scene.result.figures
    figures["gap s, p50, p95, p99"] = ", ".join(f"{percentile(gaps, rank):.2f}" for rank in (50, 95, 99))
    scene.result.aim("gap p95", percentile(gaps, 95), p95, " s")
    scene.result.aim("gap p99", percentile(gaps, 99), p99, " s")


def _noticed_ms(
    scene: Scene, calls: Sequence[Heard], since: float, till: float, began_s: float
) -> list[float]:
    """From the moment the first chunk without an answer was due until its gateway left the decoder."""
    ahead_s = time.time() - time.monotonic()  # of the wall clock
    left: dict[int, list[float]] = {}
    for gateway in scene.site.all("gateway"):
        for when, session in LEFT.findall(gateway.log.read_text(errors="replace")):
            at_s = datetime.strptime(when, "%Y-%m-%d %H:%M:%S,%f").timestamp()
            if at_s >= began_s:
                left.setdefault(int(session, 16), []).append(at_s - ahead_s)
    found = []
    for call in calls:
        last = max((at for at, _, _ in call.chunks if at < since + CHUNK_S), default=since)
        times = [at for at in left.get(call.session, []) if since < at < till]
        found += [(times[0] - last - CHUNK_S) * 1e3] if times else []
    return found
