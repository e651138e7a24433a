"""A policy file that changes is read again; one that cannot be used changes nothing."""

import json
from pathlib import Path

import pytest
from tests.support.action_events import Clock

from duplexsla.errors import PolicyError
from duplexsla.executor.policies import LOOK_MS, PolicyFile
from duplexsla.gates.policy_file import DEFAULT_FILE


def write(path: Path, version: str) -> None:
    path.write_text(json.dumps(json.loads(DEFAULT_FILE.read_text()) | {"version": version}))


def test_without_a_file_it_is_the_one_that_ships() -> None:
    assert PolicyFile(None, now_ms=Clock()).current().version.startswith("default")


def test_a_file_that_changes_is_read_again(tmp_path: Path) -> None:
    path, clock = tmp_path / "policy.json", Clock()
    write(path, "one")
    policies = PolicyFile(path, now_ms=clock)
    assert policies.current().version == "one"
    write(path, "number two")
    assert policies.current().version == "one"
    clock.now_ms += LOOK_MS
    assert policies.current().version == "number two"


@pytest.mark.parametrize("broken", ["{", "{}", '{"version": "x", "rules": [], "otherwise": "deny"}'])
def test_one_that_cannot_be_used_changes_nothing_and_is_counted_once(tmp_path: Path, broken: str) -> None:
    path, clock = tmp_path / "policy.json", Clock()
    write(path, "one")
    policies = PolicyFile(path, now_ms=clock)
    path.write_text(broken)
    for _ in range(3):
        clock.now_ms += LOOK_MS
        assert policies.current().version == "one"
    assert policies.rejected == 1
    write(path, "repaired")
    clock.now_ms += LOOK_MS
    assert policies.current().version == "repaired"


def test_a_file_that_is_gone_changes_nothing(tmp_path: Path) -> None:
    path, clock = tmp_path / "policy.json", Clock()
    write(path, "one")
    policies = PolicyFile(path, now_ms=clock)
    path.unlink()
    clock.now_ms += LOOK_MS
    assert policies.current().version == "one"


def test_a_service_does_not_start_without_a_usable_policy(tmp_path: Path) -> None:
    with pytest.raises(PolicyError):
        PolicyFile(tmp_path / "nowhere.json", now_ms=Clock())
