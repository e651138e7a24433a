"""GET /healthz and POST /drain, as every service has them."""

import asyncio
import json
import os
import signal
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from duplexsla.runtime.control import EXIT_LEFT, Control, Drain

Scenario = Callable[[Control, Drain], Awaitable[None]]


def _run(scenario: Scenario, *, well: bool = True) -> None:
    async def inside() -> None:
        drain = Drain(30.0)
        control = Control(lambda: (well, {"counts": {"done": 3}}), drain)
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


def test_there_is_no_other_page_and_a_deadline_that_is_no_number_is_none() -> None:
    async def scenario(control: Control, drain: Drain) -> None:
        for path, method in (("/secrets", "GET"), ("/drain", "GET"), ("/healthz", "POST")):
            assert (await _ask(control, _get(path, method)))[0] == 404
        assert not drain.asked.is_set()
        asking = asyncio.create_task(_ask(control, _get("/drain?deadline_s=soon", "POST")))
        await drain.asked.wait()
        drain.done(0)
        assert await asking == (200, {"left": 0}) and drain.deadline_s == 30.0

    _run(scenario)


@pytest.mark.parametrize("request_", [b"", b"GET /healthz", b"\x00" * 70_000])
def test_half_a_request_has_no_answer_and_harms_nobody(request_: bytes) -> None:
    async def scenario(control: Control, drain: Drain) -> None:
        assert await _ask(control, request_) == (0, None)
        assert (await _ask(control, _get("/healthz")))[0] == 200

    _run(scenario)


def test_metrics_come_in_the_format_that_was_asked_for() -> None:
    async def inside() -> None:
        control = Control(lambda: (True, {}), Drain(1.0), lambda accept: (f"kind/{accept}", b"{}"))
        await control.listen("127.0.0.1:0")
        reader, writer = await asyncio.open_connection("127.0.0.1", control.port)
        writer.write(b"GET /metrics HTTP/1.1\r\nHost: x\r\nAccept: a; b=1\r\n\r\n")
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        await control.close()
        assert b"200 OK" in head and b"content-type: kind/a; b=1\r\n" in head and body == b"{}"

    asyncio.run(inside())
