"""What happens in a room reaches the sessions there, or waits for the next one: at most 10 minutes.

All of it is used on the event loop's thread. Without an answer of the store what comes to this gateway is
still delivered, and nothing is kept.
"""

import logging
from collections import OrderedDict, defaultdict
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from google.protobuf.message import DecodeError

from duplexsla.errors import StoreLost
from duplexsla.gateway.actions.bus import ActionBus
from duplexsla.gateway.call.call import Call
from duplexsla.gateway.metrics import GatewayMetrics
from duplexsla.protocol.channel_lines import LINES, OF_THE_CONVERSATION
from duplexsla.protocol.topics import home_key
from duplexsla.session.store.room_hints import NOTICE_MS, RoomHints, SessionPlace, is_in
from duplexsla.v1.action_pb2 import RoomEvent

logger = logging.getLogger(__name__)

REMEMBERED = 1_024  # ids of events that may come again
T = TypeVar("T")
KINDS = LINES.keys() - OF_THE_CONVERSATION


class Rooms:
    def __init__(
        self, hints: RoomHints, bus: ActionBus, counts: GatewayMetrics, *, now_ms: Callable[[], int]
    ) -> None:
        self._hints, self._bus, self._counts, self._now_ms = hints, bus, counts, now_ms
        self._delivered: OrderedDict[str, None] = OrderedDict()

    async def deliver(self, event: RoomEvent, calls: Iterable[Call]) -> None:
        """To each of the calls that is in the room; kept for the next one where there is none.

        Cancelling may lose an event that nobody was there to hear.
        """
        if event.id in self._delivered or not self._is_current(event):
            return
        self._delivered[event.id] = None
        if len(self._delivered) > REMEMBERED:
            self._delivered.popitem(last=False)
        there = [call for call in calls if not call.over and _home(call) == _home_of(event)]
        there = [call for call in there if is_in(event, call.dialogue.terms.room)]
        for call in there:
            self._tell(call, event)
        if not there:
            self._counts.room_events["kept"] += 1
            await self._quietly(self._hints.keep(_home_of(event), event.SerializeToString()))

    async def enter(self, call: Call) -> None:
        """A call begins: its room is known from now on, and it is told what waits there. Cancelling is safe,
        but for what was taken and not told.
        """
        await self.renew([call])
        home, room = _home(call), call.dialogue.terms.room
        for raw in await self._quietly(self._hints.take(home)) or ():
            event = _read(raw)
            if event is None or not self._is_current(event):
                continue
            if is_in(event, room):
                self._tell(call, event)
            else:
                await self._quietly(self._hints.keep(home, raw))

    async def renew(self, calls: Iterable[Call]) -> None:
        """These calls are where they are, for another while. Cancelling is safe."""
        partition = self._bus.partition
        if partition is None:
            return
        places: dict[str, dict[int, SessionPlace]] = defaultdict(dict)
        for call in calls:
            if not call.over:
                places[_home(call)][call.session_id] = SessionPlace(partition, call.dialogue.terms.room)
        for home, sessions in places.items():
            await self._quietly(self._hints.enter(home, sessions, now_ms=self._now_ms()))

    async def leave(self, call: Call) -> None:
        await self._quietly(self._hints.leave(_home(call), call.session_id))

    async def close(self) -> None:
        await self._hints.close()

    def _is_current(self, event: RoomEvent) -> bool:
        """Not one of a later version, nor one of long ago."""
        late = self._now_ms() - event.at_ms > NOTICE_MS
        if late or event.kind not in KINDS:
            self._counts.room_events["late" if late else "unknown"] += 1
            return False
        return True

    def _tell(self, call: Call, event: RoomEvent) -> None:
        if call.session_id == event.except_session:
            return
        self._counts.room_events["delivered"] += 1
        call.dialogue.happen(event.kind, event.about)

    async def _quietly(self, asked: Awaitable[T]) -> T | None:
        try:
            return await asked
        except StoreLost as error:
            logger.warning("room_hints_lost error=%s", error)
            return None


def _read(raw: bytes) -> RoomEvent | None:
    try:
        return RoomEvent.FromString(raw)
    except DecodeError:
        return None


def _home(call: Call) -> str:
    return home_key(call.dialogue.terms.tenant, call.dialogue.terms.home).decode()


def _home_of(event: RoomEvent) -> str:
    return home_key(event.tenant, event.home).decode()
