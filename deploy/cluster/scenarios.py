"""What is done to the system while people talk to it, one function each; a row of figures comes of it."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from deploy.cluster import control_plane, monitoring, processes, release
from deploy.cluster.callers import Callers, Noticed
from deploy.cluster.layout import environ
from deploy.cluster.processes import Failed

APISERVER_AWAY_S = 60.0
DATA_S = 120.0  # for rates to have their points
SETTLE_CHUNKS = 30  # of each caller, before and after
MORE_CALLERS = 7  # for KEDA: with 8 slots a pod, more than 70 % of one
KEDA = ("autoscaling.kind=keda",)


@dataclass(frozen=True)
class Row:
    """One scenario: what it did, how long that took, what callers noticed."""

    scenario: str
    took_s: float
    noticed: Noticed
    note: str = ""

    @property
    def held(self) -> bool:
        return not self.noticed.dropped and not self.noticed.refused


class Site:
    """How many callers there are, and the gateways' Service."""

    def __init__(self, callers: int) -> None:
        self.callers = callers

    @contextmanager
    def talking(self, count: int = 0) -> Iterator[Callers]:
        """Callers, from well before to well after what is done meanwhile."""
        count = count or self.callers
        with Callers(release.service_address("gateway"), count) as callers:
            self.settle(callers, count)
            yield callers
            self.settle(callers, count)

    def settle(self, callers: Callers, count: int) -> None:
        if not callers.hear(SETTLE_CHUNKS * count):
            raise Failed(f"callers hear nothing: {callers.noticed}\n{release.explanation()}")


def install(site: Site) -> Row:
    """The chart with the laptop's values; helm test: a real call moves a device."""
    started = time.monotonic()
    release.upgrade()
    installed_s = time.monotonic() - started
    release.test()
    return Row(
        "install", installed_s, Noticed(), f"helm test in {time.monotonic() - started - installed_s:.0f} s"
    )


def calls(site: Site) -> Row:
    """Nothing happens: what callers notice on a quiet day."""
    with site.talking() as callers:
        site.settle(callers, site.callers)
    return Row("calls", 0.0, callers.noticed)


def decoders(site: Site) -> Row:
    """A rolling update of the decoders."""
    return _while_talking(site, "rolling update of decoders", lambda: release.restart("decoder"))


def gateways(site: Site) -> Row:
    """A rolling update of the gateways."""
    return _while_talking(site, "rolling update of gateways", lambda: release.restart("gateway"))


def kill(site: Site) -> Row:
    """A decoder's pod is deleted by force."""

    def act() -> None:
        before = release.ready_pods("decoder")
        release.kubectl("delete", "pod", before[0], "--force", "--grace-period=0")
        release.await_fact(
            "another decoder", lambda: len(set(release.ready_pods("decoder")) - {before[0]}) >= len(before)
        )

    return _while_talking(site, "delete a decoder by force", act)


def apiserver(site: Site) -> Row:
    """The API server is away for a minute; somebody new calls meanwhile."""
    address = release.service_address("gateway")
    new: list[Noticed] = []

    def act() -> None:
        processes.stop("apiserver", grace_s=20)
        try:
            back_s = time.monotonic() + APISERVER_AWAY_S
            with Callers(address, 1) as late:
                late.hear(SETTLE_CHUNKS)
            new.append(late.noticed)
            time.sleep(max(0.0, back_s - time.monotonic()))
        finally:
            control_plane.start_apiserver()

    row = _while_talking(site, "API server away for 60 s", act)
    row.noticed.dropped += new[0].dropped
    row.noticed.refused += new[0].refused
    return Row(row.scenario, row.took_s, row.noticed, f"a new call meanwhile: {new[0].chunks} chunks")


def keda(site: Site) -> Row:
    """Load goes up, and KEDA adds a decoder; load goes down, and one is drained and removed."""
    release.upgrade(*KEDA)
    release.await_fact("one decoder", lambda: len(release.ready_pods("decoder")) == 1)
    with site.talking() as callers:
        with Callers(release.service_address("gateway"), MORE_CALLERS) as more:
            out_s = release.await_fact("scale-out", lambda: len(release.ready_pods("decoder")) >= 2)
            site.settle(callers, site.callers)
        in_s = release.await_fact("scale-in", lambda: len(release.listed("pods", "decoder")) == 1)
    note = f"out after {out_s:.0f} s, in after {in_s:.0f} s; {more.noticed.refused} of the others refused"
    return Row("KEDA scales out and in", out_s + in_s, callers.noticed, note)


def load(site: Site) -> Row:
    """`duplexsla loadtest run` through the Service, with its own verdict."""
    command = [sys.executable, "-m", "duplexsla", "loadtest", "run", release.service_address("gateway")]
    command += ["--sessions", str(site.callers), "--duration", "40", "--nice", "0"]
    command += ["--homes-url", f"http://{release.service_address('home')}"]
    started = time.monotonic()
    done = subprocess.run(command, env=environ(), capture_output=True, text=True)
    if done.returncode not in (0, 1, 3):
        raise Failed(f"loadtest: {done.stdout[-1500:]}{done.stderr[-1500:]}")
    verdict = {0: "held", 1: "missed", 3: "void"}[done.returncode]
    told = json.loads(done.stdout.strip().splitlines()[-1])
    noticed = Noticed(calls=site.callers)
    return Row("load test", time.monotonic() - started, noticed, f"{verdict}: {json.dumps(told)[:200]}")


def dashboard(site: Site) -> Row:
    """Every query of the dashboard has data while people talk, and no alert is pending or fires."""
    with site.talking() as callers:
        started = time.monotonic()
        while (empty := monitoring.without_data()) and time.monotonic() - started < DATA_S:
            site.settle(callers, site.callers)
        took_s = time.monotonic() - started
        states = monitoring.alerts()
    loud = sorted(name for name, state in states.items() if state != "inactive")
    if empty or loud or not states:
        raise Failed("\n".join(["no data:", *empty, "alerts that are not silent:", *loud]))
    note = f"{len(monitoring.queries())} queries, all with data; {len(states)} alerts, all silent"
    return Row("dashboard and alerts", took_s, callers.noticed, note)


def upgrade(site: Site) -> Row:
    """helm upgrade with other values, then helm rollback."""

    def act() -> None:
        release.upgrade("gateway.journalChunks=200", "decoder.idleS=20")
        release.rollback()

    return _while_talking(site, "helm upgrade, helm rollback", act)


def uninstall(site: Site) -> Row:
    """helm uninstall leaves nothing."""
    started = time.monotonic()
    release.uninstall()
    took_s = release.await_fact("nothing left", lambda: not release.left(), 120)
    return Row(
        "helm uninstall", time.monotonic() - started, Noticed(), f"nothing left after {took_s:.0f} s more"
    )


def _while_talking(site: Site, name: str, act: Callable[[], None]) -> Row:
    with site.talking() as callers:
        started = time.monotonic()
        act()
        took_s = time.monotonic() - started
    return Row(name, took_s, callers.noticed)


ALL: dict[str, Callable[[Site], Row]] = {
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
