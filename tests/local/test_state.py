"""The state file of a running system."""

from pathlib import Path

import pytest

from duplexsla.errors import SettingError
from duplexsla.local import state
from duplexsla.local.process import Process

REDIS = Process("redis", 17, 4_711, "127.0.0.1:6379", Path("/tmp/redis.log"))
HOME = Process("home", 18, 4_712, "127.0.0.1:8000", Path("/tmp/home.log"))


def test_what_is_written_is_read_in_order(tmp_path: Path) -> None:
    state.write(tmp_path, {"redis": REDIS, "home": HOME})
    assert list(state.read(tmp_path).values()) == [REDIS, HOME]


@pytest.mark.parametrize("content", ["", "[{", "[{}]", "{}", '[{"name": "redis", "colour": 1, "log": "/x"}]'])
def test_a_damaged_file_is_no_system(tmp_path: Path, content: str) -> None:
    (tmp_path / state.FILE).write_text(content)
    assert state.read(tmp_path) == {}


def test_forgetting_twice_is_fine(tmp_path: Path) -> None:
    state.write(tmp_path, {"redis": REDIS})
    state.forget(tmp_path)
    state.forget(tmp_path)
    assert state.read(tmp_path) == {}


def test_two_at_once_are_refused_and_a_later_one_is_not(tmp_path: Path) -> None:
    with state.locked(tmp_path), pytest.raises(SettingError, match="at work"), state.locked(tmp_path):
        pass
    with state.locked(tmp_path):
        pass
