"""Live sessions on the wall clock: absolute deadlines, silence for what is missing; some hundred ms each."""

import asyncio
import time

from tests.support.gateway_process import until, world

from duplexsla.clock import CHUNK_S, CHUNK_SAMPLES
from duplexsla.session.clocks import GRACE_S
from duplexsla.v1.session_pb2 import NOTICE_KIND_AUDIO_GAP, ConverseResponse

CHUNK = b"\1\2" * CHUNK_SAMPLES


def test_missing_audio_is_concealed_counted_and_declared() -> None:
    async def scenario() -> list[ConverseResponse]:
        async with world() as here, here.client.converse("h1") as conversation:
            await conversation.send(CHUNK)
            await until(lambda: here.gateway.counts.steps >= 4)  # three of them concealed
            await conversation.send(CHUNK)
            await conversation.end()
            responses = [response async for response in conversation]
            assert here.gateway.counts.concealed_samples >= 3 * CHUNK_SAMPLES
            return responses

    responses = asyncio.run(scenario())
    chunks = [r.chunk for r in responses if r.HasField("chunk")]
    assert [chunk.index for chunk in chunks] == list(range(len(chunks)))
    silent = [chunk.index for chunk in chunks if not chunk.sound]
    declared = [r.notice for r in responses if r.notice.kind == NOTICE_KIND_AUDIO_GAP]
    told = [index for gap in declared for index in range(gap.first_chunk, gap.first_chunk + gap.chunks)]
    assert told == silent and len(silent) >= 3
    assert sum(gap.samples for gap in declared) == len(silent) * CHUNK_SAMPLES


def test_a_burst_is_paced_by_the_wall_clock() -> None:
    async def scenario() -> None:
        async with world() as here, here.client.converse("h1") as conversation:
            start = time.monotonic()
            await conversation.send(CHUNK * 5)
            await conversation.end()
            responses = [response async for response in conversation]
            # The first chunk at once, one more on the lead, the others a slot apart.
            decoded = responses[-1].closed.chunks
            assert decoded >= 4 and time.monotonic() - start >= (decoded - 2) * CHUNK_S

    asyncio.run(scenario())


def test_a_session_without_audio_is_not_decoded() -> None:
    async def scenario() -> None:
        async with world() as here, here.client.converse("h1") as conversation:
            await asyncio.sleep(CHUNK_S + GRACE_S)
            assert here.gateway.counts.steps == 0
            await conversation.end()
            (closed,) = [response async for response in conversation]
            assert closed.closed.chunks == 0

    asyncio.run(scenario())
