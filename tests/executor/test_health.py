"""GET /healthz."""

import asyncio
import json
from typing import Any

import pytest

from duplexsla.executor.health import serve_health


def ask(request: bytes, *, healthy: bool = True) -> tuple[str, Any]:
    async def run() -> bytes:
        server = await serve_health("127.0.0.1", 0, lambda: (healthy, {"counts": {"done": 3}}))
        async with server:
            port = server.sockets[0].getsockname()[1]
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request)
            writer.write_eof()
            answer = await reader.read()
            writer.close()
            return answer

    head, _, body = asyncio.run(run()).partition(b"\r\n\r\n")
    return head.split(b"\r\n")[0].decode(), json.loads(body) if body else None


@pytest.mark.parametrize(
    ("healthy", "status"), [(True, "HTTP/1.1 200 OK"), (False, "HTTP/1.1 503 Service Unavailable")]
)
def test_the_page_says_whether_actions_are_read_and_what_became_of_them(healthy: bool, status: str) -> None:
    shown = {"counts": {"done": 3}}
    assert ask(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n", healthy=healthy) == (status, shown)


def test_there_is_no_other_page() -> None:
    assert ask(b"GET /secrets HTTP/1.1\r\n\r\n")[0] == "HTTP/1.1 404 Not Found"


@pytest.mark.parametrize("request_", [b"", b"GET /healthz", b"\x00" * 70_000])
def test_half_a_request_has_no_answer_and_harms_nobody(request_: bytes) -> None:
    assert ask(request_) == ("", None)
