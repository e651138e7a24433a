import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from duplexsla.errors import DeviceUnavailable
from duplexsla_loadtest.home_log import MAX_EFFECTS, HomeLog

NOW = 1_800_000_000.0
OLD, NEW = {"at_ms": (NOW - 3_600) * 1e3}, {"at_ms": NOW * 1e3}
EFFECTS: dict[str, list[dict[str, Any]]] = {
    "few": [NEW],
    "many": [OLD] + [NEW] * (MAX_EFFECTS - 1),
    "too-many": [NEW] * MAX_EFFECTS,
}


class _Homes(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        found = EFFECTS[self.path.split("/")[2]]
        self._answer({"effects": found})

    def do_PUT(self) -> None:
        self.server.made.append(self.path)  # type: ignore[attr-defined]
        self._answer({})

    def _answer(self, row: dict[str, Any]) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(row).encode())

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def _homes() -> Iterator[tuple[str, list[str]]]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Homes) as server:
        server.made = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        yield f"127.0.0.1:{server.server_port}", server.made  # type: ignore[attr-defined]
        server.shutdown()


def test_homes_are_made_and_their_effects_read() -> None:
    with _homes() as (address, made):
        HomeLog(address).create(["few", "many"])
        found = HomeLog(f"http://{address}/").effects(["few", "many"], since=NOW)
    assert sorted(made) == ["/homes/few", "/homes/many"]
    assert found == {name: EFFECTS[name] for name in ("few", "many")}


def test_a_log_that_may_lack_effects_is_left_out() -> None:
    with _homes() as (address, _):
        assert HomeLog(address).effects(["few", "too-many"], since=NOW).keys() == {"few"}


def test_nobody_there_is_named() -> None:
    with pytest.raises(DeviceUnavailable, match="http://127.0.0.1:9/homes/x"):
        HomeLog("127.0.0.1:9").create(["x"])
