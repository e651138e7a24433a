"""Writes down which source files had a frame while a window was open, in each process that installs it.

`DUPLEXSLA_FRAMES` is a folder: its file `window` holds one byte, 0 when nothing is to be recorded, which the
driver changes; each process appends lines `<window> TAB <file>` to a file of its own.
"""

import mmap
import os
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

FOLDER = "DUPLEXSLA_FRAMES"


class FrameRecorder:
    """Profiles every thread of Python that is started after `install`, and those that call `here`."""

    def __init__(self, folder: Path, process: str) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        self._out = os.open(folder / f"{process}.{os.getpid()}.frames", flags, 0o644)
        with open(folder / "window", "rb") as window:
            self._window = mmap.mmap(window.fileno(), 1, access=mmap.ACCESS_READ)
        self._seen: set[tuple[int, str]] = set()

    def install(self) -> None:
        threading.setprofile(self._record)
        self.here()

    def here(self) -> None:
        """For threads that Python did not start."""
        sys.setprofile(self._record)

    def _record(self, frame: FrameType, event: str, _: Any) -> None:
        window = self._window[0]
        if not window or event != "call":
            return
        key = (window, frame.f_code.co_filename)
        if key not in self._seen:
            self._seen.add(key)
            os.write(self._out, f"{window}\t{key[1]}\n".encode())


def install(process: str = "") -> FrameRecorder | None:
    """The recorder of this process; None where the driver has named no folder."""
    folder = os.environ.get(FOLDER)
    if not folder:
        return None
    recorder = FrameRecorder(Path(folder), process or _process())
    recorder.install()
    return recorder


def _process() -> str:
    """The service's name, of `python -m duplexsla.<service>`."""
    arguments = sys.orig_argv
    module = arguments[arguments.index("-m") + 1] if "-m" in arguments else "python"
    return module.rpartition(".")[2]
