"""The thread between a source, which blocks, and the executor, which lives on the event loop."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Collection, Sequence

from duplexsla.errors import BrokerLost
from duplexsla.executor.broker.ports import BrokerRecord, EventSource, Offsets, Partition, Revoked
from duplexsla.executor.service import Executor, Handover

logger = logging.getLogger(__name__)

POLL_MS = 100  # also how long a commit waits at most; records never wait
AGAIN_S = 1.0
STOP_S = 15.0  # a source that cannot be closed by then is left to the process's end
RELEASE_S = 4.0  # for calls under way when partitions move; less than Kafka's session timeout


class ConsumerLoop:
    """Reads until it is stopped; a source that fails is closed and opened again."""

    def __init__(
        self, open_source: Callable[[Revoked], EventSource], executor: Executor, *, again_s: float = AGAIN_S
    ) -> None:
        self._open_source, self._executor = open_source, executor
        self._again_s = again_s
        self._loop = asyncio.get_running_loop()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)
        self._paused = False
        self._polled_s = float("-inf")

    def start(self) -> None:
        self._thread.start()

    async def stop(self, wait_s: float = STOP_S) -> None:
        """Reads no more, lets what is under way end, commits, and leaves the group."""
        self._stopping.set()
        await asyncio.to_thread(self._thread.join, min(wait_s, STOP_S))

    @property
    def silent_s(self) -> float:
        """Seconds since a source that is part of its group was polled; endless before the first time."""
        return time.monotonic() - self._polled_s

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._read()
            except BrokerLost as error:
                logger.warning("actions cannot be read: %s", error)
            except Exception:  # a fault of ours or of the client: a new source starts from the last commit
                logger.exception("the source broke")
            self._stopping.wait(self._again_s)

    def _read(self) -> None:
        source = self._open_source(self._revoked)
        self._paused = False
        try:
            while not self._stopping.is_set():
                self._turn(source)
        finally:
            source.close()

    def _turn(self, source: EventSource) -> None:
        records = source.poll(POLL_MS)
        if source.joined:
            self._polled_s = time.monotonic()
        exchange = self._on_loop(records)
        if exchange.marks:
            source.commit(exchange.marks)
        if exchange.full != self._paused:
            source.pause() if exchange.full else source.resume()
            self._paused = exchange.full

    def _on_loop(self, records: Sequence[BrokerRecord]) -> Handover:
        async def take() -> Handover:
            return self._executor.take(records)

        return asyncio.run_coroutine_threadsafe(take(), self._loop).result()

    def _revoked(self, partitions: Collection[Partition], *, lost: bool) -> Offsets:
        release = self._executor.release(partitions, wait_s=0 if lost else RELEASE_S)
        return asyncio.run_coroutine_threadsafe(release, self._loop).result()
