"""Rows of many sessions on one stream: who travels together, who waits, who hears of a loss."""

import asyncio
from collections.abc import AsyncIterator

import grpc.aio
import pytest
from tests.support.fake_decoder import FakeDecoder, serving
from tests.support.gateway_process import until
from tritonclient.grpc.service_pb2 import ModelInferRequest, ModelStreamInferResponse

from duplexsla.clock import CHUNK_BYTES
from duplexsla.errors import DecoderLost
from duplexsla.gateway.decoders.client import DecoderClients, DecoderStream
from duplexsla.session.store.leases import Lease

CHUNK = bytes(CHUNK_BYTES)


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
            stream = decoders.rows(address)
            await until(lambda: len(stream._flying) == 2)
            assert [row.request.chunk for row in streams[0].rows] == [1]
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
            lost = decoders.rows(address)
            await fake.die()
            for stream in streams[:2]:
                with pytest.raises(DecoderLost):
                    await stream.receive()
                with pytest.raises(DecoderLost):
                    _send(stream, 1)
            assert lost.lost and decoders.rows(address) is not lost
            await decoders.close()

    asyncio.run(scenario())
