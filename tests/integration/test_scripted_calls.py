"""Conversations whose model is a script, through the real Triton, Kafka, Redis, executor and home."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from tests.support.load_shedding import shedding_nothing
from tests.support.scripted_decoder.script import Line, call, naming_chunk
from tests.support.scripted_decoder.weights import scripted_weights

from duplexsla.cli.home_view import HomeView
from duplexsla.client import connect, play
from duplexsla.clock import SILENCE
from duplexsla.enum_names import enum_name
from duplexsla.local import services, triton
from duplexsla.local.process import Process
from duplexsla.protocol.channel_lines import outcome_text
from duplexsla.v1.action_pb2 import OutcomeState
from duplexsla.v1.session_pb2 import ConverseResponse

pytestmark = pytest.mark.integration

CHUNKS = 40
SCRIPTS = {
    "done": [
        Line(at=2, write=f" kitchen light{call('open_home_device', device='light', room='kitchen')}"),
        Line(after=outcome_text("done"), write=" ( the light is on)", say="the light is on"),
    ],
    "told": [
        Line(at=1, write=call("query_home_device", device="thermostat", property="temperature")),
        Line(after=" [ done 21 degrees]", say="it is twenty one degrees"),
    ],
    "failed": [
        Line(at=1, write=call("cancel_timer", name="pasta")),
        Line(after=outcome_text("failed"), say="no timer runs"),
    ],
}


@dataclass(frozen=True)
class Site:
    gateway: Process
    home: Process


@pytest.fixture(scope="module")
def site(redis: Process, kafka: Process, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    workdir = tmp_path_factory.mktemp("scripted")
    weights = scripted_weights(workdir / "weights", SCRIPTS)
    decoder = triton.start(workdir, weights=weights, parameters={"slots": "8"}).process
    home = services.start_home(workdir / "home")
    parts = {"redis": redis, "kafka": kafka, "triton": decoder, "home": home}
    addresses = {name: part.address for name, part in parts.items()}
    executor = services.start_executor(workdir / "executor", addresses)
    with shedding_nothing():
        gateway = services.start_gateway(workdir / "gateway", addresses, slots=8)
    yield Site(gateway, home)
    for process in (gateway, executor, home, decoder):
        process.stop()


async def _converse(address: str, home: str, script: str) -> list[ConverseResponse]:
    heard = naming_chunk(script) + SILENCE * CHUNKS
    async with connect(address) as client, client.converse(home) as conversation:
        playing = asyncio.create_task(play(conversation, heard, paced=True))
        responses = [response async for response in conversation]
        await playing
        return responses


def _said(responses: list[ConverseResponse]) -> str:
    return "".join(each.chunk.text for each in responses if each.HasField("chunk")).strip()


def _states(responses: list[ConverseResponse]) -> list[str]:
    outcomes = [each.outcome for each in responses if each.HasField("outcome")]
    return [enum_name(OutcomeState, outcome.state) for outcome in outcomes]


def _written(responses: list[ConverseResponse]) -> str:
    return "".join(each.chunk.action_channel for each in responses if each.HasField("chunk"))


@pytest.mark.parametrize(
    ("script", "states", "line", "said"),
    [
        ("done", ["done"], " [ done]", "the light is on"),
        ("told", ["done"], " [ done 21 degrees]", "it is twenty one degrees"),
        ("failed", ["failed"], " [ failed]", "no timer runs"),
    ],
)
def test_a_call_has_its_outcome_and_the_model_is_told(
    site: Site, script: str, states: list[str], line: str, said: str
) -> None:
    home = f"scripted-{script}"
    HomeView(site.home.address, home).create()
    responses = asyncio.run(_converse(site.gateway.address, home, script))
    assert _states(responses) == states
    assert line in _written(responses) and _said(responses) == said
    moved = [effect["action_id"] for effect in HomeView(site.home.address, home).effects()]
    assert len(moved) == (script != "failed")  # a question is logged, too
