"""The server's side of a Realtime conversation: its events, made from chunks and outcomes.

A response begins with the first sound and ends after a pause, or with what interrupts it. What the user says
meanwhile interrupts nothing until the model says so: its words wait. No I/O, no time but that of chunks.
"""

from dataclasses import dataclass, field

from duplexsla.audio.conversion import OutputConverter
from duplexsla.audio.formats import chunk_bytes
from duplexsla.clock import CHUNK_MS, CHUNK_SAMPLES
from duplexsla.gateway.edges.realtime.event_checks import Event, EventRefused
from duplexsla.gateway.edges.realtime.items import Item, ItemStore, action_item, message, outcome_item
from duplexsla.v1.action_pb2 import ActionOutcome
from duplexsla.v1.session_pb2 import (
    LABEL_BACKCHANNEL,
    LABEL_INTERRUPT,
    LABEL_RESPONSE,
    Chunk,
    Playback,
)

PAUSE_CHUNKS = 4  # of silence end a response
QUIET_CHUNKS = 12  # without a word end a user's turn that nobody answers
SILENCES = {"pcm_s16le": b"\0", "mu_law": b"\xff", "a_law": b"\xd5"}
NO_TOKENS = {  # what clients read without asking whether it is there; nothing is counted in tokens
    "total_tokens": 0,
    "input_tokens": 0,
    "output_tokens": 0,
    "input_token_details": {"cached_tokens": 0, "text_tokens": 0, "audio_tokens": 0},
    "output_token_details": {"text_tokens": 0, "audio_tokens": 0},
}


@dataclass
class UserTurn:
    item: Item
    words: str = ""
    quiet: int = 0  # chunks since the newest word


@dataclass
class SpokenResponse:
    name: str
    metadata: object
    item: Item
    converter: OutputConverter
    silence: bytes  # 160 ms
    quiet: int = 0  # chunks since the newest sound

    @property
    def words(self) -> str:
        return "".join(words for _, words in self.item.said).strip()

    @property
    def where(self) -> Event:
        """The fields of what is part of it."""
        return {"response_id": self.name, "item_id": self.item.name, "output_index": 0, "content_index": 0}


