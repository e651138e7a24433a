"""The gateway against a real Triton (with a tiny model) and a real Redis."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from tests.support.gateway_process import done_at_once, until
from tests.support.tiny_engine import noise, run, save_tiny

from duplexsla.client import Client, Conversation, connect, play
from duplexsla.engine.checkpoint import load_engine
from duplexsla.errors import DecoderLost, SlotsExhausted
from duplexsla.gateway.actions.bus import MemoryBus
from duplexsla.gateway.edges.grpc.server import GrpcServer
from duplexsla.gateway.edges.opening_streams import OpeningStreams
from duplexsla.gateway.edges.session_port import SessionPort
from duplexsla.gateway.gateway import AnyHome, Gateway
from duplexsla.local import triton
from duplexsla.protocol import tokens
from duplexsla.session.store.leases import DecoderAddress
from duplexsla.session.store.redis import RedisStore
from duplexsla.telemetry import names, read_spans, setup
from duplexsla.v1.session_pb2 import ConverseResponse

pytestmark = pytest.mark.integration

SLOTS = 4
HEARD = noise(7, 12)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("weights"))


@pytest.fixture(scope="module")
def decoder(tmp_path_factory: pytest.TempPathFactory, weights: Path) -> Iterator[triton.Triton]:
    folder = tmp_path_factory.mktemp("triton")
    parameters = {"slots": str(SLOTS), "trace_file": str(folder / "decoder.jsonl")}
    started = triton.start(folder, weights=weights, parameters=parameters)
    yield started
    started.stop()


@asynccontextmanager
async def _gateway(
    decoder: str, redis_url: str, *, slots: int = SLOTS, trace_file: str = ""
) -> AsyncIterator[tuple[Client, Gateway]]:
    telemetry = setup("gateway", trace_file=trace_file)
    gateway = Gateway(
        "test",
        [DecoderAddress(decoder, slots)],
        store=RedisStore(redis_url),
        bus=MemoryBus(done_at_once),
        homes=AnyHome(),
        telemetry=telemetry,
    )
    server = GrpcServer(SessionPort(gateway, OpeningStreams()), "127.0.0.1:0")
    await gateway.start()
    await server.start()
    try:
        async with connect(server.address) as client:
            yield client, gateway
    finally:
        await server.stop(0)
        await gateway.close()
        telemetry.shutdown()


Scenario = Callable[[Client, Gateway], Awaitable[None]]


def _run(scenario: Scenario, decoder: triton.Triton, redis_url: str, **options: int | str) -> None:
    async def inside() -> None:
        async with _gateway(decoder.address, redis_url, **options) as (client, gateway):  # type: ignore[arg-type]
            await scenario(client, gateway)

    asyncio.run(inside())


async def _speak(conversation: Conversation) -> list[ConverseResponse]:
    """The whole recording at once; every message after `opened`."""
    playing = asyncio.create_task(play(conversation, HEARD.tobytes(), paced=False))
    responses = [response async for response in conversation]
    await playing
    return responses


def test_a_client_hears_what_the_engine_says_alone(
    decoder: triton.Triton, redis_url: str, weights: Path
) -> None:
    """Up to the first outcome, which the engine alone does not get."""

    async def scenario(client: Client, gateway: Gateway) -> None:
        async with client.converse("h1", clock="file") as conversation:
            responses = await _speak(conversation)
        chunks = [response.chunk for response in responses if response.HasField("chunk")]
        engine = load_engine(weights, slots=1)
        engine.open(1, "home")
        outputs = run(engine, {1: HEARD})[1]
        assert [chunk.index for chunk in chunks] == list(range(len(HEARD)))
        told = [chunk.index for chunk in chunks if "[" in chunk.action_channel]
        for chunk, output in list(zip(chunks, outputs, strict=True))[: told[0] if told else None]:
            assert chunk.action_channel == "".join(output.action[:-1])
            words = "" if output.anchor in (tokens.VAD_SILENCE, tokens.TTS_PAD) else output.anchor
            assert chunk.text == words
            sound = np.frombuffer(chunk.sound or bytes(5_120), np.int16)
            assert np.abs(sound.astype(int) - output.samples).max() <= 3
        assert responses[-1].closed.chunks == len(HEARD)

    _run(scenario, decoder, redis_url)


def test_slots_are_exact_and_come_back_however_a_session_ends(decoder: triton.Triton, redis_url: str) -> None:
    async def scenario(client: Client, gateway: Gateway) -> None:
        for _ in range(3):
            conversations = [client.converse(f"h{n}", clock="file") for n in range(SLOTS)]
            for conversation in conversations:
                await conversation.__aenter__()
                await conversation.send(HEARD[0].tobytes())
                assert (await anext(aiter(conversation))).HasField("chunk")
            with pytest.raises(SlotsExhausted):
                async with client.converse("one-too-many"):
                    pass
            await conversations[0].end()  # one ends in order, the others vanish
            assert [r async for r in conversations[0]][-1].HasField("closed")
            for conversation in conversations:
                await conversation.__aexit__(None, None, None)
            await until(lambda: gateway.counts.live == 0 and not gateway.tasks.jobs)

    _run(scenario, decoder, redis_url)


def test_a_decoder_with_fewer_slots_than_told_refuses_for_itself(
    decoder: triton.Triton, redis_url: str
) -> None:
    async def scenario(client: Client, gateway: Gateway) -> None:
        gateway.pool.decoders = [DecoderAddress(decoder.address, SLOTS + 1)]
        conversations = [client.converse(f"h{n}", clock="file") for n in range(SLOTS + 1)]
        for conversation in conversations[:SLOTS]:
            await conversation.__aenter__()
            await conversation.send(HEARD[0].tobytes())
            assert (await anext(aiter(conversation))).HasField("chunk")
        async with conversations[SLOTS] as last:
            await last.send(HEARD[0].tobytes())
            with pytest.raises(SlotsExhausted):
                await anext(aiter(last))
        for conversation in conversations[:SLOTS]:
            await conversation.send(HEARD[1].tobytes())
            await conversation.end()
            assert [r async for r in conversation][-1].HasField("closed")

    _run(scenario, decoder, redis_url, slots=SLOTS + 1)


def test_the_decoders_span_hangs_below_the_gateways_step(
    decoder: triton.Triton, redis_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "gateway.jsonl"

    async def scenario(client: Client, gateway: Gateway) -> None:
        async with client.converse("h1", clock="file") as conversation:
            await _speak(conversation)

    _run(scenario, decoder, redis_url, trace_file=str(path))
    steps = {span["span_id"] for span in read_spans(path) if span["name"] == names.SPAN_STEP}
    assert len(steps) == len(HEARD)
    (below,) = [Path(decoder.process.log).parent / "decoder.jsonl"]

    def decoded() -> set[object]:
        return {span["parent_id"] for span in read_spans(below) if span["name"] == names.SPAN_DECODER_STEP}

    async def wait() -> None:
        await until(lambda: steps <= decoded())

    asyncio.run(wait())


def test_without_triton_a_session_ends_retriably(redis_url: str) -> None:
    async def scenario() -> None:
        async with (
            _gateway("127.0.0.1:1", redis_url) as (client, _),
            client.converse("h1", clock="file") as conversation,
        ):
            await conversation.send(HEARD[0].tobytes())
            with pytest.raises(DecoderLost):
                await anext(aiter(conversation))

    asyncio.run(scenario())
