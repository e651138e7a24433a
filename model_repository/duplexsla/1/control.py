"""The decoder's own small HTTP port, for a preStop hook: Triton answers nobody after its SIGTERM.

GET  /livez                 200 for as long as the model's process answers at all
GET  /metrics               what it counts, for Prometheus
GET  /healthz               200, or 503 while it drains; {"draining": false, "sessions": 12}
POST /drain?deadline_s=60   starts no session any more, waits until the last one has moved or ended:
                            200 {"left": 0}, or 503 {"left": 3} when the deadline came first
"""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from duplexsla.engine.session_registry import SessionRegistry
from duplexsla.telemetry import Page

DEADLINE_S = 60.0
LOOK_S = 0.05
SILENT_S = 5.0  # a session that nobody has spoken to for so long is nobody's


class Control:
    """Serves from a thread of its own; `alone` is held by whoever uses the decoder."""

    def __init__(self, decoder: SessionRegistry, alone: threading.Lock, page: Page, listen: str) -> None:
        """`listen` is host:port; "" for no port at all."""
        self._decoder, self._alone, self.page = decoder, alone, page
        self._server: ThreadingHTTPServer | None = None
        if listen:
            host, _, port = listen.rpartition(":")
            self._server = ThreadingHTTPServer((host, int(port)), _handler(self))
            threading.Thread(target=self._server.serve_forever, name="control", daemon=True).start()

    def close(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def health(self) -> tuple[int, dict[str, Any]]:
        draining = self._decoder.draining
        return 503 if draining else 200, {"draining": draining, "sessions": self._decoder.num_live}

    def drain(self, deadline_s: float) -> tuple[int, dict[str, Any]]:
        """Blocks until no session is left, or for `deadline_s`."""
        self._decoder.draining = True
        deadline = time.monotonic() + deadline_s
        while (left := self._left()) and time.monotonic() < deadline:
            time.sleep(LOOK_S)
        return 503 if left else 200, {"left": left}

    def _left(self) -> int:
        with self._alone:
            self._decoder.expire(time.monotonic(), idle_s=SILENT_S)
            return self._decoder.num_live


def _handler(control: Control) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802
            path = urlsplit(self.path).path
            pages = {"/livez": lambda: (200, {}), "/healthz": control.health}
            if path == "/metrics":
                content_type, body = control.page(self.headers.get("accept", ""))
                self._send(200, body, content_type)
                return
            self._say(*pages.get(path, lambda: (404, {}))())

        def do_POST(self) -> None:  # noqa: N802
            asked = urlsplit(self.path)
            try:
                deadline_s = float(parse_qs(asked.query).get("deadline_s", [DEADLINE_S])[0])
            except ValueError:
                self._say(400, {"reason": "deadline_s is a number of seconds"})
                return
            self._say(*control.drain(deadline_s) if asked.path == "/drain" else (404, {}))

        def log_message(self, format: str, *args: Any) -> None:
            pass

        def _say(self, status: int, shown: dict[str, Any]) -> None:
            self._send(status, json.dumps(shown).encode(), "application/json")

        def _send(self, status: int, body: bytes, content_type: str) -> None:
            self.send_response(status)
            self.send_header("content-type", content_type)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
