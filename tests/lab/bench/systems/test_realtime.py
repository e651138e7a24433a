"""The adapter for realtime services: its turns alone, and all of it against a stand-in on a real socket."""

import base64
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from duplexsla.errors import Retriable
from duplexsla.tools import TOOLSETS
from duplexsla_lab.bench.case import CaseTurn
from duplexsla_lab.bench.event_log import LoggedCall
from duplexsla_lab.bench.systems.realtime import RealtimeSystem
from duplexsla_lab.bench.systems.realtime_turns import RealtimeError, RealtimeTurns
from duplexsla_lab.bench.systems.reference import SILENCE
from duplexsla_lab.bench.voice_activity import Detector

TONE = (8_000 * np.sin(np.arange(24_000) / 10)).astype("<i2")  # 1 s at 24 kHz


def sound(seconds: float, item: str = "a", name: str = "response.output_audio.delta") -> dict[str, Any]:
    audio = np.tile(TONE, 5)[: int(24_000 * seconds)].tobytes()
    return {"type": name, "item_id": item, "delta": base64.b64encode(audio).decode()}


def call(**more: str) -> dict[str, Any]:
    arguments = '{"device": "light"}'
    return {"type": "response.function_call_arguments.done", "arguments": arguments, "call_id": "c1", **more}


def loud(turns: RealtimeTurns, chunks: int) -> list[bool]:
    return Detector().chunks(np.concatenate([turns.play().sound for _ in range(chunks)]))


@pytest.mark.parametrize("name", ["response.output_audio.delta", "response.audio.delta"])
def test_sound_that_comes_at_once_is_played_in_its_time(name: str) -> None:
    turns = RealtimeTurns()
    assert turns.take(sound(0.8, name=name)) == []
    assert loud(turns, 7) == [True] * 5 + [False] * 2


def test_what_was_not_played_when_the_user_speaks_is_truncated_and_reported() -> None:
    turns = RealtimeTurns()
    turns.take(sound(0.5, "before"))
    loud(turns, 4)
    turns.take(sound(2.0, "a"))
    loud(turns, 2)
    (told,) = turns.take({"type": "input_audio_buffer.speech_started"})
    assert told == {
        "type": "conversation.item.truncate",
        "item_id": "a",
        "content_index": 0,
        "audio_end_ms": 320,
    }
    assert not any(loud(turns, 3))
    assert turns.take({"type": "input_audio_buffer.speech_started"}) == []


@pytest.mark.parametrize("named_first", [False, True])
def test_a_call_is_logged_at_its_chunk_answered_and_followed_by_a_response(named_first: bool) -> None:
    turns = RealtimeTurns()
    loud(turns, 3)
    if named_first:
        item = {"id": "i1", "type": "function_call", "name": "open_home_device"}
        assert turns.take({"type": "response.output_item.added", "item": item}) == []
    (told,) = turns.take(call(item_id="i1") if named_first else call(name="open_home_device"))
    assert told["item"] == {"type": "function_call_output", "call_id": "c1", "output": "done"}
    assert turns.take({"type": "response.done"}) == [{"type": "response.create"}]
    assert turns.take({"type": "response.done"}) == []
    assert turns.play().calls == (LoggedCall("open_home_device", {"device": "light"}, 3, 3),)
    assert turns.play().calls == ()


def test_arguments_that_are_no_object_are_kept_and_match_nothing() -> None:
    turns = RealtimeTurns()
    turns.take({**call(name="f"), "arguments": "[1"})
    assert turns.play().calls[0].arguments == {"": "[1"}


def test_words_of_both_sides_come_out_once() -> None:
    turns = RealtimeTurns()
    turns.take({"type": "response.output_audio_transcript.delta", "delta": "sure"})
    turns.take({"type": "conversation.item.input_audio_transcription.completed", "transcript": "the light"})
    output = turns.play()
    assert (output.said, output.transcript) == ("sure", "the light")
    assert turns.play().said == ""


