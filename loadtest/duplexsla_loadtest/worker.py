"""One process of callers: plays its share of the plan on one event loop, and tells the crew what it measured.

Through its pipe it says ("ready", None), waits for the instant (time.monotonic) at which the run begins, and
then says ("seconds", rows) about once a second, ("conversation", Result) at each end, and ("done", None).
"""

import asyncio
import gc
import os
import random
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

from duplexsla.client import Client, connect
from duplexsla_loadtest.call_recorder import CallMeasures, CallRecorder
from duplexsla_loadtest.caller import Caller, CallerTerms
from duplexsla_loadtest.metrics import MetricSheet, MetricSums
from duplexsla_loadtest.mix import Mix
from duplexsla_loadtest.plan import Planned
from duplexsla_loadtest.self_check import SelfCheck
from duplexsla_loadtest.speaker import Speaker

TELL_S = 1.0


@dataclass(frozen=True)
class Share:
    """What one worker has to do. Times in seconds of the run."""

    address: str
    mix: Mix
    planned: Sequence[Planned]
    homes: str  # prefix of the homes' names
    seed: int
    warm_up_s: float
    duration_s: float
    nice: int
    terms: CallerTerms


@dataclass(frozen=True)
class WorkerResult:
    """How one conversation went."""

    planned: Planned
    home: str
    ended: str  # "ok", "refused CODE", "failed CODE"
    tally: MetricSums
    record: CallMeasures = field(default_factory=CallMeasures)


def work(share: Share, pipe: Connection) -> None:
    """The process's whole life."""
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, share.nice)
    gc.freeze()  # the recordings and modules are not looked through again and again
    asyncio.run(Worker(share, pipe).run())


def _turns(address: str) -> list[list[str]]:
    """The gateways ("host:port,host:port"), once with each of them first."""
    gateways = address.split(",")
    return [gateways[at:] + gateways[:at] for at in range(len(gateways))]


class Worker:
    """One event loop of callers."""

    def __init__(self, share: Share, pipe: Connection) -> None:
        self._share, self._pipe = share, pipe
        self._kinds = {kind.name: kind for kind in share.mix.kinds}
        self._seconds: defaultdict[int, MetricSums] = defaultdict(MetricSums)

    async def run(self) -> None:
        async with AsyncExitStack() as stack:
            clients = [
                await stack.enter_async_context(connect(*each)) for each in _turns(self._share.address)
            ]
            self._pipe.send(("ready", None))
            origin = await asyncio.to_thread(self._pipe.recv)
            own = SelfCheck(origin, self._seconds, self._share.warm_up_s)
            await asyncio.sleep(-own.now())
            async with asyncio.TaskGroup() as group:
                telling = group.create_task(self._tell_forever())
                beating = group.create_task(own.beat(self._share.duration_s))
                calls = [
                    group.create_task(self._call(clients[each.number % len(clients)], each, own))
                    for each in self._share.planned
                ]
                await asyncio.gather(beating, *calls)
                telling.cancel()
        self._tell()
        self._pipe.send(("own", own.sheet.session))
        self._pipe.send(("done", None))

    async def _call(self, client: Client, planned: Planned, own: SelfCheck) -> None:
        await asyncio.sleep(planned.at_s - own.now())
        dice = random.Random(f"{self._share.seed}/conversation/{planned.number}")
        sheet = MetricSheet(self._seconds, self._share.warm_up_s)
        speaker = Speaker(self._kinds[planned.kind], dice, noise_dbfs=self._share.mix.noise_dbfs)
        listener = CallRecorder(speaker, sheet, buffer_s=self._share.terms.buffer_ms / 1e3)
        home = f"{self._share.homes}{planned.home}"
        sheet.count(planned.at_s, "conversations", always=True)
        caller = Caller(planned, home, speaker, listener, sheet=sheet, own=own, terms=self._share.terms)
        ended = await caller.call(client)
        now = own.now()
        for name in {"ended", ended.partition(" ")[0], ended.replace(" ", "_")}:
            sheet.count(now, name, always=True)
        self._pipe.send(("conversation", WorkerResult(planned, home, ended, sheet.session, listener.record)))

    async def _tell_forever(self) -> None:
        while True:
            await asyncio.sleep(TELL_S)
            self._tell()

    def _tell(self) -> None:
        told = dict(self._seconds)
        self._seconds.clear()
        self._pipe.send(("seconds", told))
