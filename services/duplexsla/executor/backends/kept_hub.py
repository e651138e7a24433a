"""A hub whose connection one task keeps: from the first question until nobody has asked for a while.

It is connected again with growing waits. A hub that does not take our secret is told as that.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Mapping
from typing import Any, Generic, Protocol, TypeVar

from duplexsla.backoff import Backoff
from duplexsla.errors import DeviceUnavailable, DuplexSLAError, HubTokenRefused
from duplexsla.executor.backends.outcomes import CallFinding, failure
from duplexsla.runtime.tasks import Condition, Supervisor

logger = logging.getLogger(__name__)

BACKOFF = Backoff(first_s=0.2, most_s=10.0)
READY_S = 2.0  # how long a call waits for a connection
AGAIN_S = 0.3  # the same, while the hub does not answer
IDLE_S = 300.0
LOOK_S = 1.0  # between two looks whether anybody still asks
# What is told when a property becomes this, as home.proto names kinds of changes.
_KINDS = {
    ("on", True): "turned_on",
    ("on", False): "turned_off",
    ("open", True): "opened",
    ("open", False): "closed",
    ("mode", "triggered"): "alarm",
}


class RunningConnection(Protocol):
    async def run(self) -> None:
        """Until it is lost or closed."""

    async def close(self) -> None: ...


C = TypeVar("C", bound=RunningConnection)
Changed = Callable[[str, str, int], None]  # entity, kind of change (home.proto), Unix ms


def kinds_of_change(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What somebody did who left properties so; nothing of those that were not known before."""
    return [
        kind
        for (name, value), kind in _KINDS.items()
        if now.get(name) == value and name in before and before[name] != value
    ]


class KeptHub(Generic[C]):
    """`connection` is there while the hub is; `changed` is notified of that and of whatever else changes."""

    def __init__(self, where: str, *, idle_s: float = IDLE_S, rng: random.Random | None = None) -> None:
        """`where` is for the log."""
        self._where, self._idle_s, self._rng = where, idle_s, rng or random.Random()
        self.connection: C | None = None
        self.changed = Condition()
        self._failed: DuplexSLAError | None = None
        self._tasks = Supervisor()
        self._keeping: asyncio.Task[None] | None = None
        self._asked_at = 0.0

    async def connect(self) -> C:
        """A connection. Raises DuplexSLAError, and OSError where there is no secret."""
        raise NotImplementedError

    async def load(self, connection: C) -> None:
        """Learns what the hub has; its `run` runs. Raises DuplexSLAError."""
        raise NotImplementedError

    async def ready(self, until: float) -> C:
        """`until`: seconds of time.monotonic. Raises DeviceUnavailable. Cancelling is safe."""
        self._asked_at = time.monotonic()
        if self._keeping is None or self._keeping.done():
            self._keeping = self._tasks.run("hub", self._keep)
        wait_s = READY_S if self._failed is None else AGAIN_S
        await self.changed.wait_for(
            lambda: self.connection is not None or self._refused, min(until, self._asked_at + wait_s)
        )
        if self.connection is None:
            kind = HubTokenRefused if self._refused else DeviceUnavailable
            raise kind(str(self._failed or "the hub does not answer"))
        return self.connection

    async def close(self) -> None:
        await self._tasks.close()

    @property
    def _refused(self) -> bool:
        return isinstance(self._failed, HubTokenRefused)

    @property
    def _idle(self) -> bool:
        return time.monotonic() - self._asked_at > self._idle_s

    async def _keep(self) -> None:
        """Until nobody has asked for a while. Raises nothing that a hub can cause."""
        waits = BACKOFF.waits_s(self._rng)
        while not self._idle:
            try:
                await self._connected()
                waits = BACKOFF.waits_s(self._rng)
            except DuplexSLAError as error:
                self._fail(error)
            except OSError as error:
                self._fail(failure(CallFinding.NEVER_SENT, f"the secret cannot be read: {error}"))
            if not self._idle:
                await asyncio.sleep(next(waits))

    async def _connected(self) -> None:
        """From one login until the connection is lost, or nobody asks any longer."""
        connection = await self.connect()
        running = asyncio.get_running_loop().create_task(connection.run())
        try:
            await self.load(connection)
            self.connection, self._failed = connection, None
            self.changed.notify()
            while not (running.done() or self._idle):
                await asyncio.wait({running}, timeout=min(LOOK_S, self._idle_s))
        finally:
            self.connection = None
            self.changed.notify()
            await connection.close()
            await running

    def _fail(self, error: DuplexSLAError) -> None:
        if str(error) != str(self._failed):
            logger.warning("hub_unavailable hub=%s error=%s", self._where, error)
        self._failed = error
        self.changed.notify()
