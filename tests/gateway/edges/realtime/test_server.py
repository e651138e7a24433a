"""Realtime clients against a whole gateway: what they are told for what they send, also for what is none."""

import asyncio
import base64
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.support.fake_decoder import FakeDecoder, Held, Reply
from tests.support.gateway_process import World, until, world
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from duplexsla.errors import NotAuthenticated
from duplexsla.gateway.call.call import Timeouts
from duplexsla.gateway.edges.realtime.client_events import MOST_REFUSED
from duplexsla.gateway.edges.realtime.server import RealtimeServer
from duplexsla.protocol import tokens
from duplexsla.protocol.actions import call_text
from duplexsla.security.access import AccessControl
from duplexsla.security.principal import ANYBODY, Principal

LAMP = (tokens.TOOLCALL_BEGIN, call_text("open_home_device", {"device": "lamp"}), tokens.TOOLCALL_END)
LOUD = base64.b64encode(b"\x10\x20" * 3_840).decode()  # 160 ms of 24 kHz PCM
APPEND = {"type": "input_audio_buffer.append", "audio": LOUD}
UPDATE = {"type": "session.update", "session": {"type": "realtime", "audio": {"input": {}}}}
MESSAGE_BYTES = 1 << 17


def _acting(held: Held, index: int) -> Reply:
    return Reply(LAMP) if index == 1 else Reply()


class _OneKey:
    """The only authenticator: of one key, which is for one home."""

    def accepts(self, secret: str) -> bool:
        return True

    async def principal(self, secret: str, *, now: float) -> Principal:
        if secret != "key":
            raise NotAuthenticated("not that one", reason="malformed")
        return Principal("s", "t", ("h7",), ("home",), ANYBODY.scopes)


@asynccontextmanager
async def serving(**options: Any) -> AsyncIterator[tuple[World, str]]:
    """A gateway, and the URL of its Realtime edge."""
    async with world(**options) as here:
        server = RealtimeServer(here.port, "127.0.0.1:0", message_bytes=MESSAGE_BYTES)
        await server.start()
        try:
            yield here, f"ws://{server.address}"
        finally:
            await server.stop()


def run(scenario: Callable[[World, str], Awaitable[None]], **options: Any) -> None:
    async def inside() -> None:
        async with serving(**options) as (here, url):
            await scenario(here, url)

    asyncio.run(inside())


async def say(socket: ClientConnection, *events: dict[str, Any]) -> None:
    for event in events:
        await socket.send(json.dumps(event))


async def hear(socket: ClientConnection, kind: str) -> dict[str, Any]:
    """The next event of a kind."""
    async with asyncio.timeout(10):
        while True:
            event: dict[str, Any] = json.loads(await socket.recv())
            if event["type"] == kind:
                return event


async def closed(socket: ClientConnection) -> tuple[list[dict[str, Any]], int]:
    """All events that still come, and the code of the close."""
    events = []
    async with asyncio.timeout(10):
        try:
            while True:
                events.append(json.loads(await socket.recv()))
        except ConnectionClosed as over:
            return events, over.rcvd.code if over.rcvd else 0


def test_a_session_is_updated_spoken_to_acts_and_is_interrupted_by_its_client() -> None:
    async def scenario(here: World, url: str) -> None:
        async with connect(f"{url}/homes/h1/v1/realtime?model=any") as socket:
            created = await hear(socket, "session.created")
            assert created["session"]["model"] == "any" and not here.gateway.counts.live
            turns = {"type": "server_vad", "interrupt_response": True}
            audio = {"input": {"turn_detection": turns}}
            await say(socket, {"type": "session.update", "session": {"audio": audio}})
            told = (await hear(socket, "session.updated"))["session"]
            assert told["audio"]["input"]["turn_detection"] == turns
            assert told["id"] == created["session"]["id"]
            for _ in range(3):
                await say(socket, APPEND)
            response = (await hear(socket, "response.created"))["response"]
            delta = await hear(socket, "response.output_audio.delta")
            assert delta["response_id"] == response["id"] and len(base64.b64decode(delta["delta"])) == 7_680
            call = (await hear(socket, "conversation.item.done"))["item"]
            assert call["name"] == "open_home_device" and json.loads(call["arguments"]) == {"device": "lamp"}
            outcome = (await hear(socket, "conversation.item.done"))["item"]
            assert outcome["call_id"] == call["call_id"] and json.loads(outcome["output"])["state"] == "done"
            assert here.port.live["realtime"] == 1
            await say(socket, {"type": "response.cancel"}, {"type": "response.cancel"})
            done = (await hear(socket, "response.done"))["response"]
            assert done["status"] == "cancelled" and done["id"] == response["id"]
            cut = {"item_id": delta["item_id"], "content_index": 0, "audio_end_ms": 100}
            await say(socket, {"type": "conversation.item.truncate", **cut})
            await hear(socket, "conversation.item.truncated")
            await say(socket, {"type": "conversation.item.retrieve", "item_id": delta["item_id"]})
            told = json.loads(await socket.recv())
            assert told["type"] == "conversation.item.retrieved" and told["item"]["status"] == "incomplete"
            await until(lambda: here.gateway.counts.requests["playback"] == 1)
        await until(lambda: here.gateway.counts.live == 0)
        assert here.gateway.counts.failed == 0

    run(scenario, decoder=FakeDecoder(_acting))


