"""GET /healthz and POST /drain, as every service has them."""

import asyncio
import json
import os
import signal
import socket
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from duplexsla.runtime import control as control_module
from duplexsla.runtime.control import (
    EXIT_LEFT,
    MAX_CONNECTIONS,
    MAX_DEADLINE_S,
    Control,
    ControlPages,
    ControlThread,
    Drain,
    RenderMetrics,
)

Scenario = Callable[[Control, Drain], Awaitable[None]]


def no_metrics(accept: str) -> tuple[str, bytes]:
    return "text/plain", b""


def _run(scenario: Scenario, *, well: bool = True) -> None:
    async def inside() -> None:
        drain = Drain(30.0)
        control = Control(ControlPages(lambda: (well, {"counts": {"done": 3}}), drain, no_metrics))
        await control.listen("127.0.0.1:0")
        try:
            await scenario(control, drain)
        finally:
            await control.close()

    asyncio.run(inside())


async def _ask(control: Control, request: bytes) -> tuple[int, Any]:
    """Status and body; (0, None) without an answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", control.port)
    writer.write(request)
    writer.write_eof()
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    return (int(head.split()[1]), json.loads(body)) if head else (0, None)


def _get(path: str, method: str = "GET") -> bytes:
    return f"{method} {path} HTTP/1.1\r\nhost: x\r\n\r\n".encode()


@pytest.mark.parametrize(("well", "status"), [(True, 200), (False, 503)])
def test_the_page_says_whether_the_service_is_well_and_what_it_counts(well: bool, status: int) -> None:
    async def scenario(control: Control, drain: Drain) -> None:
        assert await _ask(control, _get("/healthz")) == (
            status,
            {"counts": {"done": 3}, "draining": False},
        )

    _run(scenario, well=well)


@pytest.mark.parametrize(("left", "status", "exits"), [(0, 200, 0), (3, 503, EXIT_LEFT)])
def test_a_drain_is_answered_when_it_is_over_with_what_is_left(left: int, status: int, exits: int) -> None:
    async def scenario(control: Control, drain: Drain) -> None:
        asking = [asyncio.create_task(_ask(control, _get(f"/drain?deadline_s={s}", "POST"))) for s in (7, 9)]
        await drain.asked.wait()
        assert drain.deadline_s in (7.0, 9.0)
        assert (await _ask(control, _get("/healthz"))) == (503, {"counts": {"done": 3}, "draining": True})
        assert await _ask(control, _get("/livez")) == (200, {})
        assert not any(task.done() for task in asking)
        assert drain.done(left) == exits
        assert [await task for task in asking] == [(status, {"left": left})] * 2

    _run(scenario)


def test_a_signal_is_a_drain_with_the_usual_deadline() -> None:
    async def scenario(control: Control, drain: Drain) -> None:
        drain.on_signals()
        os.kill(os.getpid(), signal.SIGTERM)
        await drain.asked.wait()
        assert drain.deadline_s == 30.0
        asyncio.get_running_loop().remove_signal_handler(signal.SIGTERM)
        asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)

    _run(scenario)


def test_there_is_no_other_page() -> None:
    async def scenario(control: Control, drain: Drain) -> None:
        for path, method in (("/secrets", "GET"), ("/drain", "GET"), ("/healthz", "POST"), ("//[", "GET")):
            assert (await _ask(control, _get(path, method)))[0] == 404
        assert not drain.asked.is_set()

    _run(scenario)


@pytest.mark.parametrize("deadline", ["soon", "", "nan", "inf", "-inf", "-1", "1e999"])
def test_a_deadline_that_is_no_duration_drains_nothing(deadline: str) -> None:
    async def scenario(control: Control, drain: Drain) -> None:
        status, told = await _ask(control, _get(f"/drain?deadline_s={deadline}", "POST"))
        assert status == 400 and "deadline_s" in told["reason"] and not drain.draining

    _run(scenario)


@pytest.mark.parametrize(("query", "deadline_s"), [("", 30.0), ("?deadline_s=1e9", MAX_DEADLINE_S)])
def test_a_deadline_has_a_default_and_an_end(query: str, deadline_s: float) -> None:
    async def scenario(control: Control, drain: Drain) -> None:
        asking = asyncio.create_task(_ask(control, _get(f"/drain{query}", "POST")))
        await drain.asked.wait()
        drain.done(0)
        assert await asking == (200, {"left": 0}) and drain.deadline_s == deadline_s

    _run(scenario)


def test_one_who_goes_before_the_drain_is_over_does_not_end_it() -> None:
    async def scenario(control: Control, drain: Drain) -> None:
        gone = asyncio.create_task(drain.drain(5.0))
        await drain.asked.wait()
        gone.cancel()
        asking = asyncio.create_task(_ask(control, _get("/drain", "POST")))
        assert drain.done(2) == EXIT_LEFT and await asking == (503, {"left": 2})

    _run(scenario)


def test_connections_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_module, "REQUEST_S", 60.0)

    async def scenario(control: Control, drain: Drain) -> None:
        silent = [await asyncio.open_connection("127.0.0.1", control.port) for _ in range(MAX_CONNECTIONS)]
        reader, writer = await asyncio.open_connection("127.0.0.1", control.port)
        assert await reader.read() == b""  # one too many: closed at once
        writer.close()
        for reader, writer in silent:
            writer.write_eof()
            assert await reader.read() == b""
            writer.close()
        assert (await _ask(control, _get("/livez"))) == (200, {})

    _run(scenario)


def test_a_connection_that_asks_nothing_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(control: Control, drain: Drain) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(control_module, "REQUEST_S", 0.01)
            reader, writer = await asyncio.open_connection("127.0.0.1", control.port)
            assert await reader.read() == b""
            writer.close()
        assert (await _ask(control, _get("/livez"))) == (200, {})

    _run(scenario)


def test_head_has_the_head_alone() -> None:
    async def scenario(control: Control, drain: Drain) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", control.port)
        writer.write(_get("/livez", "HEAD"))
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        assert b"200 OK" in head and b"content-length: 2" in head and body == b""

    _run(scenario)


@pytest.mark.parametrize("request_", [b"", b"GET /healthz", b"\x00" * 70_000])
def test_half_a_request_has_no_answer_and_harms_nobody(request_: bytes) -> None:
    async def scenario(control: Control, drain: Drain) -> None:
        assert await _ask(control, request_) == (0, None)
        assert (await _ask(control, _get("/healthz")))[0] == 200

    _run(scenario)


def test_metrics_come_in_the_format_that_was_asked_for() -> None:
    metrics: RenderMetrics = lambda accept: (f"kind/{accept}", b"{}")  # noqa: E731

    async def inside() -> None:
        control = Control(ControlPages(lambda: (True, {}), Drain(1.0), metrics))
        await control.listen("127.0.0.1:0")
        reader, writer = await asyncio.open_connection("127.0.0.1", control.port)
        writer.write(b"GET /metrics HTTP/1.1\r\nHost: x\r\nAccept: a; b=1\r\n\r\n")
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        await control.close()
        assert b"200 OK" in head and b"content-type: kind/a; b=1\r\n" in head and body == b"{}"

    asyncio.run(inside())


class Threaded:
    """A drain in a process without an event loop."""

    draining = False

    async def drain(self, deadline_s: float | None) -> int:
        self.draining = True
        return int(deadline_s or 0)


def _fetch(control: ControlThread, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", control.port), timeout=10) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(4096), b""))


def test_a_process_without_an_event_loop_serves_the_same_pages_from_a_thread() -> None:
    control = ControlThread(
        ControlPages(lambda: (True, {"sessions": 2}), Threaded(), no_metrics), "127.0.0.1:0"
    )
    assert b'{"sessions": 2, "draining": false}' in _fetch(control, _get("/healthz"))
    assert b"503 Service Unavailable" in (told := _fetch(control, _get("/drain?deadline_s=3", "POST")))
    assert told.endswith(b'{"left": 3}') and b'"draining": true' in _fetch(control, _get("/healthz"))
    with pytest.raises(OSError, match="in use"):
        ControlThread(ControlPages(lambda: (True, {}), Threaded(), no_metrics), f"127.0.0.1:{control.port}")
    control.close()
    assert not any(thread.name == "control" for thread in threading.enumerate())


def test_without_an_address_there_is_no_port() -> None:
    control = ControlThread(ControlPages(lambda: (True, {}), Threaded(), no_metrics), "")
    assert control.port == 0
    control.close()
