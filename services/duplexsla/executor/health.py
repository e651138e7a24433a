"""GET /healthz: 200 while actions are read, 503 when the source has been silent, with the counts so far."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

REQUEST_S = 5.0
Report = Callable[[], tuple[bool, dict[str, Any]]]  # (healthy, what to show)


async def serve_health(host: str, port: int, report: Report) -> asyncio.Server:
    """A server of that one page; close it yourself."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(REQUEST_S):
                request = await reader.readuntil(b"\r\n\r\n")
                writer.write(_page(request, report))
                await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # whoever asked has gone, or never finished asking
        finally:
            writer.close()

    return await asyncio.start_server(answer, host, port)


def _page(request: bytes, report: Report) -> bytes:
    if not request.startswith((b"GET /healthz ", b"HEAD /healthz ")):
        return _response("404 Not Found", {})
    healthy, shown = report()
    return _response("200 OK" if healthy else "503 Service Unavailable", shown)


def _response(status: str, shown: dict[str, Any]) -> bytes:
    body = json.dumps(shown).encode()
    head = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
    return f"{head}connection: close\r\n\r\n".encode() + body
