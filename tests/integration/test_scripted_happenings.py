"""What happens at home, told by the executor through Kafka and Redis, read by a model on the real Triton.

One conversation for each line that no action of its own session leads to. All are held at once, on the live
clock, each in a home of its own; the model is a script that says what the table has as an example.
"""

import asyncio
import json
import urllib.parse
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from tests.support.load_shedding import shedding_nothing
from tests.support.scripted_calls import HAPPENINGS, SLOTS, TOOLSETS, ScriptedSite, Told, talk
from tests.support.scripted_decoder.script import Line, naming_chunk
from tests.support.scripted_decoder.weights import scripted_weights

from duplexsla.client import Client, connect
from duplexsla.local import services, triton
from duplexsla.local.process import Process
from duplexsla.protocol.channel_lines import LINES
from duplexsla.session.store.room_hints import RedisRoomHints
from duplexsla.v1.home_pb2 import COMMAND_START
from duplexsla.v1.session_pb2 import NOTICE_KIND_DECODER_CHANGED

pytestmark = pytest.mark.integration

FOR_EVER_MS = 2**62
PATIENCE_S = 30.0
ELSEWHERE_CHUNKS = 12  # by then a script has said its word


@dataclass(frozen=True)
class HomeSide:
    """The home of one conversation, for those who live there."""

    site: ScriptedSite
    home: str
    client: Client

    async def by_hand(self, entity: str, **given: Any) -> None:
        await self._send("PUT", f"entities/{urllib.parse.quote(entity)}/state", given)

    async def start_timer(self, name: str, seconds: float) -> None:
        command = {"effect_id": f"{self.home}-timer", "entity": "timers", "command": COMMAND_START}
        asked = {"expires_at_ms": FOR_EVER_MS, "fence": 1, "number": seconds, "text": name}
        await self._send("POST", "commands", command | asked)

    async def _send(self, method: str, path: str, body: dict[str, Any]) -> None:
        request = urllib.request.Request(
            f"http://{self.site.addresses['home']}/homes/{self.home}/{path}",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
            method=method,
        )
        await asyncio.to_thread(lambda: urllib.request.urlopen(request).close())


async def open_door(side: HomeSide) -> None:
    await side.by_hand("door/front door", open=True)


async def open_and_close(side: HomeSide) -> None:
    await open_door(side)
    await side.by_hand("door/front door", open=False)


async def turn_on(side: HomeSide) -> None:
    await side.by_hand("kitchen/light", on=True)


async def turn_on_and_off(side: HomeSide) -> None:
    await turn_on(side)
    await side.by_hand("kitchen/light", on=False)


async def raise_alarm(side: HomeSide) -> None:
    await side.by_hand("alarm", triggered="smoke kitchen")


async def cook(side: HomeSide) -> None:
    await side.start_timer("pasta", 0.5)


async def tell_everyone(side: HomeSide) -> None:
    """Somebody in another room."""
    async with side.client.converse(side.home, attention="always", room="hallway", clock="file") as messenger:
        spoken = await talk(messenger, "happening messenger")
    assert spoken.states == ["done"] and spoken.written.count(" [") == 1, spoken.written


async def nothing(side: HomeSide) -> None:
    """The script asks for it."""


DEEDS: dict[str, Callable[[HomeSide], Awaitable[None]]] = {
    "opened": open_door,
    "closed": open_and_close,
    "turned_on": turn_on,
    "turned_off": turn_on_and_off,
    "alarm": raise_alarm,
    "timer_over": cook,
    "reminder": nothing,
    "wake_alarm": nothing,
    "broadcast": tell_everyone,
}


async def listen(side: HomeSide, hints: RedisRoomHints, kind: str) -> Told:
    """Until the model has read the line, and said what it is to say."""
    line, _, said = HAPPENINGS[kind].partition("|")
    told, acting = Told(), None
    async with side.client.converse(side.home, attention="always", room="kitchen") as conversation:
        await conversation.send(naming_chunk(f"happening {kind}"))
        with suppress(TimeoutError):  # what it has read by then shows what is missing
            async with asyncio.timeout(PATIENCE_S):
                async for message in conversation:
                    told.messages.append(message)
                    if acting is None and await hints.places(side.home, now_ms=0):
                        acting = asyncio.create_task(DEEDS[kind](side))
                    if line in told.written and said in told.said:
                        break
        assert acting is not None, kind
        await acting
    return told


