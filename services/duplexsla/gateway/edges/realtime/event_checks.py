"""What a Realtime client sends, checked before anything is done with it: JSON, its fields, their size."""

import base64
import binascii
import json
from typing import Any, NoReturn

from duplexsla.errors import BadInput

Event = dict[str, Any]

MOST_CHARS = 8_192  # of what is kept and sent back, as JSON
MOST_DEPTH = 16
MOST_ID_CHARS = 64


class EventRefused(BadInput):
    """Told in an `error` event; the session goes on. `code` and `param` are those of that event."""

    def __init__(self, message: str, *, code: str = "invalid_value", param: str | None = None) -> None:
        super().__init__(message)
        self.code, self.param = code, param


def parsed(data: str | bytes) -> Event:
    """A client's event; EventRefused for what is none."""
    if isinstance(data, bytes):
        raise EventRefused("a binary frame: events are JSON in text frames", code="invalid_json")
    try:
        event = json.loads(data, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise EventRefused("an event that is no JSON", code="invalid_json") from error
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        raise EventRefused("an event is a JSON object with a type", code="missing_required_parameter")
    return event


def text(event: Event, field: str) -> str:
    """A required string that UTF-8 can hold."""
    found = event.get(field)
    if not isinstance(found, str):
        raise EventRefused(f"{field} is a string", code="missing_required_parameter", param=field)
    try:
        found.encode()
    except UnicodeEncodeError as error:
        raise EventRefused(f"{field} holds what is no character", param=field) from error
    return found


def name(event: Event, field: str) -> str:
    """A required id."""
    found = text(event, field)
    if not 0 < len(found) <= MOST_ID_CHARS or not found.isprintable():
        raise EventRefused(f"{field} has 1 to {MOST_ID_CHARS} printable characters", param=field)
    return found


def whole(event: Event, field: str, most: int = 1 << 31) -> int:
    """A required whole number from 0 on."""
    found = event.get(field)
    if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found <= most:
        raise EventRefused(f"{field} is a whole number from 0 to {most:,}", param=field)
    return found


def thing(event: Event, field: str, most_chars: int = MOST_CHARS) -> Event:
    """A required object that is small enough to be kept and sent back."""
    found = event.get(field)
    if not isinstance(found, dict):
        raise EventRefused(f"{field} is an object", code="missing_required_parameter", param=field)
    _check_depth(found, field, MOST_DEPTH)
    if len(json.dumps(found)) > most_chars:
        raise EventRefused(f"{field} has more than {most_chars:,} characters", param=field)
    return found


def sound(event: Event, field: str) -> bytes:
    """A required string of base64."""
    try:
        return base64.b64decode(text(event, field), validate=True)
    except (binascii.Error, ValueError) as error:
        raise EventRefused(f"{field} is no base64", param=field) from error


def _check_depth(value: object, field: str, left: int) -> None:
    if left == 0:
        raise EventRefused(f"{field} is nested deeper than {MOST_DEPTH}", param=field)
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inside:
        _check_depth(each, field, left - 1)


def _no_number(given: str) -> NoReturn:
    raise ValueError(f"{given} is no number")
