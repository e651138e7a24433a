"""The stream to a decoder: its slot is given back once, whoever gives up waiting for that."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import grpc.aio
from tests.support.fake_decoder import FakeDecoder, serving
from tritonclient.grpc.service_pb2 import ModelInferRequest, ModelStreamInferResponse

from duplexsla.clock import CHUNK_BYTES
from duplexsla.gateway.decoders.client import DecoderClients
from duplexsla.session.store.leases import Lease


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
            stream.send(0, bytes(CHUNK_BYTES), forced="", traceparent="")
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
