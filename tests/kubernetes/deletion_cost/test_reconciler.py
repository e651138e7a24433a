"""Pods are annotated with their sessions, over real HTTP, through losses on either side."""

import asyncio
import http.server
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from tests.support.kubernetes_api import FakeApi, fake_api, pod

from duplexsla.kubernetes.deletion_cost.costs import ANNOTATION
from duplexsla.kubernetes.deletion_cost.pods import KubernetesPodApi, SessionCounts
from duplexsla.kubernetes.deletion_cost.reconciler import CostReconciler


class Decoders:
    """GET /healthz of decoders on several loopback addresses, which share a port."""

    def __init__(self) -> None:
        self.sessions: dict[str, int] = {}  # by address
        self.port = 0


@contextmanager
def decoders() -> Iterator[Decoders]:
    said = Decoders()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802
            sessions = said.sessions.get(self.connection.getsockname()[0])
            body = json.dumps({} if sessions is None else {"sessions": sessions, "draining": True}).encode()
            self.send_response(503)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("0.0.0.0", 0), Handler)
    said.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield said
    finally:
        server.shutdown()
        server.server_close()


def _run(scenario: Callable[[CostReconciler, FakeApi, Decoders, list[float]], Awaitable[None]]) -> None:
    async def inside(api: FakeApi, said: Decoders) -> None:
        sessions, now = SessionCounts(said.port), [0.0]
        pods = KubernetesPodApi("calls", "app=decoder", url=api.url)
        await scenario(CostReconciler(pods, sessions, every_s=10.0, clock=lambda: now[0]), api, said, now)
        await sessions.close()

    with fake_api() as api, decoders() as said:
        asyncio.run(inside(api, said))


def test_each_pod_gets_its_sessions_once_and_again_only_when_they_change() -> None:
    async def scenario(reconciler: CostReconciler, api: FakeApi, said: Decoders, now: list[float]) -> None:
        api.pods = {"a": pod("a", "127.0.0.1"), "b": pod("b", "127.0.0.2"), "new": pod("new", "")}
        said.sessions = {"127.0.0.1": 5, "127.0.0.2": 0}
        await reconciler.reconcile()
        await reconciler.reconcile()
        assert sorted(api.patches) == [("a", "5"), ("b", "0")]
        assert api.pods["a"]["metadata"]["annotations"] == {ANNOTATION: "5"}
        said.sessions["127.0.0.1"] = 4
        await reconciler.reconcile()
        assert api.patches[2:] == [("a", "4")] and (reconciler.seen, reconciler.updates) == (3, 3)

    _run(scenario)


def test_a_pod_that_does_not_say_keeps_its_cost_and_one_that_has_gone_harms_nobody() -> None:
    async def scenario(reconciler: CostReconciler, api: FakeApi, said: Decoders, now: list[float]) -> None:
        api.pods = {"mute": pod("mute", "127.0.0.3", **{ANNOTATION: "7"}), "b": pod("b", "127.0.0.2")}
        said.sessions = {"127.0.0.2": 1}
        await reconciler.reconcile()
        assert api.patches == [("b", "1")]
        await asyncio.to_thread(KubernetesPodApi("calls", "app=decoder", url=api.url).annotate, "gone", "1")

    _run(scenario)


def test_without_the_api_nothing_is_written_and_the_reconciler_says_that_it_is_not_well() -> None:
    async def scenario(reconciler: CostReconciler, api: FakeApi, said: Decoders, now: list[float]) -> None:
        api.pods, said.sessions = {"a": pod("a", "127.0.0.1")}, {"127.0.0.1": 2}
        api.stop()
        now[0] = 59.0
        await reconciler.reconcile()
        assert reconciler.report() == (True, {"pods": 0, "updates": 0})
        now[0] = 60.0
        await reconciler.reconcile()
        assert not reconciler.report()[0]
        api.start()
        await reconciler.reconcile()
        assert reconciler.report() == (True, {"pods": 1, "updates": 1}) and api.patches == [("a", "2")]

    _run(scenario)
