"""What is done to the system while callers talk to it, one function each, and what that cost them."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from deploy.cluster import control_plane, monitoring, processes, release
from deploy.cluster.callers import Callers, CallStats
from deploy.cluster.layout import environ
from deploy.cluster.processes import Failed

APISERVER_AWAY_S = 60.0
DATA_S = 120.0  # for rates to have their points
SETTLE_CHUNKS = 30  # of each caller, before and after
MORE_CALLERS = 7  # for KEDA: with 8 slots a pod, more than 70 % of one
KEDA = ("autoscaling.kind=keda",)


@dataclass(frozen=True)
class ScenarioResult:
    """One scenario: what it did, how long that took, what callers measured."""

    scenario: str
    took_s: float
    stats: CallStats
    note: str = ""

    @property
    def held(self) -> bool:
        return not self.stats.dropped and not self.stats.refused


class CallLoad:
    """How many callers there are, and the gateways' Service."""

    def __init__(self, callers: int) -> None:
        self.callers = callers

    @contextmanager
    def running(self, count: int = 0) -> Iterator[Callers]:
        """Callers, from well before to well after what is done meanwhile."""
        count = count or self.callers
        with Callers(release.service_address("gateway"), count) as callers:
            self.settle(callers, count)
            yield callers
            self.settle(callers, count)

    def settle(self, callers: Callers, count: int) -> None:
        if not callers.wait_for_chunks(SETTLE_CHUNKS * count):
            raise Failed(f"callers receive nothing: {callers.stats}\n{release.explanation()}")


def install(background: CallLoad) -> ScenarioResult:
    """The chart with the laptop's values; helm test: a real call moves a device."""
    started = time.monotonic()
    release.upgrade()
    installed_s = time.monotonic() - started
    release.test()
    return ScenarioResult(
        "install", installed_s, CallStats(), f"helm test in {time.monotonic() - started - installed_s:.0f} s"
    )


def calls(background: CallLoad) -> ScenarioResult:
    """Nothing happens: what callers notice on a quiet day."""
    with background.running() as callers:
        background.settle(callers, background.callers)
    return ScenarioResult("calls", 0.0, callers.stats)


def decoders(background: CallLoad) -> ScenarioResult:
    """A rolling update of the decoders."""
    return _under_load(background, "rolling update of decoders", lambda: release.restart("decoder"))


def gateways(background: CallLoad) -> ScenarioResult:
    """A rolling update of the gateways."""
    return _under_load(background, "rolling update of gateways", lambda: release.restart("gateway"))


def kill(background: CallLoad) -> ScenarioResult:
    """A decoder's pod is deleted by force."""

    def act() -> None:
        before = release.ready_pods("decoder")
        release.kubectl("delete", "pod", before[0], "--force", "--grace-period=0")
        release.await_fact(
            "another decoder", lambda: len(set(release.ready_pods("decoder")) - {before[0]}) >= len(before)
        )

    return _under_load(background, "delete a decoder by force", act)


def apiserver(background: CallLoad) -> ScenarioResult:
    """The API server is away for a minute; somebody new calls meanwhile."""
    address = release.service_address("gateway")
    new: list[CallStats] = []

    def act() -> None:
        processes.stop("apiserver", grace_s=20)
        try:
            back_s = time.monotonic() + APISERVER_AWAY_S
            with Callers(address, 1) as late:
                late.wait_for_chunks(SETTLE_CHUNKS)
            new.append(late.stats)
            time.sleep(max(0.0, back_s - time.monotonic()))
        finally:
            control_plane.start_apiserver()

    row = _under_load(background, "API server away for 60 s", act)
    row.stats.dropped += new[0].dropped
    row.stats.refused += new[0].refused
    return ScenarioResult(
        row.scenario, row.took_s, row.stats, f"a new call meanwhile: {new[0].chunks} chunks"
    )


def keda(background: CallLoad) -> ScenarioResult:
    """Load goes up, and KEDA adds a decoder; load goes down, and one is drained and removed."""
    release.upgrade(*KEDA)
    release.await_fact("one decoder", lambda: len(release.ready_pods("decoder")) == 1)
    with background.running() as callers:
        with Callers(release.service_address("gateway"), MORE_CALLERS) as more:
            out_s = release.await_fact("scale-out", lambda: len(release.ready_pods("decoder")) >= 2)
            background.settle(callers, background.callers)
        in_s = release.await_fact("scale-in", lambda: len(release.listed("pods", "decoder")) == 1)
    note = f"out after {out_s:.0f} s, in after {in_s:.0f} s; {more.stats.refused} of the others refused"
    return ScenarioResult("KEDA scales out and in", out_s + in_s, callers.stats, note)


def load(background: CallLoad) -> ScenarioResult:
    """`duplexsla loadtest run` through the Service, with its own verdict."""
    command = [sys.executable, "-m", "duplexsla", "loadtest", "run", release.service_address("gateway")]
    command += ["--sessions", str(background.callers), "--duration", "40", "--nice", "0"]
    command += ["--homes-url", f"http://{release.service_address('home')}"]
    started = time.monotonic()
    done = subprocess.run(command, env=environ(), capture_output=True, text=True)
    if done.returncode not in (0, 1, 3):
        raise Failed(f"loadtest: {done.stdout[-1500:]}{done.stderr[-1500:]}")
    verdict = {0: "held", 1: "missed", 3: "void"}[done.returncode]
    told = json.loads(done.stdout.strip().splitlines()[-1])
    stats = CallStats(calls=background.callers)
    return ScenarioResult(
        "load test", time.monotonic() - started, stats, f"{verdict}: {json.dumps(told)[:200]}"
    )


def dashboard(background: CallLoad) -> ScenarioResult:
    """Every query of the dashboard has data under load, and no alert is pending or fires."""
    with background.running() as callers:
        started = time.monotonic()
        while (empty := monitoring.without_data()) and time.monotonic() - started < DATA_S:
            background.settle(callers, background.callers)
        took_s = time.monotonic() - started
        states = monitoring.alerts()
    active = sorted(name for name, state in states.items() if state != "inactive")
    if empty or active or not states:
        raise Failed("\n".join(["no data:", *empty, "alerts that are not inactive:", *active]))
    note = f"{len(monitoring.queries())} queries, all with data; {len(states)} alerts, all inactive"
    return ScenarioResult("dashboard and alerts", took_s, callers.stats, note)


def upgrade(background: CallLoad) -> ScenarioResult:
    """helm upgrade with other values, then helm rollback."""

    def act() -> None:
        release.upgrade("gateway.journalChunks=200", "decoder.idleS=20")
        release.rollback()

    return _under_load(background, "helm upgrade, helm rollback", act)


def uninstall(background: CallLoad) -> ScenarioResult:
    """helm uninstall leaves nothing."""
    started = time.monotonic()
    release.uninstall()
    took_s = release.await_fact("nothing left", lambda: not release.left(), 120)
    return ScenarioResult(
        "helm uninstall", time.monotonic() - started, CallStats(), f"nothing left after {took_s:.0f} s more"
    )


def _under_load(background: CallLoad, name: str, act: Callable[[], None]) -> ScenarioResult:
    with background.running() as callers:
        started = time.monotonic()
        act()
        took_s = time.monotonic() - started
    return ScenarioResult(name, took_s, callers.stats)


ALL: dict[str, Callable[[CallLoad], ScenarioResult]] = {
    each.__name__: each
    for each in (
        install,
        calls,
        load,
        dashboard,
        decoders,
        gateways,
        kill,
        apiserver,
        upgrade,
        keda,
        uninstall,
    )
}
SHORT = ("install", "decoders", "kill", "uninstall")
