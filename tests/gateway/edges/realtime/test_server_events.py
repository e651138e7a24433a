"""What a client is told of chunks: when a turn and a response begin and end, and what interrupts."""

from collections.abc import Sequence
from typing import Any

import pytest

from duplexsla.clock import CHUNK_BYTES
from duplexsla.gateway.edges.realtime.event_checks import EventRefused
from duplexsla.gateway.edges.realtime.server_events import PAUSE_CHUNKS, QUIET_CHUNKS, ServerEvents
from duplexsla.v1.session_pb2 import LABEL_BACKCHANNEL, LABEL_INTERRUPT, LABEL_RESPONSE, Chunk, Label

TONE = b"\1\2" * (CHUNK_BYTES // 2)


class Heard:
    """A conversation, a chunk at a time; `kinds` are the events that were told last."""

    def __init__(self, output: tuple[str, int] = ("pcm_s16le", 24_000)) -> None:
        self.told, self.index = ServerEvents("s", output), 0
        self.events: list[dict[str, Any]] = []

    def chunk(self, sound: bytes = b"", text: str = "", words: str = "", *labels: Label) -> list[str]:
        given = Chunk(index=self.index, sound=sound, text=text, transcript=words, labels=labels)
        self.index += 1
        events = self.told.of_chunk(given)
        self.events += events
        return _kinds(events)

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["type"] == kind]


def _kinds(events: Sequence[dict[str, Any]]) -> list[str]:
    return [event["type"] for event in events]


def test_a_turn_then_a_response_that_ends_after_a_pause() -> None:
    here = Heard()
    assert here.chunk() == []
    assert here.chunk(words=" kitchen")[0] == "input_audio_buffer.speech_started"
    assert "input_audio_buffer.committed" in here.chunk(b"", "", " light", LABEL_RESPONSE)
    assert here.chunk(TONE, " okay")[0] == "response.created"
    for _ in range(PAUSE_CHUNKS - 1):
        assert here.chunk() == ["response.output_audio.delta"]
    assert here.chunk()[-1] == "response.done"
    assert here.chunk() == []
    (completed,) = here.of("conversation.item.input_audio_transcription.completed")
    assert completed["transcript"] == "kitchen light"
    (done,) = here.of("response.done")
    assert done["response"]["status"] == "completed"
    assert done["response"]["output"][0]["content"] == [{"type": "output_audio", "transcript": "okay"}]
    assert {len(event["delta"]) for event in here.of("response.output_audio.delta")} == {7_680}


def test_words_in_a_response_interrupt_it_only_when_the_model_says_so() -> None:
    here = Heard()
    here.chunk(TONE, " one")
    assert here.chunk(TONE, " two", " mhm") == [
        "response.output_audio_transcript.delta",
        "response.output_audio.delta",
    ]
    here.chunk(TONE, "", "", LABEL_BACKCHANNEL)
    here.chunk(TONE, " three", " wait")
    kinds = here.chunk(TONE, " four", "", LABEL_INTERRUPT)
    assert kinds[0] == "input_audio_buffer.speech_started" and kinds[-1] == "response.done"
    assert here.told.turn is not None and here.told.turn.words == " wait", "not what was feedback"
    (done,) = here.of("response.done")
    assert done["response"]["status_details"] == {"type": "cancelled", "reason": "turn_detected"}
    assert here.chunk(TONE, " five") == [], "the rest of what was interrupted"
    assert "response.created" in here.chunk(TONE, " yes", "", LABEL_RESPONSE)


def test_what_was_said_in_a_response_that_went_on_is_a_turn_after_it() -> None:
    here = Heard()
    here.chunk(TONE, " one")
    here.chunk(TONE, " two", " and the lamp")
    kinds = [kind for _ in range(PAUSE_CHUNKS) for kind in here.chunk()]
    assert kinds.index("response.done") < kinds.index("input_audio_buffer.speech_started")
    ended = [kind for _ in range(QUIET_CHUNKS) for kind in here.chunk()]
    assert ended[-1] == "conversation.item.input_audio_transcription.completed"


def test_a_truncated_item_keeps_what_was_heard_and_says_where_it_was_cut() -> None:
    here = Heard(("mu_law", 8_000))
    for word in (" one", " two", " three"):
        here.chunk(TONE, word)
    item = here.of("response.output_audio.delta")[0]["item_id"]
    heard = here.told.truncate(item, 200)
    assert heard is not None and (heard.chunk, heard.samples) == (1, 640)
    assert here.told.items.get(item).value["content"][0]["transcript"] == "one two"
    assert here.told.truncate(item, 10_000) is None, "all of it was heard"
    with pytest.raises(EventRefused):
        here.told.truncate("other", 0)
    assert {len(event["delta"]) for event in here.of("response.output_audio.delta")} == {1_280}
