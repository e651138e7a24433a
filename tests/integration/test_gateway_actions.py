"""Gateway, Triton (a script that asks for a light), Kafka, executor and home, each as its own process."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.support.load_shedding import shedding_nothing
from tests.support.scripted_calls import ScriptedSite
from tests.support.scripted_decoder.script import naming_chunk

from duplexsla.cli.home_view import HomeView
from duplexsla.client import connect, play
from duplexsla.clock import SILENCE
from duplexsla.errors import UnknownHome
from duplexsla.local import services
from duplexsla.local.process import Process, until
from duplexsla.telemetry import names, read_spans
from duplexsla.v1.action_pb2 import OUTCOME_STATE_DONE
from duplexsla.v1.session_pb2 import ConverseResponse

pytestmark = pytest.mark.integration

HEARD = naming_chunk("kitchen light") + 29 * SILENCE
SPANS_S = 10.0  # for all services to have written theirs


@dataclass(frozen=True)
class Site:
    gateway: Process
    home_address: str
    folders: tuple[Path, ...]

    def spans(self) -> dict[str, dict[str, Any]]:
        """Of all services, by id."""
        files = [file for folder in self.folders for file in folder.rglob("*.jsonl")]
        return {str(span["span_id"]): dict(span) for file in files for span in read_spans(file)}


@pytest.fixture(scope="module")
def site(scripted: ScriptedSite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Its gateway knows the directory of homes, which the others of the scripted site do not."""
    workdir = tmp_path_factory.mktemp("site")
    executor = services.start_executor(workdir / "executor", scripted.addresses)
    with shedding_nothing():
        gateway = services.start_gateway(workdir / "gateway", scripted.addresses, slots=4)
    yield Site(gateway, scripted.addresses["home"], (scripted.folder, workdir))
    dead = [process for process in (gateway, executor) if not process.alive()]
    told = "\n".join(f"{process.name} ended by itself:\n{process.tail()}" for process in dead)
    for process in (gateway, executor):
        process.stop()
    assert not dead, told


async def _call(address: str, home: str) -> list[ConverseResponse]:
    async with connect(address) as client, client.converse(home, clock="file") as conversation:
        playing = asyncio.create_task(play(conversation, HEARD, paced=False))
        responses = [response async for response in conversation]
        await playing
        return responses


def test_two_calls_at_once_move_only_their_own_homes(site: Site) -> None:
    homes = {name: HomeView(site.home_address, name) for name in ("left", "right", "neither")}
    for home in homes.values():
        home.create()

    async def both() -> list[list[ConverseResponse]]:
        return await asyncio.gather(*(_call(site.gateway.address, name) for name in ("left", "right")))

    for name, responses in zip(("left", "right"), asyncio.run(both()), strict=True):
        asked = {action.id for response in responses for action in response.chunk.actions}
        outcomes = [response.outcome for response in responses if response.HasField("outcome")]
        done = {outcome.action_id for outcome in outcomes if outcome.state == OUTCOME_STATE_DONE}
        assert asked and {outcome.action_id for outcome in outcomes} == asked
        assert {outcome.home for outcome in outcomes} == {name}
        assert {effect["action_id"] for effect in homes[name].effects()} == done == asked
    assert homes["neither"].effects() == []


def test_a_trace_leads_from_the_step_to_the_decoder_and_to_the_devices_answer(site: Site) -> None:
    HomeView(site.home_address, "traced").create()
    responses = asyncio.run(_call(site.gateway.address, "traced"))
    action = next(action for response in responses for action in response.chunk.actions)

    def device_calls() -> list[dict[str, Any]]:
        calls = [span for span in site.spans().values() if span["name"] == names.SPAN_DEVICE]
        return [span for span in calls if action.id in span["attributes"].values()]

    assert until(lambda: bool(device_calls()), SPANS_S)
    assert until(lambda: bool(_walk(site.spans(), device_calls()[0])), SPANS_S)
    step_id = _walk(site.spans(), device_calls()[0])
    assert until(lambda: _decoded(site.spans(), step_id), SPANS_S)


def test_a_home_that_does_not_exist_is_refused_before_a_slot_is_taken(site: Site) -> None:
    with pytest.raises(UnknownHome):
        asyncio.run(_call(site.gateway.address, "no-such-home"))


def _walk(spans: dict[str, dict[str, Any]], span: dict[str, Any]) -> str:
    """Up by parents and links to the step; its id, or "" while a span on the way is not written yet."""
    seen = []
    while span["name"] != names.SPAN_STEP:
        seen.append(span["name"])
        above = span["parent_id"] or span["links"][0]["span_id"]
        if above not in spans:
            return ""
        span = spans[above]
    assert seen[0] == names.SPAN_DEVICE and names.SPAN_PROCESS in seen and seen[-1] == names.SPAN_PUBLISH
    return str(span["span_id"])


def _decoded(spans: dict[str, dict[str, Any]], step_id: str) -> bool:
    decoded = [span for span in spans.values() if span["name"] == names.SPAN_DECODER_STEP]
    return any(span["parent_id"] == step_id for span in decoded)
