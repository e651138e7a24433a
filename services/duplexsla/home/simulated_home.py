"""One home with its car, in memory: what `duplexsla talk` operates and the home service keeps on disk."""

from collections import ChainMap
from collections.abc import Mapping
from typing import Any

from duplexsla.home import cabin, car_system, house, media, navigation, search
from duplexsla.home.car_settings import CAR_DEFAULTS
from duplexsla.home.devices import HOME_DEFAULTS
from duplexsla.home.state import HomeFunction, Props, State, StateChange
from duplexsla.tools import TOOLSETS

DEFAULTS: dict[str, Props] = HOME_DEFAULTS | CAR_DEFAULTS
FUNCTIONS: Mapping[str, Mapping[str, HomeFunction]] = {
    "home": house.FUNCTIONS,
    "car": cabin.FUNCTIONS | car_system.FUNCTIONS | navigation.FUNCTIONS | media.FUNCTIONS | search.FUNCTIONS,
}


class SimulatedHome:
    """State and the functions on it; `changes` holds what differs from a new home."""

    def __init__(self, changes: Mapping[str, Props] | None = None) -> None:
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
        return FUNCTIONS[toolset][function](self.state, valid, now_ms)

    def apply(self, change: StateChange) -> None:
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