def test_a_response_that_is_asked_for_echoes_its_metadata_and_items_are_kept() -> None:
    async def scenario(here: World, url: str) -> None:
        async with connect(f"{url}/homes/h1/v1/realtime") as socket:
            metadata = {"client_event_id": "x"}
            await say(socket, {"type": "response.create", "response": {"metadata": metadata}})
            for kind, status in (("created", "in_progress"), ("done", "completed")):
                told = (await hear(socket, f"response.{kind}"))["response"]
                assert told["metadata"] == metadata and told["status"] == status
            content = [{"type": "output_text", "text": "so"}]
            said = {"id": "mine", "type": "message", "role": "assistant", "content": content}
            for _ in range(2):  # the same id again, after it was deleted
                await say(socket, {"type": "conversation.item.create", "item": said})
                assert (await hear(socket, "conversation.item.done"))["item"]["content"] == content
                await say(socket, {"type": "conversation.item.delete", "item_id": "mine"})
                await hear(socket, "conversation.item.deleted")

    run(scenario)


def test_tools_of_a_client_are_refused_with_a_sentence_and_nothing_else_is_changed() -> None:
    async def scenario(here: World, url: str) -> None:
        async with connect(f"{url}/homes/h1/v1/realtime") as socket:
            tools = [{"type": "function", "name": "open_home_device", "parameters": {}}]
            asked = {"tools": tools, "instructions": "be brief"}
            await say(socket, {"type": "session.update", "session": asked})
            error = (await hear(socket, "error"))["error"]
            assert error["code"] == "tools_not_served" and "its toolset" in error["message"]
            await say(socket, UPDATE)
            assert (await hear(socket, "session.updated"))["session"]["instructions"] == ""

    run(scenario)


def test_who_calls_is_asked_before_the_upgrade_and_a_key_of_one_home_is_for_that_home() -> None:
    async def scenario(here: World, url: str) -> None:
        for headers in ({}, {"Authorization": "Bearer wrong"}):
            with pytest.raises(InvalidStatus) as refused:
                await connect(f"{url}/v1/realtime", additional_headers=headers)
            assert refused.value.response.status_code == 401
        with pytest.raises(InvalidStatus):
            await connect(f"{url}/v1/chat")
        page = ["realtime", "openai-insecure-api-key.key"]
        async with connect(f"{url}/v1/realtime", subprotocols=page) as socket:
            assert socket.subprotocol == "realtime"
            await say(socket, UPDATE)
            await hear(socket, "session.updated")
            await until(lambda: len(here.gateway.calls) == 1)
            assert next(iter(here.gateway.calls)).dialogue.terms.home == "h7"
        async with connect(f"{url}/homes/h8/v1/realtime", subprotocols=page) as socket:
            await say(socket, UPDATE)
            events, code = await closed(socket)
            assert events[-1]["error"]["code"] == "forbidden" and code == 1008

    run(scenario, access=AccessControl([_OneKey()]))


def test_where_nobody_is_asked_pages_of_elsewhere_are_refused() -> None:
    async def scenario(here: World, url: str) -> None:
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"{url}/homes/h1/v1/realtime", origin="https://evil.example")
        assert refused.value.response.status_code == 403
        async with connect(f"{url}/homes/h1/v1/realtime", origin="http://localhost:8080") as socket:
            await hear(socket, "session.created")

    run(scenario)


def test_without_a_slot_the_refusal_is_typed_and_says_to_try_again_later() -> None:
    async def scenario(here: World, url: str) -> None:
        path = f"{url}/homes/h1/v1/realtime"
        async with connect(path) as first, connect(path) as second:
            await say(first, UPDATE)
            await hear(first, "session.updated")
            await until(lambda: here.gateway.counts.live == 1)
            await say(second, UPDATE)
            events, code = await closed(second)
            assert events[-1]["error"]["code"] == "slots_exhausted" and code == 1013

    run(scenario, slots=1)


