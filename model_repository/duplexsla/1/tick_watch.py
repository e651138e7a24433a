"""Whether the decoder gets on: a tick that hangs makes its process useless, and only its own clock tells."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

STUCK_S = 10.0  # the longest tick rebuilds sessions from their past, and takes a third of it


class TickWatch:
    """One thread ticks, another asks."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since_s: float | None = None

    @contextmanager
    def tick(self) -> Iterator[None]:
        self._since_s = self._clock()
        try:
            yield
        finally:
            self._since_s = None

    @property
    def well(self) -> bool:
        """No tick is under way for longer than STUCK_S."""
        since_s = self._since_s
        return since_s is None or self._clock() - since_s < STUCK_S
