"""Files sent to decoders whose answers depend on all that they were sent, with a fault between two chunks."""

import random
from collections.abc import Awaitable, Callable, Sequence

from tests.support.fake_decoder import FakeDecoder, Held, remember
from tests.support.gateway_process import World

from duplexsla.clock import CHUNK_BYTES
from duplexsla.gateway.call.call import Timeouts
from duplexsla.v1.session_pb2 import ConverseResponse, NoticeKind

QUICK = Timeouts(step_s=0.05, probe_s=0.1)
Fault = Callable[[FakeDecoder], Awaitable[None]]


async def die(fake: FakeDecoder) -> None:
    await fake.die()


async def freeze(fake: FakeDecoder) -> None:
    fake.frozen.set()


async def forget(fake: FakeDecoder) -> None:
    fake.sessions.clear()


async def drain(fake: FakeDecoder) -> None:
    fake.draining = True


def decoders(count: int) -> list[FakeDecoder]:
    return [FakeDecoder(remember) for _ in range(count)]


def audio(chunks: int) -> list[bytes]:
    rng = random.Random(7)
    return [rng.randbytes(CHUNK_BYTES) for _ in range(chunks)]


def sounds(heard: Sequence[bytes]) -> list[bytes]:
    """What a session says that nothing happened to."""
    held, got = Held("home", 1), []
    for chunk in heard:
        held.hear(chunk)
        got.append(remember(held, 0).sound or b"")
    return got


def decoder_of(here: World) -> FakeDecoder:
    """The decoder that has the session."""
    (session,) = here.gateway.calls
    addresses = [each.address for each in here.gateway.pool.decoders]
    return here.decoders[addresses.index(session.link.stream.address)]


async def talk(here: World, heard: Sequence[bytes], faults: dict[int, Fault]) -> list[ConverseResponse]:
    """Sends chunk by chunk, each after the answer to the one before; a fault comes before some."""
    messages: list[ConverseResponse] = []
    async with here.client.converse("h1", clock="file", resume=False) as conversation:
        iterator = aiter(conversation)
        for number, chunk in enumerate(heard):
            if number in faults:
                await faults[number](decoder_of(here))
            await conversation.send(chunk)
            messages.append(await anext(iterator))
            while not messages[-1].HasField("chunk"):
                messages.append(await anext(iterator))
        await conversation.end()
        return messages + [message async for message in iterator]


def chunk_indexes(messages: Sequence[ConverseResponse]) -> list[int]:
    return [message.chunk.index for message in messages if message.HasField("chunk")]


def notices(messages: Sequence[ConverseResponse], kind: NoticeKind) -> list[int]:
    return [message.notice.first_chunk for message in messages if message.notice.kind == kind]
