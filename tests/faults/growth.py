"""What grows while a site runs: memory and descriptors of processes that live through it, keys of Redis."""

import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean

from tests.faults.site import Site

WATCHED = ("gateway-1", "decoder-1", "executor-1", "home", "redis", "kafka-1")
WARM = 1 / 3  # of the samples, before which caches fill and fences gather that are remembered for 10 min
LEDGER = ":action:"


@dataclass(frozen=True)
class Sample:
    """At one time (s of time.monotonic): by part its resident memory in MB and its descriptors; keys."""

    at: float
    memory_mb: dict[str, float]
    descriptors: dict[str, int]
    keys: int  # of sessions and decoders
    entries: int  # of the ledger: one an action, kept for a week


@dataclass
class Growth:
    samples: list[Sample] = field(default_factory=list)

    def slopes(self) -> Iterator[tuple[str, str, float]]:
        """Of each thing: name, what is told of it, and by which share of itself it would grow in all."""
        late = self.samples[int(len(self.samples) * WARM) :]
        if len(late) < 3:
            return
        times = [sample.at for sample in late]
        for name in WATCHED:
            yield _slope(f"{name} MB", times, [sample.memory_mb[name] for sample in late])
        for name in WATCHED:
            yield _slope(f"{name} descriptors", times, [float(sample.descriptors[name]) for sample in late])
        yield _slope("Redis keys of sessions", times, [float(sample.keys) for sample in late])
        entries = late[-1].entries
        yield "Redis keys of the ledger, kept for 7 days", f"{entries}: one an action", 0.0


def look(site: Site) -> Sample:
    """A sample of now."""
    keys = _keys(site)
    entries = sum(LEDGER in key for key in keys)
    return Sample(
        time.monotonic(),
        {name: _memory_mb(site, name) for name in WATCHED},
        {name: sum(_descriptors(pid) for pid in _family(site.parts[name].pid)) for name in WATCHED},
        len(keys) - entries,
        entries,
    )


def slope(times: Sequence[float], values: Sequence[float]) -> float:
    """Of the straight line with the least squares, per unit of time."""
    middle, level = mean(times), mean(values)
    spread = sum((at - middle) ** 2 for at in times)
    return sum((at - middle) * (v - level) for at, v in zip(times, values, strict=True)) / spread


def _slope(name: str, times: Sequence[float], values: Sequence[float]) -> tuple[str, str, float]:
    per_s = slope(times, values)
    share = per_s * (times[-1] - times[0]) / max(1.0, mean(values))
    return name, f"{values[0]:.0f} to {values[-1]:.0f}, {per_s * 3_600:+.1f} per hour ({share:+.1%})", share


def _family(pid: int) -> list[int]:
    """A part's processes: its session's."""
    found = subprocess.run(["ps", "-o", "pid=", "-g", str(pid)], capture_output=True, text=True)
    return [int(each) for each in found.stdout.split()]


def _memory_mb(site: Site, name: str) -> float:
    return sum(_resident_mb(pid) for pid in _family(site.parts[name].pid))


def _resident_mb(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0  # it has just ended
    return int((status.partition("VmRSS:")[2].split() or ["0"])[0]) / 1024


def _descriptors(pid: int) -> int:
    try:
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))
    except OSError:
        return 0


def _keys(site: Site) -> list[str]:
    """Empty while Redis does not answer."""
    port = site.parts["redis"].address.rpartition(":")[2]
    command = ["redis-cli", "-p", port, "--scan", "--pattern", "duplexsla:*"]
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=5).stdout.split()
    except subprocess.TimeoutExpired:
        return []
