"""The official Python client at /v1/realtime: asks for the kitchen light from a WAV, hears, sees, interrupts.

The decoder behind the real Triton follows a script; executor, home, Kafka and Redis are the real ones.
"""

import json
import subprocess
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.conformance.environments import install
from tests.support.load_shedding import shedding_nothing
from tests.support.scripted_calls import TOOLSETS
from tests.support.scripted_decoder.script import Line, call
from tests.support.scripted_decoder.weights import scripted_weights

from duplexsla.audio.conversion import OutputConverter
from duplexsla.audio.wav import read_wav
from duplexsla.cli.home_view import HomeView
from duplexsla.clock import CHUNK_BYTES
from duplexsla.local import kafka, redis, services, triton
from duplexsla.local.process import free_port
from duplexsla.protocol import tokens
from duplexsla.protocol.topics import PARTITIONS
from duplexsla.runtime.checkout import ROOT

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(300)]

HERE = Path(__file__).parent
VERSION = "3.57.0"
REPLY = "the kitchen light is on and what else may i do for you"  # a word in 160 ms
SCRIPT = [
    Line(at=6, write=f" kitchen light{call('open_home_device', device='light', room='kitchen')}"),
    Line(after="]", write=tokens.RESPONSE, say=REPLY),
    Line(at=5, write=f"{tokens.INTERRUPT} wait"),
    Line(at=14, write=tokens.RESPONSE, say="yes what is it"),
]


@pytest.fixture(scope="module")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, HomeView]]:
    """Of a gateway with all that stands behind it, and its home."""
    folder = tmp_path_factory.mktemp("openai")
    weights = scripted_weights(folder / "weights", {"default": SCRIPT}, toolsets=TOOLSETS)
    parts = {
        "redis": redis.start(folder / "redis"),
        "kafka": kafka.start(folder / "kafka", topics=PARTITIONS),
    }
    try:
        parts["triton"] = triton.start(folder, weights=weights, parameters={"slots": "4"}).process
        parts["home"] = services.start_home(folder / "home")
        addresses = {name: part.address for name, part in parts.items()}
        parts["executor"] = services.start_executor(folder / "executor", addresses)
        view = HomeView(addresses.pop("home"), "openai")
        view.create()
        realtime = f"127.0.0.1:{free_port()}"
        with shedding_nothing():
            parts["gateway"] = services.start_gateway(
                folder / "gateway", addresses, slots=4, realtime=realtime
            )
        yield f"http://{realtime}/homes/openai/v1", view
    finally:
        for process in reversed(parts.values()):
            process.stop()


def speech(folder: Path) -> Path:
    """The recording that ships, as the protocol has it: 24 kHz."""
    samples = read_wav(ROOT / "examples" / "turn_on_the_kitchen_light.wav")
    converter, path = OutputConverter("pcm_s16le", 24_000, 1), folder / "speech.wav"
    whole = samples.ljust(-(-len(samples) // CHUNK_BYTES) * CHUNK_BYTES, b"\0")
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 24_000, 0, "NONE", ""))
        for start in range(0, len(whole), CHUNK_BYTES):
            file.writeframes(converter.push_chunk(whole[start : start + CHUNK_BYTES]))
    return path


def test_the_kitchen_light(base_url: tuple[str, HomeView], tmp_path: Path) -> None:
    url, home = base_url
    python = install(f"openai-{VERSION}", HERE / "openai.lock") / "bin" / "python"
    done = subprocess.run(
        [python, HERE / "openai_caller.py", url, speech(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        env={},
    )
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    kinds = [event["type"] for event in events]
    assert not {"error"} & set(kinds), events
    unknown = {event["parsed_as"] for event in events if not event["parsed_as"].endswith("Event")}
    assert unknown <= {"ConversationItemAdded", "ConversationItemDone"}, "the client's own classes"
    _check_the_call(events)
    first, second = (event["response"] for event in events if event["type"] == "response.done")
    assert first["status"] == "cancelled" and first["status_details"]["reason"] == "turn_detected"
    assert second["status"] == "completed"
    heard = sum(event["bytes"] for event in events if event["type"] == "response.output_audio.delta")
    assert heard >= 7_680 * 8
    said = first["output"][0]["content"][0]["transcript"]
    assert said and REPLY.startswith(said)
    turns = [event["transcript"] for event in events if event["type"].endswith("transcription.completed")]
    assert turns[0] == "kitchen light" and "wait" in turns[1]
    assert home.devices()["kitchen/light"]["power"] == "on"


def _check_the_call(events: list[dict[str, Any]]) -> None:
    """The call and its outcome are items that name each other."""
    items = [event["item"] for event in events if event["type"] == "conversation.item.done"]
    (made,) = [item for item in items if item["type"] == "function_call"]
    (told,) = [item for item in items if item["type"] == "function_call_output"]
    assert made["name"] == "open_home_device"
    assert json.loads(made["arguments"]) == {"device": "light", "room": "kitchen"}
    assert told["call_id"] == made["call_id"] and json.loads(told["output"])["state"] == "done"