@dataclass
class ServerEvents:
    """Of one session. `prefix` begins every id; sound is told in the format of `output`."""

    prefix: str
    output: tuple[str, int] = ("pcm_s16le", 24_000)
    items: ItemStore = field(default_factory=ItemStore)
    turn: UserTurn | None = None
    response: SpokenResponse | None = None
    _overheard: str = ""  # words of the user in a response that nothing has interrupted
    _muted: bool = False  # the rest of a response that was cancelled
    _cancelled: bool = False  # the newest response
    _quiet: int = 0  # chunks since the newest sound while muted
    _now_ms: int = 0  # end of the newest chunk
    _names: int = 0

    def name(self, kind: str) -> str:
        self._names += 1
        return f"{kind}_{self.prefix}_{self._names}"

    def of_chunk(self, chunk: Chunk) -> list[Event]:
        start_ms, labels = chunk.index * CHUNK_MS, chunk.labels
        self._now_ms = start_ms + CHUNK_MS
        events: list[Event] = []
        if LABEL_INTERRUPT in labels and self.response is not None:
            events += self.open_turn(start_ms) + self.cancel("turn_detected")
        events += self._add_transcript(chunk.transcript, start_ms)
        if LABEL_BACKCHANNEL in labels:
            self._overheard = ""
        if LABEL_RESPONSE in labels:
            self._muted = False
            events += self.close_turn()
        for action in chunk.actions:
            events += self.add(Item(action_item(self.name("item"), action)))
        return events + self._say(chunk)

    def of_outcome(self, outcome: ActionOutcome) -> list[Event]:
        return self.add(Item(outcome_item(self.name("item"), outcome)))

    def over(self) -> list[Event]:
        """Nothing more comes."""
        return self.close_turn() + self._end_response("completed", None)

    def add(self, item: Item, after: str | None = None) -> list[Event]:
        """An item that is complete."""
        place: Event = {"previous_item_id": self.items.add(item, after), "item": item.value}
        return [{"type": f"conversation.item.{what}", **place} for what in ("added", "done")]

    # What the user says.

    def _add_transcript(self, words: str, start_ms: int) -> list[Event]:
        if self.response is not None and self.turn is None:
            self._overheard += words
            return []
        events: list[Event] = []
        if words:
            events += self.open_turn(start_ms)
            events += self._add_words(words)
        elif self.turn is not None:
            self.turn.quiet += 1
            if self.turn.quiet >= QUIET_CHUNKS:
                events += self.close_turn()
        return events

    def _add_words(self, words: str) -> list[Event]:
        assert self.turn is not None
        self.turn.words, self.turn.quiet = self.turn.words + words, 0
        told = "conversation.item.input_audio_transcription.delta"
        return [{"type": told, "item_id": self.turn.item.name, "content_index": 0, "delta": words}]

    def open_turn(self, start_ms: int) -> list[Event]:
        if self.turn is not None:
            return []
        name = self.name("item")
        item = Item(message(name, "user", {"type": "input_audio", "transcript": None}))
        self.turn = UserTurn(item)
        began: Event = {
            "type": "input_audio_buffer.speech_started",
            "audio_start_ms": start_ms,
            "item_id": name,
        }
        place = {"previous_item_id": self.items.add(item), "item": item.value}
        events = [began, {"type": "conversation.item.added", **place}]
        words, self._overheard = self._overheard, ""
        return events + self._add_words(words) if words else events

    def close_turn(self) -> list[Event]:
        turn, self.turn = self.turn, None
        if turn is None:
            return []
        words, name = turn.words.strip(), turn.item.name
        turn.item.value |= {
            "status": "completed",
            "content": [{"type": "input_audio", "transcript": words}],
        }
        told = "conversation.item.input_audio_transcription.completed"
        usage = {"type": "duration", "seconds": 0}
        return [
            {"type": "input_audio_buffer.speech_stopped", "audio_end_ms": self._now_ms, "item_id": name},
            {"type": "input_audio_buffer.committed", "previous_item_id": None, "item_id": name},
            {"type": "conversation.item.done", "previous_item_id": None, "item": turn.item.value},
            {"type": told, "item_id": name, "content_index": 0, "transcript": words, "usage": usage},
        ]

    # What the assistant says.

    def _say(self, chunk: Chunk) -> list[Event]:
        loud = any(chunk.sound)
        if self._muted:
            self._quiet = 0 if loud else self._quiet + 1
            self._muted = self._quiet < PAUSE_CHUNKS
            return []
        events: list[Event] = []
        if self.response is None:
            if not loud and not chunk.text:
                return []
            events += self.close_turn() + self._open_response()
        assert self.response is not None
        events += self._deltas(self.response, chunk)
        self.response.quiet = 0 if loud else self.response.quiet + 1
        if self.response.quiet >= PAUSE_CHUNKS:
            events += self._end_response("completed", None)
        return events

    def _deltas(self, response: SpokenResponse, chunk: Chunk) -> list[Event]:
        """`sound` in place of base64: whoever sends it encodes it."""
        response.item.said.append((chunk.index, chunk.text))
        sound = response.converter.push_chunk(chunk.sound) or response.silence
        events: list[Event] = [{"type": "response.output_audio.delta", **response.where, "delta": sound}]
        if chunk.text:
            told = "response.output_audio_transcript.delta"
            events.insert(0, {"type": told, **response.where, "delta": chunk.text})
        return events

    def _open_response(self, metadata: object = None) -> list[Event]:
        self._cancelled = False
        encoding, rate = self.output
        item = Item(message(self.name("item"), "assistant", {"type": "output_audio", "transcript": ""}))
        self.response = response = SpokenResponse(
            self.name("resp"),
            metadata,
            item,
            OutputConverter(encoding, rate, 1),
            SILENCES[encoding] * chunk_bytes(encoding, rate, 1),
        )
        place = {"previous_item_id": self.items.add(item), "item": item.value}
        of_output = {"response_id": response.name, "output_index": 0, "item": item.value}
        part = {"type": "audio", "transcript": ""}
        return [
            {"type": "response.created", "response": self.response_object(response, "in_progress")},
            {"type": "response.output_item.added", **of_output},
            {"type": "conversation.item.added", **place},
            {"type": "response.content_part.added", **response.where, "part": part},
        ]

    def _end_response(self, status: str, details: Event | None) -> list[Event]:
        response, self.response = self.response, None
        if response is None:
            return []
        words, item = response.words, response.item
        item.value |= {
            "status": "completed" if status == "completed" else "incomplete",
            "content": [{"type": "output_audio", "transcript": words}],
        }
        of_output = {"response_id": response.name, "output_index": 0, "item": item.value}
        part = {"type": "audio", "transcript": words}
        ended = self.response_object(response, status, details)
        events: list[Event] = [
            {"type": "response.output_audio.done", **response.where},
            {"type": "response.output_audio_transcript.done", **response.where, "transcript": words},
            {"type": "response.content_part.done", **response.where, "part": part},
            {"type": "conversation.item.done", "previous_item_id": None, "item": item.value},
            {"type": "response.output_item.done", **of_output},
            {"type": "response.done", "response": ended},
        ]
        return events + self._open_overheard()

    def _open_overheard(self) -> list[Event]:
        """What was said in a response that went on to its end is a turn of its own, after it."""
        if self.turn is not None or not self._overheard:
            return []
        return self.open_turn(self._now_ms)

    def response_object(self, response: SpokenResponse, status: str, details: Event | None = None) -> Event:
        output = [] if status == "in_progress" else [response.item.value]
        return _response(response.name, status, response.metadata, output, details)

    def empty_response(self, metadata: object) -> list[Event]:
        """For a client that asks for one: the model speaks when it has something to say."""
        if self.response is not None:
            raise EventRefused("a response is in progress", code="conversation_already_has_active_response")
        name = self.name("resp")
        return [
            {"type": "response.created", "response": _response(name, "in_progress", metadata, [])},
            {"type": "response.done", "response": _response(name, "completed", metadata, [])},
        ]

    def cancel(self, reason: str) -> list[Event]:
        """Ends the response; what is left of its sound is not told. One that is cancelled stays so: clients
        cancel again what was interrupted.
        """
        if self.response is None and self._cancelled:
            return []
        if self.response is None:
            raise EventRefused("no response is in progress", code="response_cancel_not_active")
        self._muted, self._cancelled, self._quiet = True, True, 0
        return self._end_response("cancelled", {"type": "cancelled", "reason": reason})

    def truncate(self, name: str, end_ms: int) -> Playback | None:
        """So much of an item was heard: it keeps the words that began by then. None: all of it was."""
        item = self.items.get(name)
        if not item.said:
            raise EventRefused("not an item with sound of the assistant", param="item_id")
        whole, rest = divmod(end_ms, CHUNK_MS)
        if whole >= len(item.said):
            return None
        heard = "".join(words for _, words in item.said[: whole + 1]).strip()
        item.value["content"] = [{"type": "output_audio", "transcript": heard}]
        return Playback(chunk=item.said[whole][0], samples=rest * CHUNK_SAMPLES // CHUNK_MS)


def _response(
    name: str, status: str, metadata: object, output: list[Event], details: Event | None = None
) -> Event:
    return {
        "id": name,
        "object": "realtime.response",
        "status": status,
        "status_details": details,
        "output": output,
        "output_modalities": ["audio"],
        "max_output_tokens": "inf",
        "metadata": metadata,
        "usage": None if status == "in_progress" else NO_TOKENS,
    }
