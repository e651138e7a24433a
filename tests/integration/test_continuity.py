"""Real decoders, Redis and gateways; live calls; a part is killed, stopped or drained. Calls go on."""

import asyncio
import json
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.support.live_callers import Call, call, told
from tests.support.load_shedding import shedding_nothing

from duplexsla.history.invariants import check_invariants
from duplexsla.history.reader import HistoryReader, files
from duplexsla.local import services, triton
from duplexsla.local.process import Process, free_port
from duplexsla.v1.session_pb2 import NOTICE_KIND_AUDIO_GAP, NOTICE_KIND_DECODER_CHANGED

pytestmark = pytest.mark.integration

CALLS, SLOTS = 4, 8
BEFORE_S, AFTER_S = 4.0, 7.0
JOURNAL_S = 1.0


@dataclass
class Site:
    """Two decoders and two gateways; whatever a test broke is started anew for the next one."""

    folder: Path
    redis: Process
    decoders: list[triton.Triton]
    gateways: list[Process]

    def mend(self) -> None:
        for n, decoder in enumerate(self.decoders):
            if not decoder.alive() or not _well(decoder.process):
                decoder.process.stop()
                self.decoders[n] = self.start_decoder(n)
        for gateway in self.gateways:
            gateway.stop()
        ports = [free_port(), free_port()]
        decoders = ",".join(each.address for each in self.decoders)
        addresses = {"triton": decoders, "redis": self.redis.address}
        with shedding_nothing():
            self.gateways = [
                services.start_gateway(
                    self.folder / f"gateway-{n}",
                    addresses,
                    port=port,
                    slots=SLOTS,
                    history=self.history,
                    gateways=[f"127.0.0.1:{each}" for each in ports],
                )
                for n, port in enumerate(ports)
            ]

    def start_decoder(self, n: int) -> triton.Triton:
        parameters = {"slots": str(SLOTS), "history": str(self.history)}
        return triton.start(self.folder / f"triton-{n}", parameters=parameters)

    @property
    def history(self) -> Path:
        folder = self.folder / "history"
        folder.mkdir(exist_ok=True)
        return folder

    def busiest(self) -> Process:
        """The decoder with the most sessions."""
        processes = [decoder.process for decoder in self.decoders]
        return max(processes, key=lambda process: _get(process, "/healthz")["sessions"])


def _get(process: Process, path: str, method: str = "GET") -> dict[str, int]:
    request = urllib.request.Request(f"http://{process.control}{path}", method=method)
    try:
        answer = urllib.request.urlopen(request, timeout=60)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        shown: dict[str, int] = json.load(answer)
        return shown


def _well(process: Process) -> bool:
    try:
        return not _get(process, "/healthz")["draining"]
    except OSError:
        return False


@pytest.fixture(scope="module")
def broken_site(tmp_path_factory: pytest.TempPathFactory, redis: Process) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("continuity")
    site = Site(folder, redis, [], [])
    try:
        for n in range(2):
            site.decoders.append(site.start_decoder(n))
        yield site
    finally:
        for process in (*site.gateways, *(each.process for each in site.decoders)):
            process.stop()


@pytest.fixture
def site(broken_site: Site) -> Site:
    broken_site.mend()
    return broken_site


Fault = Callable[[], Awaitable[None]]


def _calls(site: Site, fault: Fault, *, gateways: list[str] | None = None) -> tuple[list[Call], float]:
    """Live calls with a fault in the middle of them; and when it came."""
    asked = gateways or [each.address for each in site.gateways]

    async def scenario() -> tuple[list[Call], float]:
        over = asyncio.Event()
        order = [asked[n % len(asked) :] + asked[: n % len(asked)] for n in range(CALLS)]
        calling = [asyncio.create_task(call(order[n], f"home-{n}", over)) for n in range(CALLS)]
        await asyncio.sleep(BEFORE_S)  # a fault comes into the middle of calls
        since = time.monotonic()
        await fault()
        await asyncio.sleep(AFTER_S)
        over.set()
        return await asyncio.gather(*calling), since

    return asyncio.run(scenario())


def _check(calls: list[Call]) -> None:
    for each in calls:
        assert not each.error and not each.undeclared(), (each.error, each.undeclared())
        assert each.indexes == sorted(set(each.indexes)), "a chunk came twice or out of order"
        assert each.chunks[-1][1] > (BEFORE_S + AFTER_S) / 0.16 / 2, "the call does not go on"


def test_a_decoder_that_hangs_is_left_and_its_calls_go_on(site: Site) -> None:
    async def stop() -> None:
        stopped.append(site.busiest().pid)
        os.killpg(stopped[0], signal.SIGSTOP)

    stopped: list[int] = []
    try:
        calls, since = _calls(site, stop)
    finally:
        os.killpg(stopped[0], signal.SIGCONT)
    print(told("decoder SIGSTOP", calls, since))
    _check(calls)
    assert any(each.told(NOTICE_KIND_DECODER_CHANGED) for each in calls)


def test_a_gateway_that_is_killed_costs_its_clients_a_reconnect(site: Site) -> None:
    async def kill() -> None:
        os.killpg(site.gateways[0].pid, signal.SIGKILL)

    calls, since = _calls(site, kill)
    print(told("gateway SIGKILL", calls, since))
    _check(calls)
    assert sum(each.reconnects for each in calls) == CALLS / 2
    for each in calls:
        assert sum(notice.chunks for notice in each.notices) <= JOURNAL_S / 0.16 + 3


def test_a_gateway_that_drains_hands_its_calls_over(site: Site) -> None:
    drained: dict[str, int] = {}

    async def drain() -> None:
        drained.update(await asyncio.to_thread(_get, site.gateways[0], "/drain?deadline_s=6", "POST"))

    calls, since = _calls(site, drain)
    print(told("gateway drained", calls, since))
    _check(calls)
    assert drained == {"left": 0} and sum(each.reconnects for each in calls) == CALLS / 2
    missing = [notice for each in calls for notice in each.notices if notice.kind != NOTICE_KIND_AUDIO_GAP]
    assert not sum(notice.chunks for notice in missing)  # silence may stand in for audio that came late


def test_a_decoder_drained_under_load_loses_nobody(site: Site) -> None:
    drained: dict[str, int] = {}

    async def drain() -> None:
        drained.update(
            await asyncio.to_thread(_get, site.decoders[0].process, "/drain?deadline_s=15", "POST")
        )

    calls, since = _calls(site, drain)
    print(told("decoder drained", calls, since))
    _check(calls)
    assert drained == {"left": 0} and not any(each.reconnects for each in calls)


def test_a_decoder_that_is_killed_is_replaced(site: Site) -> None:
    async def kill() -> None:
        os.killpg(site.busiest().pid, signal.SIGKILL)

    calls, since = _calls(site, kill)
    print(told("decoder SIGKILL", calls, since))
    _check(calls)
    assert any(each.told(NOTICE_KIND_DECODER_CHANGED) for each in calls)


def test_the_checker_finds_nothing_wrong_with_any_of_this(broken_site: Site) -> None:
    """The last test of this file: the histories of all parts through all faults above."""
    for process in (*broken_site.gateways, *(each.process for each in broken_site.decoders)):
        process.stop()
    verdict = check_invariants(HistoryReader(files([broken_site.history])))
    assert verdict.sound, verdict.findings
    assert min(verdict.judged[name] for name in ("I5", "I7", "I9")) > 500
