"""The file that says which backend holds which home: checked as a whole, read again, never half."""

import json
import os
from pathlib import Path

import pytest
from tests.support.action_events import Clock

from duplexsla.errors import HomesFileError
from duplexsla.executor.backends.homes_file import LOOK_MS, BackendConfiguration, HomesFile, parse_homes

HUB = {"kind": "home_assistant", "url": "http://hub:8123", "token_file": "/etc/token"}
VILLA = {"homes": {"acme/villa": {"backends": [HUB]}}}


def test_a_home_has_its_backends_and_others_are_simulated_or_nowhere() -> None:
    homes = parse_homes(json.dumps(VILLA))
    [villa] = homes.of("acme/villa")
    assert (villa.kind, villa.name, villa.url) == ("home_assistant", "home_assistant", "http://hub:8123")
    assert homes.of("demo") == (BackendConfiguration("simulation", "simulation"),)
    assert parse_homes(json.dumps({**VILLA, "otherwise": "none"})).of("other/villa") == ()


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        ("{", "no JSON"),
        ([], "no object"),
        ({"home": {}}, "nobody knows 'home'"),
        ({"homes": {"a/b/c": {"backends": [HUB]}}}, "no home"),
        ({"homes": {"villa": {"backends": []}}}, "villa: it has 1 to"),
        ({"homes": {"villa": {"backends": [{"kind": "zigbee"}]}}}, "villa: a backend's kind"),
        ({"homes": {"villa": {"backends": [{"kind": "home_assistant"}]}}}, "token_file is missing"),
        ({"homes": {"villa": {"backends": [HUB | {"token": "x"}]}}}, "nobody knows 'token'"),
        ({"homes": {"villa": {"backends": [HUB | {"url": "http://me:secret@hub"}]}}}, "url"),
        ({"homes": {"villa": {"backends": [HUB | {"url": 5}]}}}, "url is a text"),
        ({"homes": {"villa": {"backends": [HUB | {"entities": "light.*"}]}}}, "patterns"),
        ({"homes": {"villa": {"backends": [{"kind": "mqtt", "url": "http://broker"}]}}}, "the url is mqtt"),
        ({"homes": {"villa": {"backends": [{"kind": "mqtt", "url": "mqtt://b", "user": "x"}]}}}, "together"),
        ({"homes": {"villa": {"backends": [HUB, HUB]}}}, "two backends have one name"),
        ({"homes": {}, "otherwise": "acme"}, "otherwise"),
    ],
)
def test_what_is_wrong_is_named(told: object, wrong: str) -> None:
    with pytest.raises(HomesFileError, match=wrong):
        parse_homes(told if isinstance(told, str) else json.dumps(told))


def test_a_file_that_changes_is_read_again_and_one_that_is_wrong_changes_nothing(tmp_path: Path) -> None:
    file, clock = tmp_path / "homes.json", Clock()
    file.write_text(json.dumps(VILLA))
    homes = HomesFile(file, now_ms=clock)
    _write(file, "{")
    clock.now_ms += LOOK_MS
    assert homes.current().of("acme/villa")[0].url == "http://hub:8123" and homes.rejected == 1
    _write(file, json.dumps({"homes": {"acme/villa": {"backends": [HUB | {"url": "http://new:8123"}]}}}))
    assert homes.current().of("acme/villa")[0].url == "http://hub:8123"
    clock.now_ms += LOOK_MS
    assert homes.current().of("acme/villa")[0].url == "http://new:8123"
    with pytest.raises(HomesFileError):
        HomesFile(tmp_path / "missing", now_ms=clock)


def _write(file: Path, text: str) -> None:
    """As a Secret that is mounted changes: another file takes its place."""
    other = file.with_suffix(".new")
    other.write_text(text)
    os.replace(other, file)
