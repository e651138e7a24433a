"""The pipeline of a call: paced by the wall clock or by its neighbours; slow, silent and vanished ones hurt
only the call at fault.
"""

import asyncio
import time

import pytest
from tests.support.fake_decoder import FakeDecoder, Held, Reply
from tests.support.gateway_process import World, until, world

from duplexsla.client import Conversation
from duplexsla.clock import CHUNK_BYTES, CHUNK_S, CHUNK_SAMPLES
from duplexsla.errors import ClientSilent, DecoderLost, StaleFence
from duplexsla.gateway.call.call import Call, Timeouts
from duplexsla.session.audio_input import BACKLOG_CHUNKS, GRACE_S, SPACING_S
from duplexsla.session.outbox import OUTBOX_MESSAGES
from duplexsla.session.store.memory import MemoryStore
from duplexsla.v1.session_pb2 import NOTICE_KIND_AUDIO_GAP, NOTICE_KIND_CHUNKS_DROPPED, ConverseResponse

CHUNK = b"\1\2" * CHUNK_SAMPLES


async def _all(conversation: Conversation) -> list[ConverseResponse]:
    return [response async for response in conversation]


def _session(here: World) -> Call:
    (session,) = here.gateway.calls
    return session


async def _send_all(conversation: Conversation, chunks: int) -> None:
    for _ in range(chunks):
        await conversation.send(CHUNK)
    await conversation.end()


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
            decoded = responses[-1].closed.chunks
            assert decoded == 5 and time.monotonic() - start >= (decoded - 1) * SPACING_S

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


def test_a_file_client_that_never_reads_is_held_back_and_loses_nothing() -> None:
    async def scenario() -> None:
        async with world() as here, here.client.converse("h1", clock="file") as conversation:
            sending = asyncio.create_task(_send_all(conversation, 400))
            session = _session(here)
            await until(lambda: session.outbox.full and session.audio.backlog.full)
            assert len(session.outbox) <= OUTBOX_MESSAGES + 4 and len(session.audio.backlog) == BACKLOG_CHUNKS
            assert not sending.done()
            indexes = [r.chunk.index for r in await _all(conversation) if r.HasField("chunk")]
            assert indexes == list(range(400))
            await sending

    asyncio.run(scenario())


def test_a_client_that_never_reads_ends_after_a_while_and_frees_its_slot() -> None:
    async def scenario() -> None:
        async with world(slots=2, timeouts=Timeouts(final_messages_s=0.05)) as here:
            async with here.client.converse("quick", clock="file") as neighbour:
                conversation = here.client.converse("h1", clock="file")
                await conversation.__aenter__()
                sending = asyncio.create_task(_send_all(conversation, 400))
                session = next(s for s in here.gateway.calls if s.dialogue.terms.home == "h1")
                await until(lambda: session.outbox.full and session.attachment.writing_since is not None)
                late_s = time.monotonic() + session.timeouts.stall_s + 1
                session.attachment.received_at = late_s  # it still sends
                session.check(late_s, 0)
                await until(lambda: here.gateway.counts.live == 1)
                await neighbour.send(CHUNK)
                await neighbour.end()
                assert (await _all(neighbour))[-1].closed.chunks == 1
                sending.cancel()
                await conversation.__aexit__(None, None, None)
            await until(lambda: not here.decoder.sessions)

    asyncio.run(scenario())


def test_a_live_client_that_reads_too_slowly_loses_the_oldest_chunks_declared() -> None:
    async def scenario() -> None:
        async with world() as here, here.client.converse("h1") as conversation:
            session = _session(here)
            await conversation.send(CHUNK)
            await until(lambda: session.counts.steps == 1)
            message = ConverseResponse()
            message.chunk.sound = bytes(CHUNK_BYTES)
            for index in range(1, 400):  # what the decoder would have said in the meantime
                message.chunk.index = index
                session.post(ConverseResponse.FromString(message.SerializeToString()))
            assert len(session.outbox) <= OUTBOX_MESSAGES
            await conversation.end()
            responses = await _all(conversation)
        chunks = [r.chunk.index for r in responses if r.HasField("chunk")]
        gaps = [r.notice for r in responses if r.HasField("notice")]
        assert {gap.kind for gap in gaps} == {NOTICE_KIND_CHUNKS_DROPPED}
        declared = [index for gap in gaps for index in range(gap.first_chunk, gap.first_chunk + gap.chunks)]
        assert declared and here.gateway.counts.chunks_dropped == len(declared)
        assert chunks == sorted(set(chunks)) and sorted({*chunks, *declared}) == list(range(400))

    asyncio.run(scenario())


