"""A local process: started, asked, stopped, and never taken for another."""

import random
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from duplexsla.errors import StartFailed
from duplexsla.local.process import Process, await_ready, free_port, launch, processes_with, until

SLEEP = "import time; time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
PARENT = """
import subprocess, sys, time
print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid, flush=True)
time.sleep(60)
"""


def test_it_lives_until_it_is_stopped(tmp_path: Path) -> None:
    process = _python(tmp_path, SLEEP)
    assert process.alive()
    process.stop()
    assert not process.alive()
    process.stop()  # again: no error


def test_one_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    process = await_ready(_python(tmp_path, STUBBORN), lambda: _said(tmp_path) == "deaf", timeout_s=20)
    process.stop(grace_s=0.1)
    assert not process.alive()


def test_it_hears_sigterm_also_when_we_do_not(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        process = _python(tmp_path, "import signal; print(signal.getsignal(15) == signal.SIG_DFL)")
    finally:
        signal.signal(signal.SIGTERM, before)
    assert until(lambda: _said(tmp_path) == "True", 20)
    process.stop()


def test_its_children_end_with_it(tmp_path: Path) -> None:
    process = await_ready(_python(tmp_path, PARENT), lambda: _said(tmp_path) != "", timeout_s=20)
    child = int(_said(tmp_path))
    process.stop()
    assert until(lambda: not _runs(child), 5)


def test_a_reused_id_is_not_stopped(tmp_path: Path) -> None:
    process = _python(tmp_path, SLEEP)
    replace(process, start_ticks=process.start_ticks - 1).stop(grace_s=0.1)
    assert process.alive()
    process.stop()


def test_one_that_dies_at_once_is_told_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(StartFailed, match="no room on the disk"):
        await_ready(_python(tmp_path, "raise SystemExit('no room on the disk')"), lambda: False, timeout_s=20)


def test_one_that_is_never_ready_is_stopped(tmp_path: Path) -> None:
    process = _python(tmp_path, SLEEP)
    with pytest.raises(StartFailed, match="not ready after 0 s"):
        await_ready(process, lambda: False, timeout_s=0.1)
    assert not process.alive()


def test_what_carries_a_mark_is_found(tmp_path: Path) -> None:
    process = _python(tmp_path, SLEEP, DUPLEXSLA_TEST_MARK=str(tmp_path))
    assert until(lambda: processes_with("DUPLEXSLA_TEST_MARK", str(tmp_path)) == [process.pid], 5)
    process.stop()
    assert processes_with("DUPLEXSLA_TEST_MARK", str(tmp_path)) == []


def test_free_ports_are_no_ephemeral_ones_and_no_two_are_one() -> None:
    random.seed(7)
    first = [free_port() for _ in range(500)]
    random.seed(7)
    both = {*first, *(free_port() for _ in range(500))}
    assert len(both) == 1_000 and 20_000 <= min(both) <= max(both) < 32_768


def _python(tmp_path: Path, source: str, **environ: str) -> Process:
    return launch("test", [sys.executable, "-c", source], log=tmp_path / "log", environ=environ)


def _said(tmp_path: Path) -> str:
    return (tmp_path / "log").read_text().strip()


def _runs(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"
