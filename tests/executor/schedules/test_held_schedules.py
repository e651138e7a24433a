"""Whose turn it is, of the schedules that are held."""

from hypothesis import given
from hypothesis import strategies as st
from tests.support.action_events import NOW_MS
from tests.support.schedules import DUE_MS, schedule

from duplexsla.executor.broker.ports import BrokerRecord, Partition
from duplexsla.executor.schedules.due_events import KEPT_CANCELLED_MS, cancelled
from duplexsla.executor.schedules.held_schedules import HeldSchedule, HeldSchedules
from duplexsla.v1.schedule_pb2 import Schedule


def record(number: int, key: bytes, value: bytes, partition: int = 0) -> BrokerRecord:
    return BrokerRecord(Partition("schedules", partition), number, key, value)


@given(
    due=st.lists(st.integers(0, 50), max_size=12),
    clock=st.lists(st.integers(-30, 60), max_size=30),
)
def test_whatever_the_clock_does_each_has_one_turn_and_none_is_early(
    due: list[int], clock: list[int]
) -> None:
    held = HeldSchedules()
    for number, at in enumerate(due):
        held.put(HeldSchedule(0, schedule(number, due_ms=NOW_MS + at)), NOW_MS)
    taken: list[str] = []
    now = NOW_MS
    for step in [*clock, 1_000_000]:  # it jumps both ways
        now += step
        for each in held.take_turns(now):
            assert each.schedule.due_at_ms <= now
            taken.append(each.schedule.id)
    assert len(taken) == len(set(taken)) == len(due)


@given(st.permutations([1, 2, 3, 4]))
def test_the_newest_version_counts_in_whatever_order_they_come(order: list[int]) -> None:
    held = HeldSchedules()
    versions = {each: schedule(version=each, due_ms=DUE_MS + each) for each in order}
    held.load(
        [0], [record(n, b"k", versions[each].SerializeToString()) for n, each in enumerate(order)], NOW_MS
    )
    assert [each.version for each in held.of_home("demo")] == [4]
    assert [each.schedule.version for each in held.take_turns(DUE_MS + 10)] == [4]


def test_what_was_deleted_is_gone_and_what_cannot_be_read_harms_nothing() -> None:
    held = HeldSchedules()
    one, two = (schedule(each).SerializeToString() for each in (1, 2))
    records = [record(0, b"1", one), record(1, b"2", two), record(2, b"3", b"\xff"), record(3, b"1", b"")]
    held.load([0], records, NOW_MS)
    assert [each.id for each in held.of_home("demo")] == [schedule(2).id]


def test_partitions_come_and_go() -> None:
    held = HeldSchedules()
    for partition, home in enumerate(("a", "b")):
        each = schedule(home=home)
        held.load([partition], [record(0, b"k", each.SerializeToString(), partition)], NOW_MS)
    assert len(held) == 2
    held.forget([0])
    assert (held.of_home("a"), len(held.of_home("b"))) == ([], 1)
    assert [each.schedule.event.home for each in held.take_turns(DUE_MS)] == ["b"]


def test_one_that_was_cancelled_is_not_listed_and_stays_until_its_moment_is_over() -> None:
    held, last = HeldSchedules(), cancelled(schedule(), "by")
    held.put(HeldSchedule(0, schedule()), NOW_MS)
    held.put(HeldSchedule(0, last), NOW_MS)
    assert held.of_home("demo") == []
    assert held.take_turns(DUE_MS) == []
    found = held.find("demo", last.id)
    assert found is not None and found.schedule == last
    assert [each.schedule for each in held.take_turns(NOW_MS + KEPT_CANCELLED_MS)] == [last]


def test_a_turn_that_could_not_be_taken_comes_again() -> None:
    held = HeldSchedules()
    held.put(HeldSchedule(0, schedule()), NOW_MS)
    [taken] = held.take_turns(DUE_MS)
    held.again(taken, DUE_MS + 10)
    assert (held.take_turns(DUE_MS + 9), held.take_turns(DUE_MS + 10)) == ([], [taken])


def test_homes_are_listed_by_their_moments() -> None:
    held = HeldSchedules()
    for number, at in enumerate((30, 10, 20)):
        held.put(HeldSchedule(0, schedule(number, due_ms=DUE_MS + at)), NOW_MS)
    moments = [Schedule.FromString(each.SerializeToString()).due_at_ms for each in held.of_home("demo")]
    assert moments == sorted(moments)
