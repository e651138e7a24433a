"""What was done in a home lately, and what takes it back; what two satellites heard is one sentence."""

import hashlib
import json
from collections.abc import Callable, Sequence

from duplexsla.clock import CHUNK_MS
from duplexsla.errors import DeviceRefused, DeviceUnavailable, StoreLost
from duplexsla.executor.backends.device import Device
from duplexsla.executor.home_plans import effect_of
from duplexsla.executor.ledger.notes import ActionNotes, home_of
from duplexsla.executor.planning.home_names import HomeNames
from duplexsla.executor.planning.inverse import inverse
from duplexsla.executor.planning.plans import CannotDo, PlannedCommand
from duplexsla.executor.registries import Registries
from duplexsla.v1 import action_pb2 as pb
from duplexsla.v1.home_pb2 import EntityState
from duplexsla.v1.plan_pb2 import ActionNote, ActionPlan, PlannedEffect

SAME_SENTENCE_MS = 2_000  # between two satellites that heard it
_SPOKEN = (pb.ORIGIN_UNSPECIFIED, pb.ORIGIN_MODEL)
STATES_S = 0.5  # how long an action waits to know how its devices were


class RecentActions:
    """Raises nothing: what cannot be noted cannot be undone."""

    def __init__(
        self, notes: ActionNotes, registries: Registries, device: Device, *, now_ms: Callable[[], int]
    ) -> None:
        self._notes, self._registries, self._device = notes, registries, device
        self._now_ms = now_ms

    async def newest(self, event: pb.ActionEvent) -> list[ActionNote]:
        """Those of the event's home, the newest first; none while nobody knows."""
        try:
            return await self._notes.newest(home_of(event))
        except StoreLost:
            return []

    async def states(self, event: pb.ActionEvent, plan: ActionPlan) -> dict[str, EntityState]:
        """The devices of a plan as they are, by entity; those that cannot be asked are left out."""
        entities = {each.command.entity for each in plan.effects}
        if not entities or plan.risk == "read":
            return {}
        try:
            found = await self._device.states(home_of(event), entities, timeout_s=STATES_S)
        except (DeviceRefused, DeviceUnavailable):
            return {}
        return {each.entity: each for each in found if each.entity in entities}

    async def asked(self, event: pb.ActionEvent, plan: ActionPlan) -> None:
        """A question was asked, or something was answered: the same sentence is not heard twice."""
        await self._add(event, self._note(event, plan))

    async def done(
        self,
        event: pb.ActionEvent,
        plan: ActionPlan,
        left: Sequence[EntityState],
        before: dict[str, EntityState],
    ) -> None:
        """A plan was carried out under the id of the event; `left`: the devices that did their part."""
        note = self._note(event, plan)
        note.done_at_ms = self._now_ms()
        note.left.extend(left)
        moved = {each.entity for each in left}
        effects = [each for each in plan.effects if each.command.entity in moved]
        back = await self._inverse(event, effects, before)
        if back is not None:
            note.inverse.CopyFrom(back)
        await self._add(event, note)

    async def _inverse(
        self, event: pb.ActionEvent, effects: Sequence[PlannedEffect], before: dict[str, EntityState]
    ) -> ActionPlan | None:
        """The last thing first; None where something cannot be taken back, or nobody knows how it was."""
        if not effects:
            return None
        try:
            names = await self._registries.names(home_of(event), until_ms=self._now_ms())
        except (DeviceRefused, DeviceUnavailable):
            return None
        found: list[PlannedEffect] = []
        for effect in reversed(effects):
            commands = _commands_back(effect, names, before)
            if commands is None:
                return None
            found += map(effect_of, commands)
        _number_parts(found)
        plan = ActionPlan(toolset="home", function="undo", arguments_json="{}", at_most_once=True)
        plan.effects.extend(found)
        return plan

    def _note(self, event: pb.ActionEvent, plan: ActionPlan) -> ActionNote:
        return ActionNote(
            action_id=event.action.id,
            session_id=event.session_id,
            room=event.room,
            said_at_ms=said_at_ms(event),
            meaning=meaning_of(plan),
            plan=plan,
        )

    async def _add(self, event: pb.ActionEvent, note: ActionNote) -> None:
        try:
            await self._notes.add(home_of(event), note)
        except StoreLost:
            return


def said_at_ms(event: pb.ActionEvent) -> int:
    """Unix time of the chunk in which the call was triggered; 0 for what nobody said: a moment, a button."""
    if event.origin not in _SPOKEN:
        return 0
    chunks = max(0, event.action.closed_chunk - event.action.trigger_chunk)
    return event.emitted_at_ms - chunks * CHUNK_MS


def meaning_of(plan: ActionPlan) -> bytes:
    """Equal for the same effects on the same things at the time that was said, however they were named."""
    when = str(json.loads(plan.arguments_json or "{}").get("when", ""))
    commands = sorted(each.command.SerializeToString(deterministic=True) for each in plan.effects)
    said = [] if commands else [plan.arguments_json.encode()]
    digest = hashlib.sha256(plan.toolset.encode() + b"\0" + plan.function.encode())
    for part in (*commands, *said, when.encode()):
        digest.update(len(part).to_bytes(4) + part)
    return digest.digest()


def same_sentence(event: pb.ActionEvent, plan: ActionPlan, notes: Sequence[ActionNote]) -> ActionNote | None:
    """What another session of the home was told within two seconds, by the clocks of their chunks."""
    meaning, said_ms = meaning_of(plan), said_at_ms(event)
    if not said_ms:
        return None
    return next(
        (
            note
            for note in notes
            if note.session_id != event.session_id
            and note.meaning == meaning
            and abs(note.said_at_ms - said_ms) <= SAME_SENTENCE_MS
        ),
        None,
    )


def _commands_back(
    effect: PlannedEffect, names: HomeNames, before: dict[str, EntityState]
) -> Sequence[PlannedCommand] | None:
    entity, state = names.entities.get(effect.command.entity), before.get(effect.command.entity)
    if entity is None or state is None:
        return None
    found = inverse(entity, effect.command, state)
    return None if isinstance(found, CannotDo) else found


def _number_parts(effects: Sequence[PlannedEffect]) -> None:
    """Parts of commands that come from several effects on one entity."""
    seen: dict[str, int] = {}
    for effect in effects:
        entity = effect.command.entity
        seen[entity] = seen.get(entity, 0) + 1
        effect.part = entity if seen[entity] == 1 else f"{entity}/{seen[entity]}"
