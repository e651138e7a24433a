"""The thread between a source, which blocks, and the executor, which runs on the event loop."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Collection, Sequence

from duplexsla.errors import BrokerLost
from duplexsla.executor.broker.ports import (
    BrokerRecord,
    EventSource,
    Offsets,
    Partition,
    Revoked,
    TableReader,
)
from duplexsla.executor.service import Executor, FlowControl
from duplexsla.runtime.tasks import Supervisor, in_thread

logger = logging.getLogger(__name__)

POLL_MS = 100  # also how long a commit waits at most; records never wait
REOPEN_S = 1.0
STOP_S = 15.0  # a source that cannot be closed by then is left to the process's end
RELEASE_S = 4.0  # for calls under way when partitions move; less than Kafka's session timeout


class ConsumerLoop:
    """Reads until it is stopped; a source that is lost is closed and opened again.

    It has a thread of its own, which the supervisor starts again when a fault of ours or of the client ends
    it: a new source begins at the last commit.
    """

    def __init__(
        self,
        open_source: Callable[[Revoked], EventSource],
        read_schedules: TableReader,
        executor: Executor,
        *,
        reopen_s: float = REOPEN_S,
    ) -> None:
        self._open_source, self._read_schedules, self._executor = open_source, read_schedules, executor
        self._held: set[Partition] = set()  # whose schedules were read
        self._reopen_s = reopen_s
        self._loop = asyncio.get_running_loop()
        self._stopping = threading.Event()
        self._task: asyncio.Task[None] | None = None
        self._paused = False
        self._polled_s = float("-inf")

    def start(self, tasks: Supervisor) -> None:
        self._task = tasks.run("consumer", lambda: in_thread("consumer", self._run))

    async def stop(self, wait_s: float = STOP_S) -> None:
        """Reads no more, lets what is under way end, commits, and leaves the group.

        Cancelling it ends the wait alone.
        """
        self._stopping.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=min(wait_s, STOP_S))

    @property
    def silent_s(self) -> float:
        """Seconds since a source that is part of its group was polled; endless before the first time."""
        return time.monotonic() - self._polled_s

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._read()
            except BrokerLost as error:
                logger.warning("source_lost reopen_s=%g error=%s", self._reopen_s, error)
            self._stopping.wait(self._reopen_s)

    def _read(self) -> None:
        source = self._open_source(self._revoked)
        self._paused = False
        self._held.clear()
        try:
            while not self._stopping.is_set():
                self._poll_once(source)
        finally:
            source.close()

    def _poll_once(self, source: EventSource) -> None:
        records = source.poll(POLL_MS)
        if source.joined:
            self._polled_s = time.monotonic()
        self._take_over(set(source.assigned) - self._held)
        flow = self._hand_over(records)
        if flow.commit:
            source.commit(flow.commit)
        if flow.pause != self._paused:
            source.pause() if flow.pause else source.resume()
            self._paused = flow.pause

    def _take_over(self, fresh: set[Partition]) -> None:
        """What is to happen later in a home is known before anything of it is served."""
        if not fresh:
            return
        records = self._read_schedules({each.number for each in fresh})

        async def take_over() -> None:
            self._executor.take_over(fresh, records)

        asyncio.run_coroutine_threadsafe(take_over(), self._loop).result()
        self._held |= fresh

    def _hand_over(self, records: Sequence[BrokerRecord]) -> FlowControl:
        async def accept() -> FlowControl:
            return self._executor.accept(records)

        return asyncio.run_coroutine_threadsafe(accept(), self._loop).result()

    def _revoked(self, partitions: Collection[Partition], *, lost: bool) -> Offsets:
        self._held.difference_update(partitions)
        release = self._executor.release(partitions, wait_s=0 if lost else RELEASE_S)
        return asyncio.run_coroutine_threadsafe(release, self._loop).result()
