"""One process of callers: plays its part of the plan on one event loop, and reports to the coordinator.

Through its pipe it says ("ready", None), waits for the instant (time.monotonic) at which the run begins, and
then says ("seconds", metrics by second) about once a second, ("conversation", ConversationResult) at each
end, ("own", metrics of itself) and ("done", None).
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
from duplexsla.client.channels import ClientTls
from duplexsla.client.credentials import Token
from duplexsla_loadtest.call_recorder import CallMeasures, CallRecorder
from duplexsla_loadtest.caller import Caller, CallerSettings
from duplexsla_loadtest.metrics import Metrics, MetricsRecorder
from duplexsla_loadtest.mix import Mix
from duplexsla_loadtest.plan import Planned
from duplexsla_loadtest.self_check import SelfCheck
from duplexsla_loadtest.speaker import Speaker

REPORT_S = 1.0


@dataclass(frozen=True)
class WorkerPlan:
    """What one worker plays. Times in seconds of the run."""

    address: str
    mix: Mix
    planned: Sequence[Planned]
    homes: str  # prefix of the homes' names
    seed: int
    warm_up_s: float
    duration_s: float
    nice: int
    settings: CallerSettings
    token: Token = field(default="", repr=False)
    tls: ClientTls | None = None


@dataclass(frozen=True)
class ConversationResult:
    """How one conversation went."""

    planned: Planned
    home: str
    ended: str  # "ok", "refused CODE", "failed CODE"
    metrics: Metrics
    measures: CallMeasures = field(default_factory=CallMeasures)


def work(plan: WorkerPlan, pipe: Connection) -> None:
    """Runs a worker process from start to end."""
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, plan.nice)
    gc.freeze()  # the recordings and modules are not looked through again and again
    asyncio.run(Worker(plan, pipe).run())


def _rotations(address: str) -> list[list[str]]:
    """The gateways ("host:port,host:port"), once with each of them first."""
    gateways = address.split(",")
    return [gateways[at:] + gateways[:at] for at in range(len(gateways))]


class Worker:
    """One event loop of callers."""

    def __init__(self, plan: WorkerPlan, pipe: Connection) -> None:
        self._plan, self._pipe = plan, pipe
        self._kinds = {kind.name: kind for kind in plan.mix.kinds}
        self._seconds: defaultdict[int, Metrics] = defaultdict(Metrics)

    async def run(self) -> None:
        async with AsyncExitStack() as stack:
            clients = [
                await stack.enter_async_context(connect(*each, token=self._plan.token, tls=self._plan.tls))
                for each in _rotations(self._plan.address)
            ]
            self._pipe.send(("ready", None))
            origin = await asyncio.to_thread(self._pipe.recv)
            self_check = SelfCheck(origin, self._seconds, self._plan.warm_up_s)
            await asyncio.sleep(-self_check.now())
            async with asyncio.TaskGroup() as group:
                reporting = group.create_task(self._report_forever())
                measuring = group.create_task(self_check.measure_lag(self._plan.duration_s))
                calls = [
                    group.create_task(self._call(clients[each.number % len(clients)], each, self_check))
                    for each in self._plan.planned
                ]
                await asyncio.gather(measuring, *calls)
                reporting.cancel()
        self._report()
        self._pipe.send(("own", self_check.recorder.session))
        self._pipe.send(("done", None))

    async def _call(self, client: Client, planned: Planned, self_check: SelfCheck) -> None:
        await asyncio.sleep(planned.at_s - self_check.now())
        rng = random.Random(f"{self._plan.seed}/conversation/{planned.number}")
        recorder = MetricsRecorder(self._seconds, self._plan.warm_up_s)
        speaker = Speaker(self._kinds[planned.kind], rng, noise_dbfs=self._plan.mix.noise_dbfs)
        call_recorder = CallRecorder(speaker, recorder, buffer_s=self._plan.settings.buffer_ms / 1e3)
        home = f"{self._plan.homes}{planned.home}"
        recorder.count(planned.at_s, "conversations", always=True)
        caller = Caller(
            planned,
            home,
            speaker,
            call_recorder,
            metrics=recorder,
            self_check=self_check,
            settings=self._plan.settings,
        )
        ended = await caller.call(client)
        now = self_check.now()
        for name in {"ended", ended.partition(" ")[0], ended.replace(" ", "_")}:
            recorder.count(now, name, always=True)
        self._pipe.send(
            (
                "conversation",
                ConversationResult(planned, home, ended, recorder.session, call_recorder.measures),
            )
        )

    async def _report_forever(self) -> None:
        while True:
            await asyncio.sleep(REPORT_S)
            self._report()

    def _report(self) -> None:
        metrics = dict(self._seconds)
        self._seconds.clear()
        self._pipe.send(("seconds", metrics))
