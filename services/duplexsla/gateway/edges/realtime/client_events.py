"""A Realtime client's side of a conversation: each of its events is answered, and becomes messages of ours.

No I/O: `take` gives the events of the answer; what is for the session waits in `requests`.
"""

from collections import deque
from collections.abc import Callable

from duplexsla.audio.conversion import InputConverter
from duplexsla.gateway.edges.realtime.event_checks import (
    Event,
    EventRefused,
    name,
    parsed,
    sound,
    text,
    thing,
    whole,
)
from duplexsla.gateway.edges.realtime.items import Item
from duplexsla.gateway.edges.realtime.server_events import ServerEvents
from duplexsla.gateway.edges.realtime.session_object import MOST_CHARS, SessionObject
from duplexsla.session.audio_input import MAX_FRAME_BYTES
from duplexsla.v1.session_pb2 import Attention, AudioFrame, ConverseRequest, Open, Text

MOST_REFUSED = 100  # events of one client; then its session ends
ROLES = {"user": "input_text", "assistant": "output_text", "system": "input_text"}  # with their content


class ClientEvents:
    """Of one session, which begins with the first event that needs it."""

    def __init__(self, opening: Open, session: SessionObject, told: ServerEvents) -> None:
        self._opening: Open | None = opening
        self.session, self._told = session, told
        self.requests: deque[ConverseRequest] = deque()
        self._converter: InputConverter | None = None  # from the first sound on
        self.refused = 0
        self._takers: dict[str, Callable[[Event], list[Event]]] = {
            "session.update": self._update,
            "input_audio_buffer.append": self._append,
            "input_audio_buffer.commit": self._commit,
            "input_audio_buffer.clear": lambda event: [{"type": "input_audio_buffer.cleared"}],
            "conversation.item.create": self._create_item,
            "conversation.item.delete": self._delete_item,
            "conversation.item.retrieve": self._retrieve_item,
            "conversation.item.truncate": self._truncate_item,
            "response.create": self._create_response,
            "response.cancel": lambda event: self._told.cancel("client_cancelled"),
            "duplexsla.attention": self._attend,
        }

    def take(self, data: str | bytes) -> list[Event]:
        """What the client is told of an event of its own."""
        event: Event = {}
        try:
            event = parsed(data)
            taker = self._takers.get(event["type"])
            if taker is None:
                raise EventRefused(
                    f"{event['type'][:64]!r} is not served", code="unknown_event", param="type"
                )
            return taker(event)
        except EventRefused as error:
            self.refused += 1
            given = event.get("event_id")
            about = given[:64] if isinstance(given, str) else None
            return [refusal(str(error), error.code, error.param, about)]

    @property
    def hopeless(self) -> bool:
        """It sends nothing that can be used."""
        return self.refused >= MOST_REFUSED

    def _open(self) -> None:
        if self._opening is not None:
            self.requests.append(ConverseRequest(open=self._opening))
            self._opening = None

    def _update(self, event: Event) -> list[Event]:
        self.session.update(thing(event, "session", MOST_CHARS), sounding=self._converter is not None)
        self._told.output = self.session.format("output")
        self._open()
        return [{"type": "session.updated", "session": self.session.value}]

    def _append(self, event: Event) -> list[Event]:
        given = sound(event, "audio")
        self._open()
        if self._converter is None:
            self._converter = InputConverter(*self.session.format("input"), 1)
        samples = self._converter.push(given)
        for start in range(0, len(samples), MAX_FRAME_BYTES):
            frame = AudioFrame(samples=samples[start : start + MAX_FRAME_BYTES])
            self.requests.append(ConverseRequest(audio=frame))
        return []

    def _commit(self, event: Event) -> list[Event]:
        """The turn that the model hears ends when the client says so, for what the client is told."""
        if self._told.turn is None:
            raise EventRefused("no words were heard", code="input_audio_buffer_commit_empty")
        return self._told.close_turn()

    def _create_item(self, event: Event) -> list[Event]:
        given = dict(thing(event, "item"))
        after = None if event.get("previous_item_id") is None else name(event, "previous_item_id")
        given["id"] = name(given, "id") if given.get("id") is not None else self._told.name("item")
        given |= {"object": "realtime.item", "status": "completed"}
        typed = _typed(given)
        events = self._told.add(Item(given), after)
        self._open()
        if typed:
            self.requests.append(ConverseRequest(text=Text(words=typed)))
        return events

    def _delete_item(self, event: Event) -> list[Event]:
        item = name(event, "item_id")
        self._told.items.delete(item)
        return [{"type": "conversation.item.deleted", "item_id": item}]

    def _retrieve_item(self, event: Event) -> list[Event]:
        item = self._told.items.get(name(event, "item_id"))
        return [{"type": "conversation.item.retrieved", "item": item.value}]

    def _truncate_item(self, event: Event) -> list[Event]:
        item, end_ms = name(event, "item_id"), whole(event, "audio_end_ms")
        content = whole(event, "content_index", most=0)
        heard = self._told.truncate(item, end_ms)
        if heard is not None:
            self.requests.append(ConverseRequest(playback=heard))
        told = {"item_id": item, "content_index": content, "audio_end_ms": end_ms}
        return [{"type": "conversation.item.truncated", **told}]

    def _create_response(self, event: Event) -> list[Event]:
        asked = thing(event, "response") if event.get("response") is not None else {}
        metadata = thing(asked, "metadata") if asked.get("metadata") is not None else None
        events = self._told.empty_response(metadata)
        self._open()
        return events

    def _attend(self, event: Event) -> list[Event]:
        """Of ours: somebody turned to the service, by a wake word or a button, or away from it."""
        if not isinstance(event.get("attended"), bool):
            raise EventRefused("attended is true or false", param="attended")
        for_ms = whole(event, "for_ms") if event.get("for_ms") is not None else 0
        self._open()
        attention = Attention(attended=event["attended"], for_ms=for_ms)
        self.requests.append(ConverseRequest(attention=attention))
        return []


def refusal(
    told: str,
    code: str,
    param: str | None = None,
    about: str | None = None,
    kind: str = "invalid_request_error",
) -> Event:
    """An `error` event; `about` is the id of the client's event."""
    error = {"type": kind, "code": code, "message": told, "param": param, "event_id": about}
    return {"type": "error", "error": error}


def _typed(item: Event) -> str:
    """Words that a user typed; EventRefused for an item of a kind that is not served."""
    kind = item.get("type")
    if kind == "function_call_output":
        name(item, "call_id")
        text(item, "output")
        return ""
    role, content = item.get("role"), item.get("content")
    if kind != "message" or not isinstance(role, str) or role not in ROLES or not isinstance(content, list):
        told = f"a message of {', '.join(ROLES)} with content, or a function_call_output"
        raise EventRefused(told, param="item")
    words = []
    for part in content:
        if not isinstance(part, dict) or part.get("type") not in (ROLES[role], "text"):
            raise EventRefused(f"{role}: content of {ROLES[role]}", param="item.content")
        words.append(text(part, "text"))
    return " ".join(words) if role == "user" else ""
