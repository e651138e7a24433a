"""What an executor works on at once: a queue per home, and how far each partition may be committed."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection
from typing import Generic, NamedTuple, TypeVar

from duplexsla.executor.broker.ports import Offsets, Partition

T = TypeVar("T")


class KeyedQueue(Generic[T]):
    """Runs `work` on each item: in order per key, keys side by side. A key's task lives while items wait.

    Not bounded itself: who puts items in stops when len() says so.
    """

    def __init__(self, work: Callable[[T], Awaitable[None]]) -> None:
        """`work` decides the outcome of its errors: one that it raises is a fault of ours, see `failed`."""
        self._work = work
        self._waiting: dict[bytes, deque[T]] = {}
        self._tasks: dict[bytes, asyncio.Task[None]] = {}
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def __len__(self) -> int:
        """Items that wait or are worked on."""
        return sum(len(items) for items in self._waiting.values())

    def put(self, key: bytes, item: T) -> None:
        self._waiting.setdefault(key, deque()).append(item)
        if key not in self._tasks:
            self._tasks[key] = asyncio.get_running_loop().create_task(self._run(key))

    async def drained(self) -> None:
        """Returns when every task that lives now has ended. Cancelling it ends the wait alone."""
        while self._tasks:
            await asyncio.wait(list(self._tasks.values()))

    async def _run(self, key: bytes) -> None:
        items = self._waiting[key]
        try:
            while items:
                await self._work(items[0])
                items.popleft()
        except Exception as error:
            if not self.failed.done():
                self.failed.set_exception(error)
            raise
        finally:
            del self._waiting[key], self._tasks[key]


class RecordInProgress(NamedTuple):
    """A record that is worked on. `assignment` tells apart two times at which its partition was ours."""

    partition: Partition
    offset: int
    assignment: int


class CommitWatermark:
    """Records in progress by partition; a partition is committed up to its first. Bounded by its caller."""

    def __init__(self) -> None:
        self._open: dict[Partition, set[RecordInProgress]] = {}
        self._next: dict[Partition, int] = {}  # one after the last record that began
        self._reported: dict[Partition, int] = {}
        self._assignment = 0

    def __len__(self) -> int:
        return sum(len(records) for records in self._open.values())

    @property
    def in_progress(self) -> set[RecordInProgress]:
        return set().union(*self._open.values())

    def begin(self, partition: Partition, offset: int) -> RecordInProgress:
        record = RecordInProgress(partition, offset, self._assignment)
        self._open.setdefault(partition, set()).add(record)
        self._next[partition] = max(self._next.get(partition, 0), offset + 1)
        self._reported.setdefault(partition, offset)
        return record

    def finish(self, record: RecordInProgress) -> None:
        """Nothing happens for a record of a partition that was forgotten since."""
        self._open.get(record.partition, set()).discard(record)

    def holds(self, record: RecordInProgress) -> bool:
        return record in self._open.get(record.partition, ())

    def advanced(self) -> Offsets:
        """Watermarks that have risen since they were asked for last."""
        now = {partition: self.watermark(partition) for partition in self._next}
        risen = {each: offset for each, offset in now.items() if self._reported.get(each) != offset}
        self._reported.update(risen)
        return risen

    def watermark(self, partition: Partition) -> int:
        """The first unfinished offset, or the next one to come."""
        unfinished = (record.offset for record in self._open.get(partition, ()))
        return min(unfinished, default=self._next[partition])

    def forget(self, partitions: Collection[Partition]) -> Offsets:
        """These partitions are not ours any more; returns their last watermarks."""
        last = {partition: self.watermark(partition) for partition in partitions if partition in self._next}
        for partition in last:
            self._open.pop(partition, None)
            self._next.pop(partition, None)
            self._reported.pop(partition, None)
        self._assignment += 1
        return last
