"""What a row of the table is made of: a site, calls, actions, phases, and the checker at its end."""

import asyncio
import itertools
import os
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from tests.faults.callers import Caller, Heard
from tests.faults.orders import EXPIRES_MS, Orders
from tests.faults.report import Result
from tests.faults.site import Site, Size

from duplexsla.history import events
from duplexsla.report.percentile import percentile

Run = Callable[["Scene"], Awaitable[None]]
WARM_S = 3.0
FREED_S = 40.0  # for what nobody needs any more to be given back


@dataclass(frozen=True)
class Row:
    """One fault; `run` does it and fills in the scene's result."""

    name: str  # as it is asked for
    fault: str
    target: str
    run: Run
    size: Size = Size()


ROWS: dict[str, Row] = {}


def row(fault: str, target: str, size: Size | None = None) -> Callable[[Run], Run]:
    """Registers a row under its function's name."""

    def register(run: Run) -> Run:
        name = run.__name__.replace("_", "-")
        ROWS[name] = Row(name, fault, target, run, size or Size())
        return run

    return register


@dataclass
class Scene:
    """One run of one row."""

    site: Site
    row: Row
    short: bool
    result: Result
    since_ms: float = field(default_factory=lambda: time.time() * 1e3)
    homes: list[str] = field(default_factory=list)
    calls: list[Heard] = field(default_factory=list)
    orders: Orders | None = None
    callers: list[Caller] = field(default_factory=list)
    seed: int = 0
    _batches: Iterator[int] = field(default_factory=itertools.count)
    _over: asyncio.Event = field(default_factory=asyncio.Event)
    _calling: list[asyncio.Task[Heard]] = field(default_factory=list)

    def s(self, full: float, short: float) -> float:
        """Seconds of a phase: as the issue asks for, or as a test has time for."""
        return short if self.short else full

    async def make_homes(self, count: int) -> list[str]:
        prefix = f"{self.row.name}-{int(self.since_ms)}-{next(self._batches)}"
        made = await self.site.make_homes(prefix, count)
        self.homes += made
        return made

    async def call(self, count: int, *, gateways: Sequence[str] | None = None) -> list[Heard]:
        """Begins calls, spread over the gateways; returns what they hear from now on."""
        asked = list(gateways or self.site.gateways)
        begun = []
        for number, home in enumerate(await self.make_homes(count)):
            at = number % len(asked)
            caller = Caller(asked[at:] + asked[:at], home, self.site.history, phase=number)
            begun.append(caller.heard)
            self.callers.append(caller)
            self._calling.append(asyncio.create_task(caller.call(self._over)))
            await asyncio.sleep(0.16 / count)  # phases apart
        self.calls += begun
        return begun

    async def vanish(self, count: int) -> None:
        """The last callers are gone without a word."""
        for task in self._calling[-count:]:
            task.cancel()
        await asyncio.gather(*self._calling[-count:], return_exceptions=True)
        del self._calling[-count:]

    async def order(self, per_second: float, *, homes: int = 6, expires_ms: int = EXPIRES_MS) -> Orders:
        """Begins a stream of actions."""
        names, history = await self.make_homes(homes), self.site.history
        self.orders = Orders(self.site.kafka, names, history, per_second=per_second, expires_ms=expires_ms)
        await asyncio.to_thread(self.orders.start)
        return self.orders

    async def settle(self) -> None:
        """Ends the calls and the actions, and waits for what is still to come of them."""
        self._over.set()
        stopping = asyncio.to_thread(self.orders.stop) if self.orders else asyncio.sleep(0)
        await asyncio.gather(stopping, *self._calling)

    async def give_up(self) -> None:
        """After an error: nothing goes on."""
        self._over.set()
        for task in self._calling:
            task.cancel()
        with suppress(BaseExceptionGroup):
            await asyncio.gather(*self._calling, return_exceptions=True)
        if self.orders:
            await asyncio.to_thread(self.orders.stop)

    def fault(
        self, what: str, *, homes: Sequence[str] = (), calls: Sequence[int] = (), everyone: bool = True
    ) -> None:
        """Tells the checker that something is broken from now on, and for whom."""
        self.site.history.write(events.fault(what, homes=homes, calls=calls, everyone=everyone))

    def fault_over(self, what: str) -> None:
        self.site.history.write(events.fault_over(what))


async def run(row: Row, site: Site, *, short: bool, seed: int = 0) -> Result:
    """The row's result; what the row before it broke is mended first."""
    result = Result(row.fault, row.target)
    started = time.monotonic()
    await site.mend()
    scene = Scene(site, row, short, result, seed=seed)
    try:
        await row.run(scene)
        await scene.settle()
        _tell(scene)
    except Exception as error:  # the outermost frame of a row: the next row is run all the same
        await scene.give_up()
        result.failure = f"{type(error).__name__}: {error}"
    result.seconds = round(time.monotonic() - started, 1)
    return result


def _tell(scene: Scene) -> None:
    """What every row tells: its load, and what the checker found."""
    result, orders = scene.result, scene.orders
    parts = [f"{len(scene.calls)} live calls"] * bool(scene.calls)
    if orders:
        acknowledged = len(orders.where(lambda order: order.acknowledged))
        parts.append(f"{len(orders.orders)} actions beside them, {acknowledged} acknowledged")
    parts.append(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    result.load = ", ".join(parts)
    verdict = scene.site.checked(scene.since_ms, scene.homes)
    result.findings, result.judged = verdict.findings, verdict.judged
    errors = sorted({call.error for call in scene.calls if call.error})
    if errors and "calls ended by" not in result.figures:
        result.figures["calls ended by"] = ", ".join(errors)


async def freed_within_s(scene: Scene, wanted: int) -> float:
    """Until the decoders hold so many sessions and no more, s; inf: they never do."""
    since = time.monotonic()
    while time.monotonic() < since + FREED_S + 5:
        held = [await scene.site.ask(name) for name in scene.site.names("decoder")]
        if sum(each["sessions"] for each in held) <= wanted:
            return time.monotonic() - since
        await asyncio.sleep(0.25)
    return float("inf")


def steps_p99_ms(calls: Sequence[Heard], since: float = 0.0, till: float = float("inf")) -> float:
    return percentile((ms for call in calls for ms in call.steps_ms(since, till)), 99)


def gaps_s(calls: Sequence[Heard], since: float, till: float = float("inf")) -> list[float]:
    """The longest silence of each call in this time."""
    return [call.gap_s(since, till) for call in calls]


def moved(calls: Sequence[Heard], since: float, till: float) -> list[Heard]:
    """Calls that were told of another decoder in this time."""
    return [call for call in calls if any(since < at < till for at, _ in call.changed)]


def came_back(calls: Sequence[Heard], since: float, till: float) -> list[Heard]:
    """Calls that were resumed in this time."""
    return [call for call in calls if any(since < at < till for at in call.came_back)]


def by_state(
    orders: Orders,
    delivery: str = "",
    since: float = 0.0,
    till: float = float("inf"),
    homes: Sequence[str] = (),
) -> str:
    """Outcomes of the actions of this time, of these homes or of all, counted."""
    states = [
        order.state or "nothing"
        for order in orders.between(since, till)
        if delivery in ("", order.delivery) and (not homes or order.home in homes)
    ]
    return " ".join(f"{states.count(state)} {state}" for state in sorted(set(states))) or "none"