def test_an_error_of_the_service_is_raised_and_what_is_not_known_is_passed_over() -> None:
    turns = RealtimeTurns()
    assert turns.take({"type": "rate_limits.updated"}) == []
    with pytest.raises(RealtimeError, match="no such model"):
        turns.take({"type": "error", "error": {"message": "no such model"}})


def test_the_session_offers_every_function_and_the_history_is_text() -> None:
    turns = RealtimeTurns()
    session = turns.opening(TOOLSETS["home"], turn_detection={"type": "server_vad"})["session"]
    assert [tool["name"] for tool in session["tools"]] == list(TOOLSETS["home"].function_names)
    assert session["audio"]["input"]["turn_detection"] == {"type": "server_vad"}
    roles = [message["item"]["role"] for message in turns.history([CaseTurn("hello", "good evening")])]
    assert roles == ["user", "assistant"]


def test_a_sentence_that_is_not_over_is_asked_for() -> None:
    *_, last = RealtimeTurns().history([CaseTurn("tell me about bees", "bees are", rest="very small")])
    assert last["type"] == "response.create" and last["response"]["instructions"].endswith(": very small")


def test_the_users_audio_is_sent_whole_at_the_services_rate() -> None:
    turns = RealtimeTurns()
    heard = [base64.b64decode(turns.append_audio(SILENCE)["audio"]) for _ in range(20)]
    assert sum(map(len, heard)) / 2 == pytest.approx(20 * 0.16 * 24_000, rel=0.02)


@contextmanager
def stand_in(answer: Callable[[ServerConnection, dict[str, Any]], None]) -> Iterator[tuple[str, list[Any]]]:
    """A service on a real socket that answers every message; its address, and what it was sent."""
    sent: list[Any] = []

    def converse(wire: ServerConnection) -> None:
        try:
            for text in wire:
                sent.append(json.loads(text))
                answer(wire, sent[-1])
        except ConnectionClosed:
            pass

    with serve(converse, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        port = server.socket.getsockname()[1]
        yield f"ws://127.0.0.1:{port}/v1/realtime", sent
        server.shutdown()
        thread.join(timeout=10)


def test_a_conversation_with_a_stand_in() -> None:
    """It answers the second chunk that it hears with speech and a call."""
    heard = []

    def answer(wire: ServerConnection, message: dict[str, Any]) -> None:
        if message["type"] == "input_audio_buffer.append":
            heard.append(message)
            if len(heard) == 2:
                for event in (sound(0.32), call(name="open_home_device"), {"type": "response.done"}):
                    wire.send(json.dumps(event))

    with stand_in(answer) as (url, sent):
        system = RealtimeSystem(url)
        system.reset("home")
        system.prefill([CaseTurn("hello", "good evening")])
        outputs = [system.step(SILENCE) for _ in range(6)]
        system.close()
    kinds = [message["type"] for message in sent]
    assert kinds[:3] == ["session.update", "conversation.item.create", "conversation.item.create"]
    assert kinds.count("input_audio_buffer.append") == 6 and kinds.count("response.create") == 1
    assert Detector().chunks(np.concatenate([output.sound for output in outputs])).count(True) == 2
    assert not outputs[0].sound.any() and not outputs[1].sound.any()
    assert [each.function for output in outputs for each in output.calls] == ["open_home_device"]


def test_a_service_that_leaves_is_the_reason() -> None:
    with stand_in(lambda wire, message: wire.close()) as (url, _):
        system = RealtimeSystem(url)
        system.reset("home")
        with pytest.raises(Retriable, match="ended the conversation"):
            for _ in range(5):
                system.step(SILENCE)
        system.close()


def test_no_service_is_retriable() -> None:
    with pytest.raises(Retriable, match="does not answer"):
        RealtimeSystem("ws://127.0.0.1:1/v1/realtime").reset("home")
