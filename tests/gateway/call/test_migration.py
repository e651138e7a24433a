"""A decoder drains: its calls change over to another one between two chunks, and nothing of them is lost."""

import asyncio

from tests.support.decoder_faults import (
    QUICK,
    audio,
    chunk_indexes,
    decoder_of,
    decoders,
    drain,
    notices,
    sounds,
    talk,
)
from tests.support.fake_decoder import FakeDecoder, Held, Reply, remember
from tests.support.gateway_process import until, world

from duplexsla.clock import CHUNK_SAMPLES
from duplexsla.gateway.call.call import Timeouts
from duplexsla.v1.session_pb2 import NOTICE_KIND_DECODER_CHANGED

CHUNK = b"\1\2" * CHUNK_SAMPLES


def test_a_session_leaves_a_draining_decoder_between_two_chunks() -> None:
    heard = audio(120)

    async def scenario() -> None:
        first, *more = decoders(3)
        async with world(first, more=more, timeouts=QUICK) as here:

            async def moved(_: FakeDecoder) -> None:
                await until(lambda: here.gateway.counts.migrated == 1 or here.decoder.sessions != {})

            messages = await talk(here, heard, {11: drain, 60: moved})
            assert chunk_indexes(messages) == list(range(120))
            assert [m.chunk.sound for m in messages if m.HasField("chunk")] == sounds(heard)
            assert (here.gateway.counts.migrated, here.gateway.counts.rebuilt) == (1, 0)
            assert not notices(messages, NOTICE_KIND_DECODER_CHANGED)
            assert sorted(len(each.ended) for each in here.decoders) == [0, 1, 1]

    asyncio.run(scenario())


def test_a_file_session_at_full_speed_is_held_for_a_moment_to_change_over() -> None:
    heard = audio(2_000)

    async def scenario() -> None:
        first, *more = decoders(2)
        async with (
            world(first, more=more, timeouts=QUICK) as here,
            here.client.converse("h1", clock="file") as conversation,
        ):

            async def send() -> None:
                for chunk in heard:
                    await conversation.send(chunk)
                await conversation.end()

            sending, got = asyncio.create_task(send()), []
            async for message in conversation:
                if message.HasField("chunk"):
                    got.append(message.chunk.sound)
                if len(got) == 50:  # far below what the journal holds, however far the session runs ahead
                    decoder_of(here).draining = True
            await sending
            assert got == sounds(heard) and here.gateway.counts.migrated == 1

    asyncio.run(scenario())


def test_a_standby_that_decodes_something_else_does_not_take_over_unnoticed() -> None:
    """After some attempts the session is rebuilt there, with all that was said aloud as its past."""

    def otherwise(held: Held, chunk: int) -> Reply:
        return remember(held, chunk)._replace(anchor=" other")

    async def scenario() -> None:
        async with world(FakeDecoder(remember), more=[FakeDecoder(otherwise)], timeouts=QUICK) as here:
            first, second = here.gateway.pool.decoders
            here.gateway.pool.decoders = [first, second._replace(slots=second.slots - 1)]
            async with here.client.converse("h1", clock="file", resume=False) as conversation:
                iterator, anchors = aiter(conversation), []
                while anchors[-1:] != [" other"]:
                    here.decoder.draining = len(anchors) > 3
                    await conversation.send(CHUNK)
                    while not (message := await anext(iterator)).HasField("chunk"):
                        pass
                    anchors.append(message.chunk.text)
                    await asyncio.sleep(0.01)
                assert (here.gateway.counts.migrated, here.gateway.counts.rebuilt) == (0, 1)
                (held,) = here.decoders[1].sessions.values()
                assert [chunk.anchor for chunk in held.lived] == anchors[:-1]

    asyncio.run(scenario())


def test_a_standby_that_does_not_answer_is_given_up_for_another_one() -> None:
    """Meanwhile the call goes on where it is."""

    async def scenario() -> None:
        fakes = decoders(3)
        timeouts = Timeouts(start_s=0.05)
        async with (
            world(fakes[0], more=fakes[1:], timeouts=timeouts) as here,
            here.client.converse("h1", clock="file", resume=False) as conversation,
        ):
            iterator, heard, got = aiter(conversation), list[bytes](), list[bytes]()
            frozen: FakeDecoder | None = None
            while not here.gateway.counts.migrated:
                heard += audio(1)
                await conversation.send(heard[-1])
                got.append((await anext(iterator)).chunk.sound)
                if frozen is None:
                    present = decoder_of(here)
                    frozen = next(fake for fake in fakes if fake is not present)
                    frozen.frozen.set()
                    present.draining = True
                await asyncio.sleep(0.01)
            assert decoder_of(here) not in (present, frozen) and here.gateway.counts.rebuilt == 0
            assert got == sounds(heard)

    asyncio.run(scenario())
