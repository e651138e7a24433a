"""Draining, outcomes that belong elsewhere, a store that does not answer, traces."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import grpc
import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from tests.support.fake_decoder import FakeDecoder, Held, Reply
from tests.support.gateway_process import done_at_once, until, world

from duplexsla.clock import CHUNK_SAMPLES
from duplexsla.errors import Retriable, StoreLost, UnknownHome
from duplexsla.gateway.actions.bus import MemoryBus
from duplexsla.gateway.gateway import REMEMBER_S, REMEMBERED_HOMES, HttpHomes
from duplexsla.protocol import tokens
from duplexsla.protocol.actions import call_text
from duplexsla.session.store.leases import DecoderAddress, Lease
from duplexsla.session.store.memory import MemoryStore
from duplexsla.telemetry import extract, names, read_spans
from duplexsla.v1.action_pb2 import OUTCOME_STATE_UNKNOWN, ActionEvent, ActionOutcome
from duplexsla.v1.session_pb2 import NOTICE_KIND_DRAINING

CHUNK = b"\1\2" * CHUNK_SAMPLES
LAMP = (tokens.TOOLCALL_BEGIN, call_text("open_home_device", {"device": "lamp"}), tokens.TOOLCALL_END)


def _act_first(held: Held, chunk: int) -> Reply:
    return Reply(LAMP if chunk == 0 else ())


def test_a_drain_tells_everybody_admits_nobody_and_waits() -> None:
    async def scenario() -> None:
        async with world() as here, here.client.converse("h1", clock="file") as conversation:
            await conversation.send(CHUNK)
            iterator = aiter(conversation)
            await anext(iterator)
            await here.server.refuse_new()
            draining = asyncio.create_task(here.gateway.drain(30))
            notice = (await anext(iterator)).notice
            assert notice.kind == NOTICE_KIND_DRAINING and notice.retry_after_ms > 0
            with pytest.raises(Retriable, match="going away"):
                async with here.client.converse("h2"):
                    pass
            assert await _health(here.address) == health_pb2.HealthCheckResponse.NOT_SERVING
            assert not draining.done()
            await conversation.end()
            assert [r async for r in iterator][-1].HasField("closed")
            assert await draining == 0

    asyncio.run(scenario())


def test_a_drain_cuts_what_is_left_at_its_deadline_and_counts_it() -> None:
    async def scenario() -> None:
        async with world() as here, here.client.converse("h1") as conversation:
            assert await here.gateway.drain(0.01) == 1
            with pytest.raises(Retriable, match="went away"):
                [response async for response in conversation]

    asyncio.run(scenario())


def test_an_empty_gateway_drains_at_once() -> None:
    async def scenario() -> None:
        async with world() as here:
            assert await here.gateway.drain(3_600) == 0

    asyncio.run(scenario())


def test_outcomes_of_sessions_that_are_not_here_are_counted_and_left_alone() -> None:
    async def scenario() -> None:
        async with world() as here, here.client.converse("h1", clock="file") as conversation:
            here.gateway.calls.on_outcome(ActionOutcome(action_id="x", session_id=12))
            assert here.gateway.counts.outcomes_unclaimed == 1
            await conversation.end()
            assert [r.WhichOneof("message") async for r in conversation] == ["closed"]

    asyncio.run(scenario())


def test_an_outcome_that_never_comes_is_unknown_and_the_session_can_close() -> None:
    async def nothing(event: ActionEvent, traceparent: str) -> None:
        return None

    async def scenario() -> None:
        async with (
            world(FakeDecoder(_act_first), bus=MemoryBus(nothing)) as here,
            here.client.converse("h1", clock="file") as conversation,
        ):
            await conversation.send(CHUNK)
            await conversation.end()
            iterator = aiter(conversation)
            assert (await anext(iterator)).chunk.actions
            here.gateway.calls.check(0.0, 1 << 60)
            assert (await anext(iterator)).outcome.state == OUTCOME_STATE_UNKNOWN
            assert (await anext(iterator)).HasField("closed")

    asyncio.run(scenario())


class DeadStore(MemoryStore):
    """A store that stops answering when told to."""

    dead = False

    async def take(
        self, session_id: int, owner: str, decoders: Sequence[DecoderAddress], *, now_ms: int
    ) -> Lease:
        if self.dead:
            raise StoreLost("the store is gone")
        return await super().take(session_id, owner, decoders, now_ms=now_ms)

    async def renew(self, leases: Sequence[Lease], *, now_ms: int) -> list[Lease]:
        raise StoreLost("the store is gone")

    async def release(self, lease: Lease) -> None:
        raise StoreLost("the store is gone")


def test_without_its_store_running_sessions_go_on_and_new_ones_are_refused_retriably() -> None:
    async def scenario() -> None:
        store = DeadStore()
        async with world(store=store) as here, here.client.converse("h1", clock="file") as conversation:
            store.dead = True
            await here.gateway.calls.renew()
            with pytest.raises(StoreLost):
                async with here.client.converse("h2"):
                    pass
            await conversation.send(CHUNK)
            await conversation.end()
            assert [r async for r in conversation][-1].closed.chunks == 1

    asyncio.run(scenario())


def test_a_trace_leads_from_the_session_to_the_step_the_decoder_and_the_action(tmp_path: Path) -> None:
    path = tmp_path / "spans"
    told: list[str] = []

    async def execute(event: ActionEvent, traceparent: str) -> ActionOutcome:
        told.append(traceparent)
        return await done_at_once(event, traceparent)

    async def scenario() -> Held:
        async with world(FakeDecoder(_act_first), bus=MemoryBus(execute), trace_file=path) as here:
            async with here.client.converse("h1", clock="file") as conversation:
                await conversation.send(CHUNK * 3)
                await conversation.end()
                assert [r async for r in conversation][-1].HasField("closed")
            (held,) = here.decoder.ended.values()
            return held

    held = asyncio.run(scenario())
    spans = {span["span_id"]: span for span in read_spans(path)}
    steps = [span for span in spans.values() if span["name"] == names.SPAN_STEP]
    (publish,) = [span for span in spans.values() if span["name"] == names.SPAN_PUBLISH]
    (session,) = [span for span in spans.values() if span["name"] == names.SPAN_SESSION]
    segment = spans[steps[0]["parent_id"]]
    assert len(steps) == 3 and segment["name"] == names.SPAN_SEGMENT
    assert segment["links"][0]["span_id"] == session["span_id"]  # type: ignore[index]
    assert publish["parent_id"] == steps[0]["span_id"]
    assert publish["attributes"][names.ATTR_ACTION].endswith("-0-0")  # type: ignore[index]
    seen = [extract(traceparent) for traceparent in held.traceparents]
    assert [f"{context.span_id:016x}" for context in seen if context] == [s["span_id"] for s in steps]
    (context,) = [extract(traceparent) for traceparent in told]
    assert context is not None and f"{context.span_id:016x}" == publish["span_id"]


def test_health_and_reflection_are_on() -> None:
    async def scenario() -> None:
        async with world() as here:
            assert await _health(here.address) == health_pb2.HealthCheckResponse.SERVING
            async with grpc.aio.insecure_channel(here.address) as channel:
                stub = reflection_pb2_grpc.ServerReflectionStub(channel)
                asked = reflection_pb2.ServerReflectionRequest(list_services="")
                answer = await stub.ServerReflectionInfo(iter([asked])).read()
            services = {each.name for each in answer.list_services_response.service}
            assert {"duplexsla.v1.SessionService", "grpc.health.v1.Health"} <= services

    asyncio.run(scenario())


def test_two_hundred_sessions_leave_nothing_behind() -> None:
    async def scenario() -> None:
        store = MemoryStore()
        async with world(store=store) as here:
            for number in range(200):
                async with here.client.converse(f"h{number}", clock="file") as conversation:
                    await conversation.send(CHUNK)
                    if number % 2:  # half of them vanish
                        await conversation.end()
                        assert [r async for r in conversation][-1].HasField("closed")
            await until(lambda: not here.gateway.calls and not here.gateway.tasks.jobs)
            assert not here.decoder.sessions and not store._entries
            assert here.gateway.counts.opened == 200

    asyncio.run(scenario())


def test_a_clients_own_trace_is_the_parent_of_its_session(tmp_path: Path) -> None:
    mine = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    async def scenario() -> None:
        async with (
            world(trace_file=tmp_path / "spans") as here,
            here.client.converse("h1", metadata={"traceparent": mine}) as conversation,
        ):
            await conversation.end()
            assert [r async for r in conversation]

    asyncio.run(scenario())
    (session,) = [s for s in read_spans(tmp_path / "spans") if s["name"] == names.SPAN_SESSION]
    assert session["trace_id"] == mine[3:35] and session["parent_id"] == mine[36:52]


async def _health(address: str) -> int:
    async with grpc.aio.insecure_channel(address) as channel:
        request = health_pb2.HealthCheckRequest(service="duplexsla.v1.SessionService")
        return (await health_pb2_grpc.HealthStub(channel).Check(request)).status


def _homes(answer: Callable[[httpx.Request], httpx.Response], clock: Callable[[], float]) -> HttpHomes:
    return HttpHomes("http://home", transport=httpx.MockTransport(answer), clock=clock)


def test_a_known_home_is_asked_once_and_again_after_a_while() -> None:
    async def scenario() -> None:
        asked: list[str] = []
        now = 0.0

        def answer(request: httpx.Request) -> httpx.Response:
            asked.append(request.url.path)
            return httpx.Response(200)

        homes = _homes(answer, lambda: now)
        for _ in range(3):
            await homes.check("h1")
        assert asked == ["/homes/h1"]
        now = REMEMBER_S + 1
        await homes.check("h1")
        assert len(asked) == 2
        await homes.close()

    asyncio.run(scenario())


def test_an_unknown_home_is_refused_and_not_remembered() -> None:
    async def scenario() -> None:
        there = False
        homes = _homes(lambda _: httpx.Response(200 if there else 404), lambda: 0.0)
        with pytest.raises(UnknownHome, match="h1"):
            await homes.check("h1")
        there = True
        await homes.check("h1")
        await homes.close()

    asyncio.run(scenario())


def test_a_directory_that_cannot_tell_is_retriable() -> None:
    def broken(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route")

    async def scenario() -> None:
        for answer in (broken, lambda _: httpx.Response(503)):
            homes = _homes(answer, lambda: 0.0)
            with pytest.raises(Retriable):
                await homes.check("h1")
            await homes.close()

    asyncio.run(scenario())


def test_what_is_remembered_is_bounded() -> None:
    async def scenario() -> None:
        homes = _homes(lambda _: httpx.Response(200), lambda: 0.0)
        for number in range(REMEMBERED_HOMES + 50):
            homes._remember(str(number))
        assert len(homes._known) == REMEMBERED_HOMES and "0" not in homes._known
        await homes.close()

    asyncio.run(scenario())
