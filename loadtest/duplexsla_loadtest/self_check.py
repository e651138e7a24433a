"""How well the load test kept its own time. A load test that was late has measured itself.

A timer fires every 20 ms on the callers' event loop, on a schedule of its own: how late it fires is how late
anything may have been sent or read. What a stalled loop skips counts as late as it was.
"""

import asyncio
import time
from collections import defaultdict
from pathlib import Path

from duplexsla_loadtest.metrics import Metrics, MetricsRecorder

TICK_S = 0.020
SCHEDSTAT = Path("/proc/self/schedstat")  # of Linux: time on a processor, time waited for one (ns), slices


class SelfCheck:
    """Lag and processor time of one process; times in seconds of the run, which began at `origin`."""

    def __init__(self, origin: float, seconds: defaultdict[int, Metrics], warm_up_s: float) -> None:
        self._origin = origin
        self.recorder = MetricsRecorder(seconds, warm_up_s)

    def now(self) -> float:
        return time.monotonic() - self._origin

    def sent(self, due_s: float, ready_s: float) -> None:
        """A chunk that was due at `due_s`, and that the server's flow control held back until `ready_s`."""
        self.recorder.time(due_s, "own_send_lag", 1e3 * (self.now() - max(due_s, ready_s)))

    async def measure_lag(self, until_s: float) -> None:
        """Measures until then; what the process used of a processor goes into counts, us."""
        begun_s = max(0.0, self.now())
        used = _used_us()
        for number in range(int((until_s - begun_s) / TICK_S)):
            due_s = begun_s + number * TICK_S
            if (early_s := due_s - self.now()) > 0:
                await asyncio.sleep(early_s)
            self.recorder.time(due_s, "own_lag", 1e3 * (self.now() - due_s))
            if number % int(1 / TICK_S) == 0:
                used = self._count_processor_time(due_s, used)

    def _count_processor_time(self, at_s: float, before: dict[str, int]) -> dict[str, int]:
        after = _used_us()
        for name, us in after.items():
            self.recorder.count(at_s, name, us - before[name])
        return after


def _used_us() -> dict[str, int]:
    """Of this process so far: time on a processor, and time in which it was ready and got none (Linux)."""
    used = {"own_processor_us": time.process_time_ns() // 1_000}
    if SCHEDSTAT.exists():
        used["own_waited_us"] = int(SCHEDSTAT.read_text().split()[1]) // 1_000
    return used
