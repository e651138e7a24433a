"""A breaker per device: one that fails again and again is not called, then tried by one action at a time.

    state       event                           to
    closed      `failures` calls fail in a row  open
    open        `open_ms` have passed           half open: the next action is a probe
    half open   its call is answered            closed
    half open   it fails                        open

Whoever waits behind a device that hangs would wait seconds for each call; with the breaker open it is
refused at once. A device that refuses is well: its answer closes the breaker.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

MAX_BREAKERS = 4_096  # with failures; the one that failed longest ago is forgotten


class Target(NamedTuple):
    """What fails as one: a device of a home."""

    home: str
    device: str


@dataclass
class _Failures:
    count: int = 0
    open_until_ms: int = 0


class Breakers:
    """The breakers of all targets. Only those that failed last are held."""

    def __init__(
        self,
        *,
        failures: int = 5,
        open_ms: int = 5_000,
        max_breakers: int = MAX_BREAKERS,
        changed: Callable[[Target, str], None] = lambda target, state: None,
    ) -> None:
        """`changed` is called for each that opens or closes."""
        self._failures, self._open_ms, self._max = failures, open_ms, max_breakers
        self._changed = changed
        self._failed: OrderedDict[Target, _Failures] = OrderedDict()

    def allows(self, target: Target, now_ms: int) -> bool:
        """Whether the target may be tried now. Half open, yes is said to one caller per `open_ms`."""
        failed = self._failed.get(target)
        if failed is None or failed.count < self._failures:
            return True
        if now_ms < failed.open_until_ms:
            return False
        failed.open_until_ms = now_ms + self._open_ms
        return True

    def answered(self, target: Target) -> None:
        failed = self._failed.pop(target, None)
        if failed is not None and failed.count >= self._failures:
            self._changed(target, "closed")

    def failed(self, target: Target, now_ms: int) -> None:
        failed = self._failed.setdefault(target, _Failures())
        self._failed.move_to_end(target)
        failed.count += 1
        if failed.count >= self._failures:
            failed.open_until_ms = now_ms + self._open_ms
        if failed.count == self._failures:
            self._changed(target, "open")
        if len(self._failed) > self._max:
            self._failed.popitem(last=False)

    @property
    def open(self) -> int:
        """How many are open or half open."""
        return sum(failed.count >= self._failures for failed in self._failed.values())
