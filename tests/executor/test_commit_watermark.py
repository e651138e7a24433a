"""Nothing unsettled is ever committed."""

import random

from duplexsla.executor.broker.ports import Partition
from duplexsla.executor.commit_watermark import CommitWatermark

A, B = Partition("t", 0), Partition("t", 1)


def test_the_mark_is_the_first_unsettled_record() -> None:
    water = CommitWatermark()
    first, second, third = (water.take(A, offset) for offset in (10, 11, 12))
    water.settle(second)
    assert (water.mark(A), water.marks()) == (10, {})
    water.settle(first)
    assert water.marks() == {A: 12}
    water.settle(third)
    assert water.marks() == {A: 13}
    assert water.marks() == {}
    assert len(water) == 0


def test_gaps_in_the_offsets_are_no_records() -> None:
    water = CommitWatermark()
    water.settle(water.take(A, 3))
    water.settle(water.take(A, 9))
    assert water.mark(A) == 10


def test_partitions_have_marks_of_their_own() -> None:
    water = CommitWatermark()
    water.take(A, 0)
    water.settle(water.take(B, 5))
    assert water.marks() == {B: 6}


def test_a_partition_that_was_given_up_is_forgotten() -> None:
    water = CommitWatermark()
    water.settle(water.take(A, 0))
    water.take(A, 1)
    assert water.give_up([A, B]) == {A: 1}
    assert water.marks() == {}


def test_a_late_end_from_an_earlier_stay_settles_nothing() -> None:
    water = CommitWatermark()
    late = water.take(A, 0)
    water.give_up([A])
    again = water.take(A, 0)
    water.settle(late)
    assert water.mark(A) == 0
    assert water.holds(again) and not water.holds(late)


def test_marks_never_pass_an_unsettled_record_in_any_order() -> None:
    rng = random.Random(3)
    water, waiting = CommitWatermark(), []
    for offset in range(200):
        waiting.append(water.take(A, offset))
        if rng.random() < 0.8:
            water.settle(waiting.pop(rng.randrange(len(waiting))))
        assert water.mark(A) == min((taken.offset for taken in waiting), default=offset + 1)
