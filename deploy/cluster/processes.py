"""The cluster's own processes, written down so that another program can stop them."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from deploy.cluster.layout import LOG, STATE, environ

from duplexsla.local.process import Process, launch, until


@dataclass(frozen=True)
class Failed(Exception):
    """A part of the cluster did not do its work; the message says which, and where it wrote why."""

    what: str

    def __str__(self) -> str:
        return self.what


def known() -> dict[str, Process]:
    """Every process that was started and not stopped, by name."""
    rows = json.loads(STATE.read_text()) if STATE.exists() else {}
    return {
        name: Process(name, row["pid"], row["start_ticks"], "", LOG / f"{name}.log")
        for name, row in rows.items()
    }


def start(name: str, command: Sequence[str], *, niceness: int = 0) -> None:
    """Starts it unless it runs."""
    running = known()
    if name in running and running[name].alive():
        return
    process = launch(name, command, log=LOG / f"{name}.log", environ=environ(), niceness=niceness)
    _write(running | {name: process})


def stop(name: str, *, grace_s: float = 15) -> None:
    running = known()
    if name in running:
        running.pop(name).stop(grace_s=grace_s)
        _write(running)


def wait(what: str, command: Sequence[str], *, log: str = "", limit_s: float = 180) -> None:
    """Until a command succeeds; raises Failed with the end of a process's log."""
    if not until(lambda: succeeds(command), limit_s):
        tail = known()[log].tail() if log in known() else said(command)
        raise Failed(f"{what} is not there after {limit_s:.0f} s; see {LOG}\n{tail}")


def succeeds(command: Sequence[str]) -> bool:
    return subprocess.run(command, env=environ(), capture_output=True).returncode == 0


def said(command: Sequence[str], *, text: str = "") -> str:
    """What a command printed, errors too."""
    done = subprocess.run(
        command, env=environ(), input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return done.stdout


def run(command: Sequence[str], *, text: str = "") -> str:
    """What a command printed; raises Failed with it where the command fails."""
    done = subprocess.run(command, env=environ(), input=text, capture_output=True, text=True)
    if done.returncode:
        raise Failed(f"{' '.join(command)}: {done.stderr[-2000:]}{done.stdout[-2000:]}")
    return done.stdout


def apply(manifest: str) -> None:
    run(["kubectl", "apply", "--server-side", "--force-conflicts", "-f", "-"], text=manifest)


def _write(processes: dict[str, Process]) -> None:
    rows = {
        name: {"pid": process.pid, "start_ticks": process.start_ticks} for name, process in processes.items()
    }
    part = STATE.with_suffix(".part")
    part.write_text(json.dumps(rows))
    part.rename(STATE)
