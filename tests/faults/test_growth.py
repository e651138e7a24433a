"""What grows is told from what does not."""

import math

from tests.faults.growth import WATCHED, Growth, Sample, slope


def _samples(count: int, *, mb: float = 0.0, keys: int = 0) -> list[Sample]:
    """One every 15 s, growing by so much each."""
    return [
        Sample(
            at=15.0 * n,
            memory_mb=dict.fromkeys(WATCHED, 100.0 + mb * n),
            descriptors=dict.fromkeys(WATCHED, 40),
            keys=50 + keys * n,
            entries=10 * n,
        )
        for n in range(count)
    ]


def test_a_straight_line_has_its_slope() -> None:
    assert math.isclose(slope([0, 1, 2, 5], [3, 5, 7, 13]), 2.0)


def test_what_stays_is_flat() -> None:
    assert all(share == 0 for _, _, share in Growth(_samples(60)).slopes())


def test_what_grows_is_not_flat_and_nothing_else() -> None:
    growing = {name for name, _, share in Growth(_samples(60, mb=1.0, keys=2)).slopes() if share > 0.1}
    assert growing == {*(f"{name} MB" for name in WATCHED), "Redis keys of sessions"}


def test_the_warm_up_is_no_growth() -> None:
    warm = _samples(20, mb=3.0)
    last = warm[-1]
    flat = [Sample(300.0 + 15.0 * n, last.memory_mb, last.descriptors, 50, 0) for n in range(40)]
    assert all(share < 0.01 for _, _, share in Growth([*warm, *flat]).slopes())
