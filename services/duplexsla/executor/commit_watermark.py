"""How far each partition may be committed: up to the first record that is not settled yet."""

from collections.abc import Collection
from typing import NamedTuple

from duplexsla.executor.broker.ports import Offsets, Partition


class Taken(NamedTuple):
    """A record under way. `stay` tells apart two stays of one partition with us."""

    partition: Partition
    offset: int
    stay: int


class CommitWatermark:
    """Records under way by partition; bounded by what the caller takes in."""

    def __init__(self) -> None:
        self._open: dict[Partition, set[Taken]] = {}
        self._next: dict[Partition, int] = {}  # one after the last record taken in
        self._reported: dict[Partition, int] = {}
        self._stay = 0

    def __len__(self) -> int:
        return sum(len(taken) for taken in self._open.values())

    @property
    def taken(self) -> set[Taken]:
        """What is under way."""
        return set().union(*self._open.values())

    def take(self, partition: Partition, offset: int) -> Taken:
        taken = Taken(partition, offset, self._stay)
        self._open.setdefault(partition, set()).add(taken)
        self._next[partition] = max(self._next.get(partition, 0), offset + 1)
        self._reported.setdefault(partition, offset)
        return taken

    def settle(self, taken: Taken) -> None:
        """Nothing happens for a record of a partition that was given up since."""
        self._open.get(taken.partition, set()).discard(taken)

    def holds(self, taken: Taken) -> bool:
        return taken in self._open.get(taken.partition, ())

    def marks(self) -> Offsets:
        """Marks that have risen since they were asked for last."""
        now = {partition: self.mark(partition) for partition in self._next}
        risen = {each: mark for each, mark in now.items() if self._reported.get(each) != mark}
        self._reported.update(risen)
        return risen

    def mark(self, partition: Partition) -> int:
        """The first unsettled offset, or the next one to come."""
        unsettled = (taken.offset for taken in self._open.get(partition, ()))
        return min(unsettled, default=self._next[partition])

    def give_up(self, partitions: Collection[Partition]) -> Offsets:
        """Forgets these partitions and returns their last marks."""
        last = {partition: self.mark(partition) for partition in partitions if partition in self._next}
        for partition in last:
            self._open.pop(partition, None)
            self._next.pop(partition, None)
            self._reported.pop(partition, None)
        self._stay += 1
        return last
