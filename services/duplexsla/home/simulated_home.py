"""One home with its car, in memory: what `duplexsla talk` operates and the home service keeps on disk."""

import json
from collections import ChainMap
from collections.abc import Collection, Mapping
from typing import Any, cast

from duplexsla.errors import ActionRefused, DeviceRefused
from duplexsla.home import cabin, car_system, house, media, navigation, search, timers
from duplexsla.home.car_settings import CAR_DEFAULTS
from duplexsla.home.commands import CommandCall, by_hand, executed, told
from duplexsla.home.devices import HOME_DEFAULTS
from duplexsla.home.properties import TIMERS
from duplexsla.home.registry import CELSIUS_UTC, ENTITIES, HomeConfiguration
from duplexsla.home.state import HomeFunction, NewestChange, Props, State, StateChange
from duplexsla.tools import TOOLSETS
from duplexsla.v1 import home_pb2 as pb

DEFAULTS: dict[str, Props] = HOME_DEFAULTS | CAR_DEFAULTS
FUNCTIONS: Mapping[str, Mapping[str, HomeFunction]] = {
    "home": house.FUNCTIONS,
    "car": cabin.FUNCTIONS | car_system.FUNCTIONS | navigation.FUNCTIONS | media.FUNCTIONS | search.FUNCTIONS,
}


class SimulatedHome:
    """State and the functions on it; `changes` holds what differs from a new home."""

    def __init__(
        self,
        changes: Mapping[str, Props] | None = None,
        *,
        configuration: HomeConfiguration = CELSIUS_UTC,
        newest: Mapping[str, NewestChange] | None = None,
    ) -> None:
        self.configuration = configuration
        self._newest = dict(newest or {})
        self._changes: dict[str, Props] = dict(changes or {})
        self.state: State = ChainMap(self._changes, DEFAULTS)

    def perform(
        self, toolset: str, function: str, arguments: Mapping[str, object], *, now_ms: int
    ) -> dict[str, Any]:
        """Does the call and returns what the device reports. Raises ActionRefused, DeviceRefused."""
        change = self.plan(toolset, function, arguments, now_ms=now_ms)
        self.apply(change)
        return change.result

    def plan(
        self, toolset: str, function: str, arguments: Mapping[str, object], *, now_ms: int
    ) -> StateChange:
        """What the call would change; changes nothing itself. Raises ActionRefused, DeviceRefused."""
        valid = TOOLSETS[toolset].validate(function, arguments)
        effect = FUNCTIONS[toolset][function]
        if toolset == "home" and self.configuration.fahrenheit:
            effect = house.in_fahrenheit(effect)
        return effect(self.state, valid, now_ms)

    def plan_command(
        self, entity: str, command: int, number: float | None, text: str, *, now_ms: int
    ) -> StateChange:
        """What the command would change; its result is what the entity answers beside its state.

        Raises ActionRefused, DeviceRefused.
        """
        call = self._call(self.state, entity, number, text, now_ms)
        if command not in pb.Command.values() or command == pb.COMMAND_UNSPECIFIED:
            raise ActionRefused(f"there is no command {command}")
        return executed(cast(pb.Command, command), call)

    def plan_by_hand(self, entity: str, given: Mapping[str, Any], *, now_ms: int) -> StateChange:
        """What somebody's hand would change. Raises ActionRefused, DeviceRefused."""
        return by_hand(self._call(self.state, entity, None, "", now_ms), given)

    def entity_state(self, entity: str, now_ms: int) -> pb.EntityState:
        """Raises DeviceRefused."""
        return self._told(self.state, entity, now_ms, self._newest.get(entity, NewestChange()), {})

    def state_after(self, entity: str, change: StateChange, now_ms: int, by: str) -> pb.EntityState:
        """What the entity is once the change has happened, and what it answers."""
        after = ChainMap(cast(dict[str, Props], change.updates), cast(dict[str, Props], self.state))
        moved = entity in self.changed_by(change)
        newest = NewestChange(now_ms, by) if moved else self._newest.get(entity, NewestChange())
        return self._told(after, entity, now_ms, newest, change.result)

    def entity_states(self, now_ms: int, among: Collection[str] = ()) -> list[pb.EntityState]:
        """Of the registry's entities, in its order: of those that are named, or all without any."""
        asked = [entity for entity in ENTITIES if entity in among] if among else ENTITIES
        return [self.entity_state(entity, now_ms) for entity in asked]

    def changed_by(self, change: StateChange) -> set[str]:
        """Entities of the registry that are others after the change."""
        found = set()
        for name, props in change.updates.items():
            if _seen(self.state.get(name)) != _seen(props):
                found |= self._entities(name, props)
        return found

    def _entities(self, name: str, props: Props | None) -> set[str]:
        """Those that a record of the state belongs to."""
        if name.startswith(timers.PREFIX):
            return {TIMERS}
        if name == "scene" and props is not None:
            return {f"scene/{each['active']}" for each in (self.state[name], props) if each["active"]}
        return {name} & ENTITIES.keys()

    def _told(
        self, state: State, entity: str, now_ms: int, newest: NewestChange, answer: Mapping[str, Any]
    ) -> pb.EntityState:
        properties = told(self._call(state, entity, None, "", now_ms)) | dict(answer)
        return pb.EntityState(
            entity=entity,
            state_json=json.dumps(properties, separators=(",", ":")),
            changed_at_ms=newest.at_ms,
            changed_by=newest.by,
        )

    def _call(self, state: State, entity: str, number: float | None, text: str, now_ms: int) -> CommandCall:
        if entity not in ENTITIES:
            raise DeviceRefused(f"there is no entity {entity!r}")
        return CommandCall(state, ENTITIES[entity], number, text, now_ms, self.configuration)

    def apply(self, change: StateChange, newest: NewestChange | None = None) -> None:
        if newest is not None:
            self._newest |= dict.fromkeys(self.changed_by(change), newest)
        for entity, props in change.updates.items():
            if props is None:
                del self._changes[entity]
            else:
                self._changes[entity] = props

    def before(self, change: StateChange) -> dict[str, Props | None]:
        """What the entities of a change hold now."""
        return {entity: self.state.get(entity) for entity in change.updates}

    def snapshot(self) -> dict[str, Props]:
        """Every entity with its properties, sorted by name."""
        return {entity: self.state[entity] for entity in sorted(self.state)}


def _seen(props: Props | None) -> Props | None:
    return props and {name: value for name, value in props.items() if name != "used_ms"}
