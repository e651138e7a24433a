"""What happens in homes of its own accord: a door is opened by hand, a timer is over. Told to their rooms.

Every executor asks the backend of devices what has changed, and tells what is of homes whose partitions it
holds. Whoever takes a partition over asks again for all that the backend still knows: what was told is known.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection

from duplexsla.errors import DeviceRefused, DeviceUnavailable
from duplexsla.executor.backends.device import HomeChangeSource
from duplexsla.executor.registries import Registries
from duplexsla.executor.room_events import NAMES_MS, RoomEvents
from duplexsla.protocol.topics import home_key
from duplexsla.session.store.room_hints import NOTICE_MS
from duplexsla.v1 import action_pb2 as pb
from duplexsla.v1.home_pb2 import HomeChange

logger = logging.getLogger(__name__)

WAIT_S = 10.0  # how long one question waits for something to happen
RETRY_S = 1.0
NOTHING_HELD_S = 0.5


class HomeWatch:
    """Used on one event loop; `partition_of` is the number that a home's key has in the topic of actions."""

    def __init__(
        self,
        source: HomeChangeSource,
        rooms: RoomEvents,
        registries: Registries,
        *,
        partition_of: Callable[[bytes], int],
        now_ms: Callable[[], int],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._source, self._rooms, self._registries = source, rooms, registries
        self._partition_of, self._now_ms, self._sleep = partition_of, now_ms, sleep
        self._held: set[int] = set()
        self._after = ""  # what was asked for last

    def hold(self, partitions: Collection[int]) -> None:
        """These are ours from now on."""
        self._held |= set(partitions)
        self._after = ""

    def let_go(self, partitions: Collection[int]) -> None:
        self._held -= set(partitions)

    async def run(self) -> None:
        """For ever. Cancelling is safe: what was not told is asked for again."""
        while True:
            if not self._held:
                await self._sleep(NOTHING_HELD_S)
                continue
            try:
                await self.tell_changes(WAIT_S)
            except DeviceUnavailable as error:
                logger.info("home_changes_unknown retry_s=%g error=%s", RETRY_S, error)
                await self._sleep(RETRY_S)

    async def tell_changes(self, wait_s: float) -> None:
        """Tells what has happened since the last time, or does within `wait_s`. Raises DeviceUnavailable."""
        after = self._after
        found = await self._source.changes(after, wait_s=wait_s)
        for change in found.changes:
            late = self._now_ms() - change.at_ms > NOTICE_MS
            if not late and self._partition_of(home_key(change.tenant, change.home)) in self._held:
                await self._tell(change)
        if self._after == after:  # else partitions came meanwhile
            self._after = found.next

    async def _tell(self, change: HomeChange) -> None:
        event = pb.RoomEvent(
            id=change.id,
            tenant=change.tenant,
            home=change.home,
            kind=change.kind,
            about=change.about,
            at_ms=change.at_ms,
        )
        if not change.entity:
            await self._rooms.tell(event)
            return
        try:
            home = home_key(change.tenant, change.home).decode()
            names = await self._registries.names(home, until_ms=self._now_ms() + NAMES_MS)
        except (DeviceRefused, DeviceUnavailable):
            return  # nobody knows what it is called
        entity = names.entities.get(change.entity)
        if entity is None:  # not for speakers
            return
        event.about = event.about or entity.spoken
        await self._rooms.tell_in(event, [entity.area] if entity.area else [])
