"""A copy of a hub's states, kept by what `subscribe_entities` sends: a first picture, then differences."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

logger = logging.getLogger(__name__)

AWAY = ("unavailable", "unknown")
MAX_ENTITIES = 50_000


@dataclass(frozen=True, slots=True)
class HubState:
    """One entity as the hub tells it. `context`: the id of what changed it last; `updated_ms`: Unix time."""

    entity: str
    state: str
    attributes: Mapping[str, Any]
    context: str = ""
    updated_ms: int = 0

    @property
    def away(self) -> bool:
        return self.state in AWAY

    @property
    def domain(self) -> str:
        return self.entity.partition(".")[0]

    def number(self, name: str) -> float | None:
        """An attribute that is a number, else None."""
        value = self.attributes.get(name)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    def words(self, name: str) -> list[str]:
        """An attribute that is a list of texts; what else stands in it is left out."""
        value = self.attributes.get(name)
        return [each for each in value if isinstance(each, str)] if isinstance(value, list | tuple) else []

    @property
    def features(self) -> int:
        return int(self.number("supported_features") or 0)


class LiveStates(dict[str, HubState]):
    """By entity id. What cannot be read is left out, and counted."""

    def __init__(self) -> None:
        super().__init__()
        self.unreadable = 0

    def apply(self, event: Any) -> list[HubState]:
        """The states that are new, in the order in which they came. Raises nothing."""
        if not isinstance(event, dict):
            self._skip("event")
            return []
        for entity in _list(event.get("r")):
            self.pop(entity if isinstance(entity, str) else "", None)
        found = [*self._added(_dict(event.get("a"))), *self._changed(_dict(event.get("c")))]
        for state in found:
            if state.entity in self or len(self) < MAX_ENTITIES:
                self[state.entity] = state
        return found

    def _added(self, added: Mapping[str, Any]) -> Iterator[HubState]:
        for entity, told in added.items():
            if isinstance(told, dict) and isinstance(told.get("s"), str):
                yield _with(HubState(entity, "", {}), told)
            else:
                self._skip(entity)

    def _changed(self, changed: Mapping[str, Any]) -> Iterator[HubState]:
        for entity, difference in changed.items():
            before = self.get(entity)
            if before is None or not isinstance(difference, dict):
                self._skip(entity)
                continue
            gone = _list(_dict(difference.get("-")).get("a"))
            attributes = {name: value for name, value in before.attributes.items() if name not in gone}
            yield _with(replace(before, attributes=attributes), _dict(difference.get("+")))

    def _skip(self, what: str) -> None:
        self.unreadable += 1
        logger.warning("hub_state_unreadable entity=%s", what[:64])


def _with(before: HubState, told: Mapping[str, Any]) -> HubState:
    state, context = told.get("s", before.state), told.get("c", before.context)
    if isinstance(context, dict):
        context = context.get("id", before.context)
    updated = told.get("lu", told.get("lc"))
    return HubState(
        before.entity,
        state if isinstance(state, str) else before.state,
        {**before.attributes, **_dict(told.get("a"))},
        context if isinstance(context, str) else before.context,
        round(updated * 1_000) if isinstance(updated, int | float) else before.updated_ms,
    )


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
