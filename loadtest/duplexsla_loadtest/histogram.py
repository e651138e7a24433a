"""A histogram of times that keeps three digits over any range, in little space, and can be added to others.

The buckets are those of HdrHistogram (Tene, hdrhistogram.org) with three significant digits: exact below
2,048 us, then 1,024 buckets for each power of two, so that a value is off by less than 0.1 %.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from duplexsla.report.percentile import nearest_rank

HALF = 1_024  # buckets for each power of two
HALF_BITS = 10


class LogHistogram:
    """Counts by bucket; only buckets that hold something take room."""

    def __init__(self, pairs: Sequence[int] = ()) -> None:
        """`pairs` is what `pairs()` gave: bucket, count, bucket, count, ..."""
        self._counts: Counter[int] = Counter(dict(zip(pairs[::2], pairs[1::2], strict=True)))

    def __len__(self) -> int:
        return self._counts.total()

    def record(self, ms: float) -> None:
        """Adds one time; what is negative counts as 0."""
        self._counts[_bucket(max(0, round(ms * 1_000)))] += 1

    def add(self, other: LogHistogram) -> None:
        self._counts.update(other._counts)

    def percentile(self, rank: float) -> float:
        """The time, ms, that `rank` percent of all do not exceed; 0 when nothing was recorded."""
        wanted, seen = nearest_rank(len(self), rank), 0
        for bucket, count in sorted(self._counts.items()):
            seen += count
            if seen >= wanted:
                return _highest_us(bucket) / 1_000
        return 0.0

    @property
    def mean(self) -> float:
        """Mean, ms; 0 when nothing was recorded."""
        return sum(ms * count for ms, count in self.rows()) / max(1, len(self))

    def above(self, ms: float) -> int:
        """How many were longer than `ms`, to within a bucket."""
        return sum(count for value, count in self.rows() if value > ms * 1.001)

    def rows(self) -> Iterator[tuple[float, int]]:
        """(time in ms, count) of each bucket, rising."""
        return ((_highest_us(bucket) / 1_000, count) for bucket, count in sorted(self._counts.items()))

    def pairs(self) -> list[int]:
        """All of it, flat, for a file."""
        return [each for row in sorted(self._counts.items()) for each in row]


def _bucket(us: int) -> int:
    if us < 2 * HALF:
        return us
    shift = us.bit_length() - HALF_BITS - 1
    return (shift << HALF_BITS) + (us >> shift)


def _highest_us(bucket: int) -> int:
    """The greatest value of a bucket."""
    if bucket < 2 * HALF:
        return bucket
    shift = (bucket >> HALF_BITS) - 1
    return (((bucket & (HALF - 1)) + HALF + 1) << shift) - 1
