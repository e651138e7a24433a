"""The items of a Realtime conversation: what was said, heard and done, as the protocol has it."""

import json
from dataclasses import dataclass, field

from duplexsla.enum_names import enum_name
from duplexsla.gateway.edges.realtime.event_checks import Event, EventRefused
from duplexsla.v1.action_pb2 import Action, ActionOutcome, OutcomeState

MOST_ITEMS = 128  # the oldest is forgotten


@dataclass
class Item:
    """`value` is what the client is shown; `said`, of the assistant's, its chunks and the words of each."""

    value: Event
    said: list[tuple[int, str]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return str(self.value["id"])


class ItemStore:
    """In the order of the conversation."""

    def __init__(self) -> None:
        self._items: list[Item] = []

    def __len__(self) -> int:
        return len(self._items)

    def last(self) -> str | None:
        return self._items[-1].name if self._items else None

    def get(self, name: str) -> Item:
        """EventRefused when there is none, or not any more."""
        for item in self._items:
            if item.name == name:
                return item
        raise EventRefused(f"there is no item {name!r}", code="item_not_found", param="item_id")

    def add(self, item: Item, after: str | None = None) -> str | None:
        """Behind another, "root" for the first place, else at the end; the id of the one before it."""
        if any(item.name == each.name for each in self._items):
            raise EventRefused(f"there is an item {item.name!r}", code="item_exists", param="item.id")
        place = len(self._items)
        if after is not None:
            place = 0 if after == "root" else self._items.index(self.get(after)) + 1
        before = self._items[place - 1].name if place else None
        self._items.insert(place, item)
        del self._items[:-MOST_ITEMS]
        return before

    def delete(self, name: str) -> None:
        self._items.remove(self.get(name))


def message(name: str, role: str, content: Event, status: str = "in_progress") -> Event:
    return _item(name, "message", status=status, role=role, content=[content])


def action_item(name: str, action: Action) -> Event:
    """A call that the service made; its outcome follows as an item with the same `call_id`."""
    return _item(
        name,
        "function_call",
        status="completed",
        call_id=action.id,
        name=action.function,
        arguments=action.arguments_json,
    )


def outcome_item(name: str, outcome: ActionOutcome) -> Event:
    """Its `output` is JSON: state, and what else is known."""
    told: Event = {"state": enum_name(OutcomeState, outcome.state)}
    told["result"] = json.loads(outcome.result_json) if outcome.result_json else None
    for key in ("reason", "question", "refers_to"):
        told[key] = getattr(outcome, key)
    told["candidates"] = list(outcome.candidates)
    output = json.dumps({key: value for key, value in told.items() if value})
    return _item(name, "function_call_output", status="completed", call_id=outcome.action_id, output=output)


def _item(item: str, kind: str, **fields: object) -> Event:
    return {"id": item, "object": "realtime.item", "type": kind, **fields}
