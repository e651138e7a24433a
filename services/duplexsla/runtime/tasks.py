"""The asyncio tasks of a process: how they wait for each other, and what becomes of one that dies.

Coroutines that share state wait for a fact about it, until a deadline (`Condition`). What runs in the
background is supervised: every task has a name, and a rule for when it dies. One that dies is logged with its
trace and counted. Then, by its rule, it is started again after a while that grows, or the process is asked to
end. `well` says whether all that must run does run.
"""

import asyncio
import logging
import math
import random
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from enum import Enum
from typing import Any, TypeVar

from duplexsla.backoff import Backoff

logger = logging.getLogger(__name__)

Fact = Callable[[], object]

RESTART = Backoff(0.1, 10.0)
STEADY_S = 60.0  # after a task ran for so long, its waits begin anew

T = TypeVar("T")
Work = Callable[[], Awaitable[None]]


class Condition:
    """Coroutines wait for facts about state that they share; whoever changes that state calls `notify`.

    A fact is cheap and changes nothing: `notify` asks it of everybody who waits, and wakes only those for
    whom it holds, one future for each wait. All of it is used on the event loop's thread.

    Cancelling `wait_for` is safe: a wait takes nothing, and what was true before it is not lost.
    """

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: dict[asyncio.Future[None], Fact] = {}

    def notify(self) -> None:
        """Something changed."""
        for waiter, fact in self._waiting.items():
            if not waiter.done() and fact():
                waiter.set_result(None)

    async def wait_for(self, fact: Fact, until: float = math.inf) -> bool:
        """Returns True once the fact holds, also at once; False at `until` (seconds of time.monotonic)."""
        while not fact():
            if time.monotonic() >= until:
                return False
            await self._wait(fact, until)
        return True

    async def _wait(self, fact: Fact, until: float) -> None:
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        timer = None
        if until < math.inf:
            timer = loop.call_later(max(0.0, until - time.monotonic()), _wake, waiter)
        self._waiting[waiter] = fact
        try:
            await waiter
        finally:
            del self._waiting[waiter]
            if timer is not None:
                timer.cancel()


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)


class RestartPolicy(Enum):
    """What becomes of a task that died."""

    RESTART = "restart"
    END = "end the process"


class Supervisor:
    """The background tasks of one process or service. All of it is used on the event loop's thread."""

    def __init__(
        self,
        *,
        on_fatal: Callable[[], None] = lambda: None,
        restart: Backoff = RESTART,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`on_fatal` asks the process to end: a task whose rule is END has died, see `fatal`."""
        self._on_fatal, self._restart, self._clock = on_fatal, restart, clock
        self._rng = random.Random()
        self._running: dict[str, bool] = {}  # tasks that must run, whether they do
        self._standing: set[asyncio.Task[None]] = set()
        self._jobs: set[asyncio.Task[Any]] = set()
        self.deaths: Counter[str] = Counter()  # by name
        self.fatal: BaseException | None = None

    def run(self, name: str, work: Work, rule: RestartPolicy = RestartPolicy.RESTART) -> asyncio.Task[None]:
        """Starts what must run until it returns, or until `close`; `name` is of this task alone.

        The task that comes back ends with the last of its lives, without an error.
        """
        if self._running.get(name):
            raise ValueError(f"a task of the name {name!r} runs already")
        self._running[name] = True
        task = asyncio.get_running_loop().create_task(self._keep(name, work, rule), name=name)
        self._standing.add(task)
        task.add_done_callback(self._standing.discard)
        return task

    def start(self, name: str, job: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Starts what is done once; nobody need await it. Many may have one name."""
        task = asyncio.get_running_loop().create_task(job, name=name)
        self._jobs.add(task)
        task.add_done_callback(self._finished)
        return task

    def well(self) -> tuple[bool, dict[str, Any]]:
        """Whether everything that must run does run, and what to show of it on /healthz."""
        down = sorted(name for name, runs in self._running.items() if not runs)
        return not down, {"tasks_down": down, "task_deaths": self.deaths.total()}

    @property
    def jobs(self) -> int:
        """Started and not done."""
        return len(self._jobs)

    async def finish(self, timeout_s: float) -> None:
        """Waits for all jobs, at most so long. Cancelling is safe: they run on."""
        if self._jobs:
            await asyncio.wait(self._jobs, timeout=timeout_s)

    async def close(self) -> None:
        """Cancels everything and waits until it has ended. Cancelling this leaves it cancelled, not ended."""
        tasks = [*self._standing, *self._jobs]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        self._running.clear()

    async def _keep(self, name: str, work: Work, rule: RestartPolicy) -> None:
        waits = self._restart.waits_s(self._rng)
        while True:
            started = self._clock()
            try:
                await work()
            except Exception as error:  # outermost frame of a background task: its rule decides
                self._died(name, error)
                if rule is RestartPolicy.END:
                    self.fatal = error
                    self._on_fatal()
                    return
            else:
                self._running.pop(name, None)
                return
            if self._clock() - started >= STEADY_S:
                waits = self._restart.waits_s(self._rng)
            await asyncio.sleep(next(waits))
            self._running[name] = True

    def _died(self, name: str, error: BaseException) -> None:
        self.deaths[name] += 1
        if name in self._running:
            self._running[name] = False
        logger.error("background_task_died task=%r error=%r", name, error, exc_info=error)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._jobs.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._died(task.get_name(), error)


async def in_thread(name: str, work: Callable[[], None]) -> None:
    """Runs what blocks in a daemon thread of its own until it ends, with its error if it has one.

    Cancelling this does not end the thread: tell `work` to end first.
    """
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[None] = loop.create_future()

    def settle(error: BaseException | None) -> None:
        if ended.done():
            return
        ended.set_result(None) if error is None else ended.set_exception(error)

    def body() -> None:
        error: BaseException | None = None
        try:
            work()
        except Exception as raised:  # outermost frame of the thread: whoever awaits it decides
            error = raised
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, error)

    threading.Thread(target=body, name=name, daemon=True).start()
    await ended
