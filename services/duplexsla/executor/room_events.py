"""What happened in a home is told to the gateways with sessions in the room, or kept for the next one there.

One record of duplexsla.outcomes.v1 for each of these gateways. It is told at least once, and once as far as
the store of hints remembers. While that does not answer, nobody knows who is where: every gateway is told.
"""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable

from duplexsla.enum_names import enum_name
from duplexsla.errors import BrokerLost, DeviceRefused, DeviceUnavailable, StoreLost
from duplexsla.executor.broker.ports import OutcomeSink
from duplexsla.executor.registries import Registries
from duplexsla.protocol.channel_lines import LINES
from duplexsla.protocol.topics import OUTCOMES_TOPIC, PARTITIONS, home_key
from duplexsla.session.store.room_hints import NOTICE_MS, RoomHints, partitions_for
from duplexsla.v1 import action_pb2 as pb
from duplexsla.v1.home_pb2 import (
    COMMAND_CLOSE,
    COMMAND_OPEN,
    COMMAND_TURN_OFF,
    COMMAND_TURN_ON,
)
from duplexsla.v1.plan_pb2 import ActionPlan

logger = logging.getLogger(__name__)

WRITE_RETRY_S = 0.5
NAMES_MS = 2_000  # how long a registry is waited for
LATE_MS = 10_000  # what was scheduled and is done later than that is told as late
ENDS = ("told", "kept", "repeated", "everywhere", "late")

SPOKEN_KINDS = {"set_reminder": "reminder", "set_wake_alarm": "wake_alarm"}
MESSAGE = "broadcast"  # of any other function that is a message
_CHANGES = {
    COMMAND_TURN_ON: "turned_on",
    COMMAND_TURN_OFF: "turned_off",
    COMMAND_OPEN: "opened",
    COMMAND_CLOSE: "closed",
}
_UNTOLD = frozenset({"fenced", "retracted", "duplicate", "unsure", "inattentive"})


class RoomEvents:
    """`counts` are events by what became of them: ENDS. Used on one event loop."""

    def __init__(
        self,
        hints: RoomHints,
        sink: OutcomeSink,
        registries: Registries,
        *,
        now_ms: Callable[[], int],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._hints, self._sink, self._registries = hints, sink, registries
        self._now_ms, self._sleep = now_ms, sleep
        self.counts: Counter[str] = Counter()

    async def spoken(self, event: pb.ActionEvent, plan: ActionPlan) -> None:
        """A message, or a reminder or a wake-up whose moment has come, in its rooms. As `tell`."""
        kind = SPOKEN_KINDS.get(plan.function, MESSAGE)
        told = _event_of(event, kind, plan.message)
        told.at_ms = event.emitted_at_ms
        if kind == MESSAGE:  # whoever said it has heard it
            told.room, told.except_session = "", event.session_id
        await self.tell_in(told, plan.areas)

    async def due(self, event: pb.ActionEvent, outcome: pb.ActionOutcome, plan: ActionPlan) -> None:
        """What became of something scheduled, in the room where it was asked for, or where it happened. As
        `tell`.
        """
        told = what_became(event, outcome, plan)
        if told is not None:
            told.at_ms = self._now_ms()
            changed = told.kind in _CHANGES.values()
            areas = {each.area for each in plan.effects if each.area and changed}
            await self.tell_in(told, sorted(areas))

    async def tell_in(self, event: pb.RoomEvent, areas: Iterable[str]) -> None:
        """In each of these areas (ids); without any in the room that the event names. As `tell`."""
        areas = list(areas)
        names = await self._area_names(event, areas)
        for area in areas:
            each = pb.RoomEvent()
            each.CopyFrom(event)
            each.id = f"{event.id}/{area}" if len(areas) > 1 else event.id
            each.room, *others = names.get(area, [area])
            each.room_names[:] = others
            await self.tell(each)
        if not areas:
            await self.tell(event)

    async def tell(self, event: pb.RoomEvent) -> None:
        """Returns when the brokers or the store have it, or when it is too late. What is cancelled may have
        been told.
        """
        home = home_key(event.tenant, event.home).decode()
        try:
            if await self._hints.is_told(home, event.id):
                self.counts["repeated"] += 1
                return
            partitions = await partitions_for(self._hints, home, event, now_ms=self._now_ms())
            end = "told" if partitions else "kept"
        except StoreLost as error:
            logger.warning("room_event_told_everywhere id=%s error=%s", event.id, error)
            partitions, end = set(range(PARTITIONS[OUTCOMES_TOPIC])), "everywhere"
        record = pb.ActionOutcome(room_event=event).SerializeToString()
        for partition in sorted(partitions):
            end = end if await self._written(event, record, partition) else "late"
        self.counts[end] += 1
        try:
            await self._hints.mark_told(home, event.id)
        except StoreLost:
            return  # somebody may be told again

    async def _written(self, event: pb.RoomEvent, record: bytes, partition: int) -> bool:
        """Goes on until the brokers have it; False when that takes too long."""
        while self._now_ms() - event.at_ms <= NOTICE_MS:
            try:
                key = home_key(event.tenant, event.home)
                await self._sink.write(OUTCOMES_TOPIC, key, record, {}, partition=partition)
                return True
            except BrokerLost as error:
                logger.warning("room_event_not_written retry_s=%g error=%s", WRITE_RETRY_S, error)
                await self._sleep(WRITE_RETRY_S)
        return False

    async def _area_names(self, event: pb.RoomEvent, areas: list[str]) -> dict[str, list[str]]:
        """By id: the name, and by what else a session may name the room."""
        if not areas:
            return {}
        home = home_key(event.tenant, event.home).decode()
        try:
            names = await self._registries.names(home, until_ms=self._now_ms() + NAMES_MS)
        except (DeviceRefused, DeviceUnavailable):
            return {}
        others = {area: [key for key, ids in names.areas.items() if area in ids] for area in areas}
        return {area: [names.area_names.get(area, area), area, *others[area]] for area in areas}


def what_became(event: pb.ActionEvent, outcome: pb.ActionOutcome, plan: ActionPlan) -> pb.RoomEvent | None:
    """What is told of a scheduled action once its moment is over; None for nothing, and for what was said."""
    about = plan.message or " and ".join(dict.fromkeys(each.name for each in plan.effects))
    state = enum_name(pb.OutcomeState, outcome.state)
    if outcome.state != pb.OUTCOME_STATE_DONE:
        left = [each.name for each in outcome.devices if each.state != pb.OUTCOME_STATE_DONE]
        told = state in LINES and state not in _UNTOLD
        return _event_of(event, state, " and ".join(left) or about) if told else None
    if plan.message or not plan.effects:
        return None
    if outcome.effect_at_ms - event.emitted_at_ms > LATE_MS:
        return _event_of(event, "effect_late", about)
    kinds = {_CHANGES.get(each.command.command, "") for each in plan.effects}
    kind = kinds.pop() if len(kinds) == 1 else ""
    return _event_of(event, kind, about) if kind else None


def _event_of(event: pb.ActionEvent, kind: str, about: str) -> pb.RoomEvent:
    return pb.RoomEvent(
        id=event.action.id,
        tenant=event.tenant,
        home=event.home,
        room=event.room,
        kind=kind,
        about=about,
    )
