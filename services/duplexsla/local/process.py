"""A program that runs beside us: a process group of its own, its log, an address.

A process is known by its id and the instant it was started (a reused id is somebody else), so that it can be
written down and stopped later, by another process, also after a crash.
"""

import os
import random
import signal
import socket
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from duplexsla.errors import StartFailed

POLL_S = 0.05
TAIL_LINES = 25
TAIL_CHARACTERS = 4_000
DEFAULT_SIGNALS = (
    signal.SIGTERM,
    signal.SIGINT,
    signal.SIGHUP,
    signal.SIGPIPE,
)  # what we ignore, a child must not
PORTS = range(20_000, 32_768)  # below Linux's ephemeral ports: no outgoing connection takes one in between
_RANDOM = random.SystemRandom()
_GIVEN: deque[int] = deque(maxlen=1_024)


@dataclass(frozen=True)
class Process:
    """`address` is host:port or "" if nothing listens, `control` that of its GET /healthz and POST /drain.

    `start_ticks` is in clock ticks since boot (-1: unseen).
    """

    name: str
    pid: int
    start_ticks: int
    address: str
    log: Path
    control: str = ""

    def alive(self) -> bool:
        return self.start_ticks != -1 and _start_ticks(self.pid) == self.start_ticks

    def tail(self) -> str:
        with suppress(FileNotFoundError):
            end = self.log.read_text(errors="replace")[-TAIL_CHARACTERS:]
            return "\n".join(end.splitlines()[-TAIL_LINES:])
        return ""

    def stop(self, *, grace_s: float = 15.0) -> None:
        """SIGTERM for the leader, `grace_s` to end in order, SIGKILL for its group. Fine when gone."""
        if self.alive():
            os.kill(self.pid, signal.SIGTERM)
            until(lambda: not self.alive(), grace_s)
        if self.alive() or not Path(f"/proc/{self.pid}").exists():  # else: the id is somebody else's by now
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
        until(lambda: not self.alive(), 5.0)


def launch(
    name: str,
    command: Sequence[str],
    *,
    log: Path,
    address: str = "",
    control: str = "",
    environ: Mapping[str, str] | None = None,
    niceness: int = 0,
) -> Process:
    """Starts `command` in a session of its own, output appended to `log`; `environ` is added to ours."""
    log.parent.mkdir(parents=True, exist_ok=True)
    out = (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    pid = os.posix_spawnp(
        command[0],
        list(command),
        {**os.environ, **(environ or {})},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            out,
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
        setsigdef=DEFAULT_SIGNALS,
    )
    if niceness:
        with suppress(ProcessLookupError, PermissionError):
            os.setpriority(os.PRIO_PROCESS, pid, niceness)
    return Process(name, pid, _start_ticks(pid), address, log, control)


def await_ready(process: Process, ready: Callable[[], bool], *, timeout_s: float) -> Process:
    """The process, once `ready` says so. Otherwise it is stopped and StartFailed holds the end of its log."""
    until(lambda: ready() or not process.alive(), timeout_s)
    if process.alive() and ready():
        return process
    why = f"is not ready after {timeout_s:.0f} s" if process.alive() else "ended"
    process.stop()
    raise StartFailed(f"{process.name} {why}; end of {process.log}:\n{process.tail()}")


def until(fact: Callable[[], bool], limit_s: float) -> bool:
    """Whether `fact` came true within `limit_s` seconds."""
    deadline = time.monotonic() + limit_s
    while not fact():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on, and that this process was not given lately: of several
    for one server none listens yet. Whoever seeds `random` has no part in it.
    """
    while True:
        port = _RANDOM.choice(PORTS)
        if port in _GIVEN:
            continue
        with suppress(OSError), closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", port))
            _GIVEN.append(port)
            return port


def processes_with(name: str, value: str) -> list[int]:
    """Ids of running processes whose environment holds `name`=`value`, ours left out (Linux; else none)."""
    wanted = f"{name}={value}".encode()
    found = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if wanted in environ.read_bytes().split(b"\0"):
                found.append(int(environ.parent.name))
    return [pid for pid in found if pid != os.getpid()]


def is_running(pid: int) -> bool:
    """A process of this id exists and has not ended."""
    return _start_ticks(pid) != -1


def _start_ticks(pid: int) -> int:
    """Start of a running process in clock ticks since boot (proc(5), stat field 22); -1: gone or a zombie."""
    with suppress(ChildProcessError):  # reaps it if it is a child of ours and has ended
        os.waitpid(pid, os.WNOHANG)
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return -1
    return -1 if fields[0] == "Z" else int(fields[19])
