"""What a home's state is made of: entities with named properties, all of it JSON."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Props = dict[str, Any]  # property: JSON value
State = Mapping[str, Props]  # entity: its properties, for example "kitchen/light": {"power": "on", ...}
Arguments = Mapping[str, Any]  # a call's arguments, valid against its schema


@dataclass(frozen=True)
class StateChange:
    """What one call answers and leaves behind. Queries leave nothing.

    `updates` holds whole new property sets by entity; None removes the entity.
    """

    result: dict[str, Any]
    updates: dict[str, Props | None] = field(default_factory=dict)


@dataclass(frozen=True)
class NewestChange:
    """When an entity changed (Unix time, ms), and by which effect; "" for somebody's hand."""

    at_ms: int = 0
    by: str = ""


# One function of a toolset: (state, arguments, Unix time in ms) -> Change. Raises DeviceRefused.
HomeFunction = Callable[[State, Arguments, int], StateChange]


def changed(state: State, entity: str, /, **values: Any) -> dict[str, Props | None]:
    """Updates that set some properties of one entity, which need not exist yet; None removes a property."""
    props = {**state.get(entity, {}), **values}
    return {entity: {name: value for name, value in props.items() if value is not None}}
