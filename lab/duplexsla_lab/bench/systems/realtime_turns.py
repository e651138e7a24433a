"""One conversation with an OpenAI-style realtime service, without the wire: events in, events and sound out.

Follows the events of the Realtime API as its reference names them, in the names of today and of the preview
(`response.output_audio.delta` was `response.audio.delta`). Sound is 24 kHz there. The service sends it faster
than it is heard, so it is played here: what was not played when the user speaks is thrown away, and the
service is told (`conversation.item.truncate`), as its reference asks of a client.
"""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import soxr

from duplexsla.clock import CHUNK_SAMPLES, SAMPLE_RATE
from duplexsla.errors import DuplexSLAError
from duplexsla.tools.schema import Toolset
from duplexsla_lab.bench.case import CaseTurn, Samples
from duplexsla_lab.bench.event_log import LoggedCall
from duplexsla_lab.bench.system_interface import Output

WIRE_RATE = 24_000  # Hz
FORMAT = {"type": "audio/pcm", "rate": WIRE_RATE}
Message = dict[str, Any]


class RealtimeError(DuplexSLAError):
    """The service said that something is wrong."""

    code = "realtime"


class RealtimeTurns:
    """`take` the service's events, `append_audio` is the user's; `play` is one chunk of time."""

    def __init__(self) -> None:
        self._up = soxr.ResampleStream(SAMPLE_RATE, WIRE_RATE, 1, dtype="int16")
        self._down = soxr.ResampleStream(WIRE_RATE, SAMPLE_RATE, 1, dtype="int16")
        self._queue = np.zeros(0, np.int16)  # 16 kHz, not played yet
        self._item, self._played = "", 0  # what is being played, and how many samples of it were
        self._names: dict[str, str] = {}  # functions by item, for services that name them first
        self._answered = False  # a call's outcome was sent and no response requested yet
        self._chunk = 0
        self._calls: list[LoggedCall] = []
        self._transcript, self._said = "", ""

    def opening(self, toolset: Toolset, *, turn_detection: Mapping[str, Any]) -> Message:
        """What the session is: sound both ways, the toolset's functions."""
        tools = [
            {
                "type": "function",
                "name": each.name,
                "description": each.description,
                "parameters": each.json_schema(),
            }
            for each in toolset.functions
        ]
        audio = {
            "input": {"format": FORMAT, "turn_detection": dict(turn_detection)},
            "output": {"format": FORMAT},
        }
        session = {"type": "realtime", "output_modalities": ["audio"], "audio": audio, "tools": tools}
        return {"type": "session.update", "session": session}

    def history(self, turns: Sequence[CaseTurn]) -> Iterator[Message]:
        """The dialogue so far, as text: the service takes no sound of its own.

        It is asked for the rest of what the assistant is in the midst of saying.
        """
        for turn in turns:
            yield _item("user", "input_text", turn.user)
            yield _item("assistant", "output_text", turn.assistant)
            if turn.rest:
                say = f"Go on in the middle of your sentence. Say these words and no others: {turn.rest}"
                yield {"type": "response.create", "response": {"instructions": say}}

    def append_audio(self, samples: Samples) -> Message:
        sound = self._up.resample_chunk(samples)
        return {"type": "input_audio_buffer.append", "audio": base64.b64encode(sound.tobytes()).decode()}

    def take(self, event: Mapping[str, Any]) -> list[Message]:
        """What to answer to an event of the service. Raises RealtimeError for its errors."""
        kind = str(event["type"]).replace("response.audio", "response.output_audio")
        handle = {
            "error": self._error,
            "input_audio_buffer.speech_started": self._interrupted,
            "response.output_item.added": self._on_item,
            "response.output_audio.delta": self._sound,
            "response.output_audio_transcript.delta": self._on_words,
            "conversation.item.input_audio_transcription.completed": self._on_transcript,
            "response.function_call_arguments.done": self._call,
            "response.done": self._done,
        }.get(kind)
        return handle(event) if handle else []

    def play(self) -> Output:
        """The next 160 ms of what the service has said, and what else came since the last chunk."""
        sound = self._queue[:CHUNK_SAMPLES]
        self._queue = self._queue[CHUNK_SAMPLES:]
        self._played += len(sound)
        output = Output(
            np.pad(sound, (0, CHUNK_SAMPLES - len(sound))),
            calls=tuple(self._calls),
            transcript=self._transcript,
            said=self._said,
        )
        self._chunk += 1
        self._calls, self._transcript, self._said = [], "", ""
        return output

    def _error(self, event: Mapping[str, Any]) -> list[Message]:
        raise RealtimeError(str(event.get("error", {}).get("message", event)))

    def _interrupted(self, event: Mapping[str, Any]) -> list[Message]:
        if not len(self._queue):
            return []
        self._queue = self._queue[:0]
        played_ms = self._played * 1_000 // SAMPLE_RATE
        cut = {"item_id": self._item, "content_index": 0, "audio_end_ms": played_ms}
        return [{"type": "conversation.item.truncate", **cut}]

    def _on_item(self, event: Mapping[str, Any]) -> list[Message]:
        item = event["item"]
        if item.get("type") == "function_call":
            self._names[item["id"]] = item["name"]
        return []

    def _sound(self, event: Mapping[str, Any]) -> list[Message]:
        if event.get("item_id", "") != self._item:
            self._item, self._played = event.get("item_id", ""), 0
        wire = np.frombuffer(base64.b64decode(event["delta"]), "<i2")
        self._queue = np.concatenate([self._queue, self._down.resample_chunk(wire)])
        return []

    def _on_words(self, event: Mapping[str, Any]) -> list[Message]:
        self._said += event["delta"]
        return []

    def _on_transcript(self, event: Mapping[str, Any]) -> list[Message]:
        self._transcript += event["transcript"]
        return []

    def _call(self, event: Mapping[str, Any]) -> list[Message]:
        """A call is there when its arguments are: such a service plans nothing aloud before."""
        name = event.get("name") or self._names.get(event.get("item_id", ""), "")
        self._calls.append(LoggedCall(name, _arguments(event["arguments"]), self._chunk, self._chunk))
        self._answered = True
        output = {"type": "function_call_output", "call_id": event.get("call_id", ""), "output": "done"}
        return [{"type": "conversation.item.create", "item": output}]

    def _done(self, event: Mapping[str, Any]) -> list[Message]:
        answered, self._answered = self._answered, False
        return [{"type": "response.create"}] if answered else []


def _item(role: str, kind: str, text: str) -> Message:
    content = [{"type": kind, "text": text}]
    return {
        "type": "conversation.item.create",
        "item": {"type": "message", "role": role, "content": content},
    }


def _arguments(text: str) -> dict[str, Any]:
    """What is no JSON object agrees with nothing."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"": text}
