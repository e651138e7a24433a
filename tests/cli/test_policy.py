"""`duplexsla policy`: whether one can be used, and what it would change of what was judged before."""

import argparse
import json
from pathlib import Path

import pytest
from tests.support.home_site import HomeSite

from duplexsla.cli import policy
from duplexsla.errors import PolicyError, PolicyLocksOut
from duplexsla.gates.policy_file import DEFAULT_FILE
from duplexsla.history import HistoryFile

NO_LIGHTS = {"name": "no lights", "verdict": "deny", "when": {"entity_class": ["light"]}}


def ran(*words: object) -> int:
    parser = argparse.ArgumentParser()
    policy.arguments(parser)
    return policy.run(parser.parse_args(list(map(str, words))))


@pytest.fixture
def stricter(tmp_path: Path) -> Path:
    shipped = json.loads(DEFAULT_FILE.read_text())
    path = tmp_path / "stricter.json"
    path.write_text(json.dumps(shipped | {"version": "dark", "rules": [NO_LIGHTS, *shipped["rules"]]}))
    return path


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """Two lights were asked for, and a door."""
    written = HistoryFile(tmp_path / "executor.jsonl", "executor")
    site = HomeSite(history=written)
    for room in ("kitchen", "bedroom"):
        site.say("open_home_device", {"device": "light", "room": room}, heard=f"turn on the {room} light")
    site.say("lock_home_door", {"door": "front door"}, heard="lock the front door")
    site.close()
    written.close()
    return tmp_path / "executor.jsonl"


def test_a_dry_run_tells_what_would_be_decided_otherwise(
    stricter: Path, history: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran("dry-run", stricter, history) == 0
    first, last = capsys.readouterr().out.splitlines()
    assert first.split() == (
        ["2", "open_home_device", "light", "(comfort):", "allow", "(comfort)", "->", "deny", "(no", "lights)"]
    )
    assert last == "2 of 3 would be decided otherwise by dark"
    assert ran("dry-run", stricter, history, "--before", stricter) == 0
    assert capsys.readouterr().out == "0 of 3 would be decided otherwise by dark\n"
    ran("dry-run", stricter, history, "--json")
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["after"]["rule"] for row in rows] == ["no lights"] * 2


def test_what_can_be_used_is_told_and_what_cannot_raises(stricter: Path, tmp_path: Path) -> None:
    assert ran("check", stricter) == 0
    with pytest.raises(PolicyError):
        ran("check", tmp_path / "nowhere.json")
    (tmp_path / "no.json").write_text("{")
    with pytest.raises(PolicyError):
        ran("check", tmp_path / "no.json")
    locked = json.loads(DEFAULT_FILE.read_text()) | {"rules": []}
    (tmp_path / "locked.json").write_text(json.dumps(locked))
    with pytest.raises(PolicyLocksOut):
        ran("check", tmp_path / "locked.json")
