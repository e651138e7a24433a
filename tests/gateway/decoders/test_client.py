"""Rows of many sessions on one connection: who travels together, who waits, who hears of a loss."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

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
