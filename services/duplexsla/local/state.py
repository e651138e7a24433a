"""The state file of a running system: its processes. Written whole: a crash leaves a readable one."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from duplexsla.errors import SettingError
from duplexsla.local.process import Process

FILE = "state.json"


def read(directory: Path) -> dict[str, Process]:
    """Processes by name, in the order in which they were started; empty without a (whole) file."""
    try:
        rows = json.loads((directory / FILE).read_text())
        return {row["name"]: Process(**{**row, "log": Path(row["log"])}) for row in rows}
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return {}


def write(directory: Path, processes: dict[str, Process]) -> None:
    rows = [{**asdict(process), "log": str(process.log)} for process in processes.values()]
    part = directory / f"{FILE}.part"
    part.write_text(json.dumps(rows, indent=1) + "\n")
    part.replace(directory / FILE)


def forget(directory: Path) -> None:
    (directory / FILE).unlink(missing_ok=True)


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Nobody else starts or stops this system meanwhile; SettingError if somebody does. A crash frees it."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SettingError(f"another `up` or `down` is at work in {directory}") from error
        yield