def test_live_audio_that_comes_too_fast_is_dropped_oldest_first_and_declared() -> None:
    async def scenario() -> None:
        async with world() as here, here.client.converse("h1") as conversation:
            await conversation.send(CHUNK * 40)
            await conversation.end()
            responses = await _all(conversation)
        lost = sum(r.notice.samples for r in responses if r.notice.kind == NOTICE_KIND_AUDIO_GAP)
        decoded = responses[-1].closed.chunks
        assert decoded * CHUNK_SAMPLES + lost == 40 * CHUNK_SAMPLES and lost > 0
        assert here.gateway.counts.lost_samples == lost

    asyncio.run(scenario())


def test_a_decoder_that_hangs_ends_its_session_with_a_retriable_error() -> None:
    async def scenario() -> None:
        async with world() as here, here.client.converse("h1", clock="file") as conversation:
            here.decoder.hang.set()
            await conversation.send(CHUNK)
            session = _session(here)
            await until(lambda: session.link.waiting_since is not None)
            session.check(time.monotonic() + session.timeouts.step_s - 1, 0)
            assert not session.failure.done()
            session.check(time.monotonic() + session.timeouts.step_s + 1, 0)
            with pytest.raises(DecoderLost):
                await _all(conversation)

    asyncio.run(scenario())


def test_the_watch_runs_by_itself() -> None:
    async def scenario() -> None:
        timeouts = Timeouts(step_s=0.01)
        async with (
            world(timeouts=timeouts) as here,
            here.client.converse("h1", clock="file") as conversation,
        ):
            here.decoder.hang.set()
            await conversation.send(CHUNK)
            with pytest.raises(DecoderLost):
                await _all(conversation)

    asyncio.run(scenario())


def test_a_muted_client_keeps_its_session_and_hears_of_its_outcomes() -> None:
    async def scenario() -> None:
        async with world() as here, here.client.converse("h1") as conversation:
            session = _session(here)
            session.check(time.monotonic() + 30 * 60, 0)
            assert not session.failure.done()
            message = ConverseResponse()
            message.outcome.function = "set_timer"
            session.post(message)
            assert (await anext(aiter(conversation))).outcome.function == "set_timer"

    asyncio.run(scenario())


def test_a_client_that_sends_nothing_for_long_ends() -> None:
    async def scenario() -> None:
        async with world() as here, here.client.converse("h1") as conversation:
            session = _session(here)
            session.check(time.monotonic() + session.timeouts.silence_s + 1, 0)
            with pytest.raises(ClientSilent, match="sent nothing"):
                await _all(conversation)

    asyncio.run(scenario())


def test_a_decoder_that_is_not_there_is_lost() -> None:
    async def scenario() -> None:
        from duplexsla.session.store.leases import DecoderAddress

        async with world() as here:
            here.gateway.pool.decoders = [DecoderAddress("127.0.0.1:1", 4)]
            async with here.client.converse("h1", clock="file") as conversation:
                await conversation.send(CHUNK)
                with pytest.raises(DecoderLost):
                    await _all(conversation)

    asyncio.run(scenario())


def test_a_session_that_another_gateway_took_over_ends_fenced() -> None:
    async def scenario() -> None:
        store = MemoryStore()
        async with world(store=store) as here, here.client.converse("h1", clock="file") as conversation:
            lease = _session(here).lease
            await here.gateway.calls.renew()
            assert not _session(here).failure.done()
            places = here.gateway.pool.decoders
            await store.take(lease.session_id, "other", places, now_ms=(lease.fence >> 10) + 1)
            await here.gateway.calls.renew()
            with pytest.raises(StaleFence):
                await _all(conversation)

    asyncio.run(scenario())


def test_a_script_that_breaks_hurts_its_own_session_only() -> None:
    def break_for_one(held: Held, chunk: int) -> Reply:
        if held.audio[:2] == b"\7\7":
            raise RuntimeError("a fault of the model")
        return Reply()

    async def scenario() -> None:
        async with (
            world(FakeDecoder(break_for_one)) as here,
            here.client.converse("h1", clock="file") as bad,
            here.client.converse("h2", clock="file") as good,
        ):
            await bad.send(b"\7\7" * CHUNK_SAMPLES)
            await good.send(CHUNK)
            with pytest.raises(DecoderLost):
                await _all(bad)
            await good.end()
            assert (await _all(good))[-1].closed.chunks == 1

    asyncio.run(scenario())
