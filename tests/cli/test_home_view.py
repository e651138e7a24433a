"""A home seen from outside, against a small home service of its own."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from duplexsla.__main__ import main
from duplexsla.cli.home_view import Devices, HomeView, changed, line
from duplexsla.errors import DeviceUnavailable, UnknownHome

STATE = {"kitchen/light": {"power": "on", "used_ms": 5}, "attic/fan": {"power": "off"}}
EFFECT = {
    "action_id": "a-1-0",
    "function": "open_home_device",
    "arguments": {"device": "light", "room": "kitchen"},
    "at_ms": 0,
}
ANSWERS = {
    "PUT /homes/mine": (201, {"home": "mine"}),
    "GET /homes/mine": (200, {"state": STATE}),
    "GET /homes/mine/effects": (200, {"effects": [EFFECT]}),
    "GET /homes/broken": (503, {}),
}


class Homes(BaseHTTPRequestHandler):
    def answer(self) -> None:
        status, body = ANSWERS.get(f"{self.command} {self.path}", (404, {}))
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    do_GET = do_PUT = answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Homes) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_devices_come_without_the_homes_bookkeeping(address: str) -> None:
    view = HomeView(address, "mine")
    view.create()
    assert view.devices() == {"kitchen/light": {"power": "on"}, "attic/fan": {"power": "off"}}
    assert view.effects() == [EFFECT]


def test_what_is_wrong_with_a_home_has_a_name(address: str) -> None:
    with pytest.raises(UnknownHome, match="theirs"):
        HomeView(address, "theirs").devices()
    with pytest.raises(DeviceUnavailable, match="503"):
        HomeView(address, "broken").devices()
    with pytest.raises(DeviceUnavailable, match="does not answer"):
        HomeView("127.0.0.1:1", "mine").devices()


def test_what_changed_is_named() -> None:
    before: Devices = {"a": {"power": "on"}, "b": {"power": "on"}, "timer": {"left": 5}}
    after: Devices = {"a": {"power": "off"}, "b": {"power": "on"}, "list": {"items": 1}}
    assert changed(before, after) == ["a", "list", "timer"]
    assert line("a", after) == "a  power off"
    assert line("timer", after) == "timer  not there"


def test_the_command_shows_devices_by_name(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["home", "light", "--home", "mine", "--address", address]) == 0
    assert capsys.readouterr().out == "kitchen/light  power on\n"


def test_the_command_shows_what_moved_them(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["home", "--effects", "--home", "mine", "--address", address]) == 0
    assert "open_home_device(device=light, room=kitchen)  action a-1-0" in capsys.readouterr().out
