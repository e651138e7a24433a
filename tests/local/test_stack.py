"""The local system, where no server is needed: what a crash left behind, what does not run."""

import os
import sys
from pathlib import Path

import pytest

from duplexsla.errors import SettingError
from duplexsla.local import stack, state
from duplexsla.local.process import launch, processes_with, until

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


def test_down_stops_what_the_state_file_names(tmp_path: Path) -> None:
    processes = {name: launch(name, SLEEP, log=tmp_path / "log") for name in ("redis", "home", "gateway")}
    state.write(tmp_path, processes)
    said: list[str] = []
    assert stack.down(tmp_path, say=said.append) == 3
    assert not any(process.alive() for process in processes.values())
    assert said == ["gateway: stopped", "home, redis: stopped"]


def test_down_finds_what_a_crashed_up_never_wrote_down(tmp_path: Path) -> None:
    process = launch("kafka", SLEEP, log=tmp_path / "log", environ={stack.RUN_VARIABLE: str(tmp_path)})
    assert until(lambda: processes_with(stack.RUN_VARIABLE, str(tmp_path)) == [process.pid], 5)
    assert stack.down(tmp_path, say=print) == 1
    assert not process.alive()


def test_down_of_nothing_is_fine(tmp_path: Path) -> None:
    assert stack.down(tmp_path, say=print) == 0
    assert stack.status(tmp_path) == []


def test_a_dead_part_is_neither_alive_nor_healthy(tmp_path: Path) -> None:
    process = launch("redis", SLEEP, log=tmp_path / "log", address="127.0.0.1:1")
    state.write(tmp_path, {"redis": process})
    assert [(part.alive, part.healthy) for part in stack.status(tmp_path)] == [(True, False)]
    process.stop()
    assert [(part.alive, part.healthy) for part in stack.status(tmp_path)] == [(False, False)]


def test_a_system_that_is_up_is_not_started_again(tmp_path: Path) -> None:
    process = launch("redis", SLEEP, log=tmp_path / "log")
    state.write(tmp_path, {"redis": process})
    with pytest.raises(SettingError, match="up already"):
        stack.up(tmp_path, say=print)
    assert process.alive()
    process.stop()
    assert stack.RUN_VARIABLE not in os.environ
