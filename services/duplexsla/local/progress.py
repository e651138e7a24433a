"""Lines that say what is being done while it is done, with the seconds since the start."""

import sys
import time
from collections.abc import Callable
from typing import TextIO


class Progress:
    """`progress("kafka: ready")` prints "   3.2 s  kafka: ready" at once."""

    def __init__(self, out: TextIO = sys.stdout, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._out = out
        self._clock = clock
        self._start_s = clock()

    def __call__(self, line: str) -> None:
        print(f"{self._clock() - self._start_s:6.1f} s  {line}", file=self._out, flush=True)
