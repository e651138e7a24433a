"""One lane per home: in order inside a lane, side by side across lanes."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class KeyedQueue(Generic[T]):
    """Runs `work` on each item, one at a time per key. A lane lives only while it holds something.

    Not bounded itself: who puts items in stops when len() says so.
    """

    def __init__(self, work: Callable[[T], Awaitable[None]]) -> None:
        """`work` decides the outcome of its own errors: one that it raises ends the process's task group."""
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
        """Returns when every lane that lives now has ended."""
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