@pytest.fixture(scope="module")
def told(scripted: ScriptedSite, redis_url: str) -> Iterator[dict[str, Told]]:
    homes = {kind: f"happening-{number}" for number, kind in enumerate(DEEDS)}
    for home in homes.values():
        scripted.home(home)
    executor = services.start_executor(scripted.folder / "happenings", scripted.addresses)
    (gateway,) = scripted.gateways(1)
    try:
        yield asyncio.run(_listen_all(scripted, gateway, redis_url, homes))
    finally:
        executor.stop()


async def _listen_all(
    site: ScriptedSite, gateway: Process, redis_url: str, homes: dict[str, str]
) -> dict[str, Told]:
    hints = RedisRoomHints(redis_url)
    async with connect(gateway.address) as client, asyncio.TaskGroup() as group:
        talks = {
            kind: group.create_task(listen(HomeSide(site, home, client), hints, kind))
            for kind, home in homes.items()
        }
    await hints.close()
    return {kind: each.result() for kind, each in talks.items()}


@pytest.mark.parametrize("kind", DEEDS)
def test_what_happens_is_read_once_and_answered_as_the_table_has_it(told: dict[str, Told], kind: str) -> None:
    line, _, said = HAPPENINGS[kind].partition("|")
    assert told[kind].written.count(line) == 1, told[kind].written
    assert told[kind].said == said
    assert bool(said) == (LINES[kind].expected in ("say", "ask"))


def test_a_session_that_goes_on_with_another_model_tells_it_the_newest_words(scripted: ScriptedSite) -> None:
    """A decoder of other weights drains; its session goes to the one that all share, between two words."""
    folder = scripted.folder / "other-model"
    script = [Line(at=1, write=" kitchen light<response>", say="okay")]
    weights = scripted_weights(folder / "weights", {"other": script}, toolsets=TOOLSETS)
    decoder = triton.start(folder, weights=weights, parameters={"slots": str(SLOTS)}).process
    others = {name: address for name, address in scripted.addresses.items() if name != "home"}
    both = {"triton": f"{decoder.address},{scripted.addresses['triton']}"}
    with shedding_nothing():
        gateway = services.start_gateway(folder, others | both, slots=SLOTS)
    try:
        told = asyncio.run(_move(gateway, decoder))
    finally:
        gateway.stop()
        decoder.stop()
    assert told.said == "okay" and told.written.count(" [ before kitchen light you okay]") == 1
    (changed,) = [each.notice for each in told.messages if each.notice.kind == NOTICE_KIND_DECODER_CHANGED]
    assert "another model" in changed.detail
    chunks = [each.chunk.index for each in told.messages if each.HasField("chunk")]
    assert chunks == list(range(len(chunks)))


async def _move(gateway: Process, decoder: Process) -> Told:
    """What a client is told whose session began on this decoder."""
    draining: asyncio.Task[None] | None = None
    async with connect(gateway.address) as client, asyncio.timeout(2 * PATIENCE_S):
        while True:
            told = Told()
            async with client.converse("other-model", attention="always") as conversation:
                await conversation.send(naming_chunk("other"))
                async for message in conversation:
                    told.messages.append(message)
                    if draining is None and told.said == "okay":
                        draining = asyncio.create_task(asyncio.to_thread(_drain, decoder))
                    if " [ before" in told.written and "]" in told.written.rpartition(" [ before")[2]:
                        assert draining is not None
                        await draining
                        return told
                    if draining is None and told.chunks > ELSEWHERE_CHUNKS:
                        break  # it is on the other decoder


def _drain(decoder: Process) -> None:
    request = urllib.request.Request(f"http://{decoder.control}/drain?deadline_s=20", method="POST")
    urllib.request.urlopen(request, timeout=PATIENCE_S).close()