def test_of_many_that_begin_nothing_the_oldest_give_way() -> None:
    async def scenario(here: World, url: str) -> None:
        sockets = [await connect(f"{url}/homes/h1/v1/realtime") for _ in range(70)]
        for socket in sockets[:6]:
            events, code = await closed(socket)
            assert events[-1]["error"]["code"] == "quota_exceeded" and code == 1013
        await say(sockets[-1], UPDATE)
        await hear(sockets[-1], "session.updated")
        assert len(here.port.opening) <= 64
        await asyncio.gather(*(socket.close() for socket in sockets))

    run(scenario)


DEEP = "[" * 5_000 + "]" * 5_000
BAD = [
    "", "{", "null", "[]", "1e999", '{"type": 5}', '{"type": "no.such"}', '{"type": NaN}', DEEP, b"\0\1\2",
    '{"type":"session.update","session":[]}',
    '{"type":"session.update","session":{"audio":{"input":{"format":{"type":"audio/pcm","rate":16000}}}}}',
    '{"type":"session.update","session":{"audio":null}}',
    '{"type":"session.update","session":{"type":"transcription"}}',
    '{"type":"session.update","session":{"a":' + DEEP[4_980:5_020] + "}}",
    '{"type":"session.update","session":{"instructions":"' + "x" * 70_000 + '"}}',
    '{"type":"input_audio_buffer.append","audio":"!!!"}',
    '{"type":"input_audio_buffer.append","audio":"abc"}',
    '{"type":"input_audio_buffer.append","audio":"\\ud800"}',
    '{"type":"input_audio_buffer.append"}',
    '{"type":"input_audio_buffer.commit"}',
    '{"type":"conversation.item.truncate","item_id":"x","content_index":0,"audio_end_ms":-1}',
    '{"type":"conversation.item.truncate","item_id":"x","content_index":0,"audio_end_ms":true}',
    '{"type":"conversation.item.retrieve","item_id":"x"}',
    '{"type":"conversation.item.delete"}',
    '{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[7]}}',
    '{"type":"conversation.item.create","item":{"type":"message","role":[],"content":[]}}',
    '{"type":"conversation.item.create","item":{"type":"mcp_call"}}',
    '{"type":"response.cancel"}',
    '{"type":"response.create","response":{"metadata":[]}}',
    '{"type":"duplexsla.attention","attended":1}',
]  # fmt: skip


def test_what_is_no_event_is_told_as_such_and_the_session_goes_on() -> None:
    async def scenario(here: World, url: str) -> None:
        rng = random.Random(3)
        async with connect(f"{url}/homes/h1/v1/realtime", max_queue=None) as socket:
            await hear(socket, "session.created")
            for each in BAD:
                await socket.send(each)
                assert json.loads(await socket.recv())["error"]["type"] == "invalid_request_error", each
            assert not here.gateway.counts.opened
            whole = json.dumps(UPDATE)
            for _ in range(40):  # an event with one character changed is an event, or is told
                at = rng.randrange(len(whole))
                await socket.send(whole[:at] + chr(rng.randrange(32, 0x2FF)) + whole[at + 1 :])
            await say(socket, UPDATE)
            await hear(socket, "session.updated")
            await until(lambda: here.gateway.counts.live == 1)

    run(scenario)


def test_too_many_that_are_none_and_one_that_is_too_large_end_the_session_alone() -> None:
    async def scenario(here: World, url: str) -> None:
        path = f"{url}/homes/h1/v1/realtime"
        async with connect(path) as neighbour:
            await say(neighbour, UPDATE)
            await hear(neighbour, "session.updated")
            async with connect(path) as socket:
                await say(socket, UPDATE)
                for _ in range(MOST_REFUSED):
                    await socket.send("{")
                events, code = await closed(socket)
                assert events[-1]["error"]["code"] == "bad_message" and code == 1008
            async with connect(path) as socket:
                await say(socket, UPDATE)
                await socket.send("x" * (MESSAGE_BYTES + 1))
                assert (await closed(socket))[1] == 1009
            await until(lambda: here.gateway.counts.live == 1)
            await say(neighbour, APPEND)
            await hear(neighbour, "response.created")

    run(scenario)


def test_a_client_that_never_reads_loses_its_session_and_nothing_else() -> None:
    async def scenario(here: World, url: str) -> None:
        large = {"type": "session.update", "session": {"instructions": "x" * 60_000}}

        async def flood(socket: ClientConnection) -> None:
            await say(socket, *[APPEND] * 4)
            while True:
                await say(socket, large)

        async with connect(f"{url}/homes/h1/v1/realtime", max_queue=1, close_timeout=0.1) as socket:
            flooding = asyncio.create_task(flood(socket))
            await until(lambda: here.gateway.counts.opened == 1 and here.gateway.counts.live == 0)
            assert here.port.live["realtime"] == 0
            flooding.cancel()

    run(scenario, timeouts=Timeouts(stall_s=0.2, final_messages_s=0.1))
