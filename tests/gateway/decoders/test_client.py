"""Rows of many sessions on one connection: who travels together, who waits, who hears of a loss."""

import asyncio
import resource
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import grpc.aio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.decoder_rows import chunk_row
from tests.support.fake_decoder import FakeDecoder, Reply, serving
from tests.support.gateway_process import until
from tritonclient.grpc.service_pb2 import ModelInferRequest, ModelInferResponse, ModelStreamInferResponse

from duplexsla.client import channels
from duplexsla.clock import CHUNK_BYTES
from duplexsla.errors import DecoderLost, DuplexSLAError
from duplexsla.gateway.decoders.client import (
    OPTIONS,
    DecoderClients,
    DecoderStream,
    Requests,
    pack_elements,
    read_answers,
    unpack_elements,
)
from duplexsla.gateway.edges.grpc import server
from duplexsla.local.triton import PINGS
from duplexsla.session.dialogue import DecodedStep
from duplexsla.session.store.leases import Lease
from duplexsla.v1.decoder_pb2 import ChunkResponse, DecodedChunk

CHUNK = b"\1\2" * (CHUNK_BYTES // 2)


class Slow(FakeDecoder):
    """Notes the sessions of each message; answers the first one when told to."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[list[int]] = []
        self.asked, self.go = asyncio.Event(), asyncio.Event()

    async def ModelStreamInfer(  # noqa: N802
        self, requests: AsyncIterator[ModelInferRequest], context: grpc.aio.ServicerContext
    ) -> AsyncIterator[ModelStreamInferResponse]:
        async def held_back() -> AsyncIterator[ModelInferRequest]:
            async for request in requests:
                self.messages.append([row.request.session_id for row in self.rows_of(request)])
                self.asked.set()
                await self.go.wait()
                yield request

        async for response in super().ModelStreamInfer(held_back(), context):
            yield response


def test_both_ends_of_a_quiet_connection_agree_how_often_it_is_pinged() -> None:
    """gRPC ends one on which pings come oftener than its server takes them, with GOAWAY too_many_pings."""
    name, _, triton_ms = PINGS.partition("=")
    assert name == "--grpc-http2-min-recv-ping-interval-without-data"
    gateway_ms = dict(server.OPTIONS)["grpc.http2.min_ping_interval_without_data_ms"]
    assert dict(OPTIONS)["grpc.keepalive_time_ms"] >= 2 * int(triton_ms)
    assert dict(channels.OPTIONS)["grpc.keepalive_time_ms"] >= 2 * int(gateway_ms)


def _send(stream: DecoderStream, chunk: int) -> None:
    stream.send(chunk, CHUNK, forced="", traceparent="")


def test_what_gathers_while_a_message_is_on_its_way_travels_in_one_a_session_once() -> None:
    async def scenario() -> None:
        fake, decoders = Slow(), DecoderClients(gather_s=60.0)
        async with serving(fake) as address:
            streams = [decoders.stream(Lease(n, "me", 1, address, 1), "home") for n in (1, 2, 3)]
            _send(streams[0], 0)
            await fake.asked.wait()
            for stream in streams[1:]:
                _send(stream, 0)
                _send(stream, 1)
            fake.go.set()
            chunks = [(await stream.receive()).chunk for stream in (streams[0], *streams[1:], *streams[1:])]
            assert chunks == [0, 0, 0, 1, 1]
            assert fake.messages == [[1], [2, 3], [2, 3]]
            await decoders.close()

    asyncio.run(scenario())


def test_a_slow_answer_holds_others_back_no_longer_than_they_gather() -> None:
    async def scenario() -> None:
        fake, decoders = Slow(), DecoderClients(gather_s=0.0)
        async with serving(fake) as address:
            streams = [decoders.stream(Lease(n, "me", 1, address, 1), "home") for n in (1, 2)]
            _send(streams[0], 0)
            await fake.asked.wait()
            _send(streams[1], 0)  # leaves although the first is unanswered
            _send(streams[0], 1)  # its session's own row is
            connection = decoders.connection(address)
            await until(lambda: len(connection._asked) == 2)
            assert [row.request.chunk for row in streams[0]._lane.waiting] == [1]
            fake.go.set()
            assert [(await streams[0].receive()).chunk for _ in range(2)] == [0, 1]
            await decoders.close()

    asyncio.run(scenario())


def test_everybody_hears_that_the_stream_is_lost_and_the_next_one_is_new() -> None:
    async def scenario() -> None:
        fake, decoders = Slow(), DecoderClients()
        async with serving(fake) as address:
            streams = [decoders.stream(Lease(n, "me", 1, address, 1), "home") for n in (1, 2, 3)]
            for stream in streams[:2]:
                _send(stream, 0)
            await fake.asked.wait()
            lost = decoders.connection(address)
            await fake.die()
            for stream in streams[:2]:
                with pytest.raises(DecoderLost):
                    await stream.receive()
                with pytest.raises(DecoderLost):
                    _send(stream, 1)
            assert lost.lost and decoders.connection(address) is not lost
            await decoders.close()

    asyncio.run(scenario())


class SlowToEnd(FakeDecoder):
    """Takes a session's last request and answers when told to; of a cancelled one the model never hears."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.go = asyncio.Event(), asyncio.Event()
        self.last_requests = 0

    async def ModelStreamInfer(  # noqa: N802
        self, requests: AsyncIterator[ModelInferRequest], context: grpc.aio.ServicerContext
    ) -> AsyncIterator[ModelStreamInferResponse]:
        async def held_back() -> AsyncIterator[ModelInferRequest]:
            async for request in requests:
                if any(row.request.end for row in self.rows_of(request)):
                    self.last_requests += 1
                    self.asked.set()
                    await self.go.wait()
                yield request

        async for response in super().ModelStreamInfer(held_back(), context):
            yield response


def test_a_slot_is_given_back_once_although_the_first_to_wait_is_cancelled() -> None:
    async def scenario() -> None:
        fake, decoders = SlowToEnd(), DecoderClients()
        async with serving(fake) as address:
            stream = decoders.stream(Lease(1, "me", 1, address, 1), "home")
            stream.send(0, CHUNK, forced="", traceparent="")
            await stream.receive()
            first = asyncio.create_task(stream.close())
            await fake.asked.wait()
            first.cancel()
            with suppress(asyncio.CancelledError):
                await first
            second = asyncio.create_task(stream.close())
            fake.go.set()
            await second
            assert set(fake.ended) == {1} and fake.last_requests == 1
            await decoders.close()

    asyncio.run(scenario())


def test_a_request_carries_the_whole_contract_of_each_of_its_rows() -> None:
    fake, big = FakeDecoder(), (1 << 63) - 1
    rows = [
        chunk_row(big, 0, 1 << 60, CHUNK, traceparent="00-a-b-01", toolset="car"),
        chunk_row(5, 7, 3, CHUNK[::-1], injected_text=" [ done é]", toolset="home", past=b""),
        chunk_row(6, 1, 3, CHUNK, end=True),
    ]
    assert fake.rows_of(Requests().fill(1, rows)) == rows


def test_a_filled_request_keeps_nothing_of_the_one_before() -> None:
    requests, fake = Requests(), FakeDecoder()
    fills = []
    for number, rows in enumerate([[chunk_row(5, 0, 1, CHUNK, toolset="home")], [chunk_row(6, 1, 2, CHUNK)]]):
        fills.append(ModelInferRequest.FromString(requests.fill(number, rows).SerializeToString()))
    assert [fill.id for fill in fills] == ["0", "1"]
    assert fake.rows_of(fills[1]) == [chunk_row(6, 1, 2, CHUNK)]


def test_what_was_sent_leaves_no_memory_behind() -> None:
    requests, rows = Requests(), [chunk_row(number, 0, 1, CHUNK) for number in range(16)]
    requests.fill(0, rows)
    before = _resident_bytes()
    for number in range(3_000):
        requests.fill(number, rows)
    assert _resident_bytes() - before < 3_000 * 16 * CHUNK_BYTES / 10


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def test_every_row_has_its_own_answer_whatever_the_order_of_the_tensors() -> None:
    fake = FakeDecoder(lambda held, chunk: Reply((" lamp", " é") if chunk == 7 else (), anchor=" on"))
    rows = [
        chunk_row(5, 7, 1, CHUNK, toolset="home"),
        chunk_row(9, 1, 1, CHUNK),
        chunk_row(6, 0, 1, CHUNK, toolset="home"),
    ]
    response = fake._infer(Requests().fill(1, rows))
    outputs, contents = list(response.outputs), list(response.raw_output_contents)
    turned = ModelInferResponse(id="1", outputs=outputs[::-1], raw_output_contents=contents[::-1])
    for each in (response, turned):
        first, refused, last = read_answers(each)
        assert (
            isinstance(first, DecodedStep)
            and isinstance(last, DecodedStep)
            and isinstance(refused, DecoderLost)
        )
        assert first.sound == CHUNK and first.decoded.anchor == " on"
        assert first.decoded.action == [" lamp", " é", "<|action_end|>"]
        assert last.decoded.action == ["<|action_end|>"]
        assert (first.decoded.silent, first.tick.batch, first.tick.duration_us) == (False, 3, 1_000)


def test_an_answer_that_cannot_be_read_is_a_lost_decoder() -> None:
    whole = FakeDecoder()._infer(Requests().fill(1, [chunk_row(5, 7, 1, CHUNK, toolset="home")]))
    torn = [ModelInferResponse.FromString(whole.SerializeToString()) for _ in range(4)]
    torn[0].raw_output_contents[0] = b"\xff\xff\xff\xff"
    torn[1].raw_output_contents[1] = b"\xff\xff\xff\xff"
    torn[2].raw_output_contents[1] = pack_elements([b"\xff\xff"])
    torn[3].raw_output_contents[1] = pack_elements(
        [ChunkResponse(decoded=DecodedChunk()).SerializeToString()]
    )
    for bad in (ModelInferResponse(), *torn):
        with pytest.raises(DecoderLost):
            read_answers(bad)


def test_fields_of_a_later_version_are_passed_over() -> None:
    response = FakeDecoder()._infer(Requests().fill(1, [chunk_row(5, 7, 1, CHUNK, toolset="home")]))
    (row,) = unpack_elements(response.raw_output_contents[1])
    response.raw_output_contents[1] = pack_elements([row + b"\xfa\x3e\x03abc"])  # field 1,007
    assert isinstance(read_answers(response)[0], DecodedStep)


@given(st.lists(st.binary(max_size=70)))
def test_elements_survive_a_round_trip_and_torn_ones_are_refused(elements: list[bytes]) -> None:
    raw = pack_elements(elements)
    assert unpack_elements(raw) == elements
    for cut in range(1, 1 + len(elements[-1]) if elements else 1):
        with pytest.raises(ValueError, match="longer"):
            unpack_elements(raw[:-cut])


def test_the_fake_refuses_what_the_real_one_refuses() -> None:
    fake = FakeDecoder(slots=1)
    for row, code in (
        (chunk_row(1, 3, 9, CHUNK, toolset="home"), ""),
        (chunk_row(2, 0, 9, CHUNK, toolset="home"), "slots_exhausted"),
        (chunk_row(1, 4, 8, CHUNK), "stale_fence"),
        (chunk_row(1, 2, 9, CHUNK), "bad_message"),
    ):
        (answer,) = read_answers(fake._infer(Requests().fill(1, [row])))
        assert (answer.code if isinstance(answer, DuplexSLAError) else "") == code
