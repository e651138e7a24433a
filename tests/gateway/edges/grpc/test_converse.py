"""A client's stream against a whole gateway: what it gets for what it sends."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress

import grpc
import pytest
from tests.support.fake_decoder import FakeDecoder, Held, Reply
from tests.support.gateway_process import World, until, world

from duplexsla.client import Conversation
from duplexsla.clock import CHUNK_BYTES
from duplexsla.errors import AudioError, BadInput, ProtocolError, SlotsExhausted, UnknownHome
from duplexsla.protocol import tokens
from duplexsla.protocol.actions import call_text
from duplexsla.session.audio_input import MAX_FRAME_BYTES
from duplexsla.session.client_sound import FORMAT
from duplexsla.v1.action_pb2 import OUTCOME_STATE_DONE, OUTCOME_STATE_REFUSED
from duplexsla.v1.session_pb2 import (
    CLOCK_FILE,
    NOTICE_KIND_ACTION_UNAVAILABLE,
    NOTICE_KIND_UNKNOWN_FIELDS,
    AudioFormat,
    AudioFrame,
    ConverseRequest,
    ConverseResponse,
    End,
    Open,
)
from duplexsla.v1.session_pb2_grpc import SessionServiceStub

CHUNK = bytes(range(256)) * 20
LAMP = (tokens.TOOLCALL_BEGIN, call_text("open_home_device", {"device": "lamp"}), tokens.TOOLCALL_END)
OPEN = ConverseRequest(open=Open(home="h1", audio=FORMAT, clock=CLOCK_FILE))
AUDIO = ConverseRequest(audio=AudioFrame(samples=CHUNK))
TOO_LARGE = ConverseRequest(audio=AudioFrame(samples=bytes(MAX_FRAME_BYTES + 2)))
END = ConverseRequest(end=End())


def _calling(chunk: int, pieces: tuple[str, ...] = LAMP) -> Callable[[Held, int], Reply]:
    """A script that acts at one chunk."""
    return lambda held, index: Reply(pieces) if index == chunk else Reply()


async def _all(conversation: Conversation) -> list[ConverseResponse]:
    return [response async for response in conversation]


async def _raw(here: World, *requests: ConverseRequest) -> tuple[list[ConverseResponse], grpc.StatusCode]:
    """Answers to these messages, and the status of the stream."""
    async with grpc.aio.insecure_channel(here.address) as channel:
        call = SessionServiceStub(channel).Converse(iter(requests))
        answers = []
        try:
            async for answer in call:
                answers.append(answer)
        except grpc.aio.AioRpcError:
            pass
        return answers, await call.code()


def _run(
    scenario: Callable[[World], Awaitable[None]], decoder: Callable[[], FakeDecoder] = FakeDecoder
) -> None:
    async def inside() -> None:
        async with world(decoder()) as here:
            await scenario(here)

    asyncio.run(inside())


def test_a_session_from_open_to_closed() -> None:
    async def scenario(here: World) -> None:
        async with here.client.converse("h1", clock="file") as conversation:
            assert conversation.opened.home == "h1" and conversation.opened.session_id
            for _ in range(5):
                await conversation.send(CHUNK)
            await conversation.send(b"\1\0" * 100)
            await conversation.end()
            responses = await _all(conversation)
        chunks = [response.chunk for response in responses if response.HasField("chunk")]
        assert [chunk.index for chunk in chunks] == [0, 1, 2, 3, 4, 5]
        assert [chunk.sound for chunk in chunks[:5]] == [CHUNK] * 5
        assert chunks[5].sound == (b"\1\0" * 100).ljust(CHUNK_BYTES, b"\0")
        assert responses[-1].closed.chunks == 6
        await here.decoder.end_seen.wait()
        (held,) = here.decoder.ended.values()
        assert held.chunks == [0, 1, 2, 3, 4, 5] and held.toolset == "home" and held.fence > 0

    _run(scenario)


def test_frames_of_any_size_give_the_same_chunks() -> None:
    async def scenario(here: World) -> None:
        dice = random.Random(5)
        audio = dice.randbytes(30 * CHUNK_BYTES)
        for size in (2, 34, 640, 5_120, 20_000, 65_536):
            sent = audio if size > 100 else audio[: 2 * CHUNK_BYTES]
            async with here.client.converse("h1", clock="file") as conversation:
                sending = asyncio.create_task(_send_all(conversation, sent, size))
                responses = await _all(conversation)
                await sending
            assert b"".join(r.chunk.sound for r in responses if r.HasField("chunk")) == sent

    _run(scenario)


async def _send_all(conversation: Conversation, audio: bytes, size: int) -> None:
    for start in range(0, len(audio), size):
        await conversation.send(audio[start : start + size])
    await conversation.end()


def test_an_action_its_outcome_and_the_text_for_the_model() -> None:
    async def scenario(here: World) -> None:
        async with here.client.converse("h1", clock="file") as conversation:
            await conversation.send(CHUNK)
            iterator = aiter(conversation)
            chunk = (await anext(iterator)).chunk
            outcome = (await anext(iterator)).outcome
            assert outcome.action_id == chunk.actions[0].id == f"{conversation.opened.session_id:016x}-0-0"
            assert outcome.state == OUTCOME_STATE_DONE and outcome.home == "h1"
            await conversation.send(CHUNK)
            await conversation.end()
            rest = [response async for response in iterator]
            assert rest[-1].HasField("closed")
        (held,) = here.decoder.ended.values()
        assert held.forced == [" [ done on]"]

    _run(scenario, lambda: FakeDecoder(_calling(0)))


def test_an_outcome_still_comes_after_the_last_chunk() -> None:
    async def scenario(here: World) -> None:
        async with here.client.converse("h1", clock="file") as conversation:
            await conversation.send(CHUNK)
            await conversation.end()
            kinds = [response.WhichOneof("message") for response in await _all(conversation)]
        assert kinds == ["chunk", "outcome", "closed"]

    _run(scenario, lambda: FakeDecoder(_calling(0)))


def test_an_outcome_reaches_its_own_session_only() -> None:
    async def scenario(here: World) -> None:
        async with (
            here.client.converse("h1", clock="file") as first,
            here.client.converse("h2", clock="file") as second,
        ):
            for conversation in (first, second):
                await conversation.send(CHUNK)
                await conversation.end()
            for conversation, home in ((first, "h1"), (second, "h2")):
                outcomes = [r.outcome for r in await _all(conversation) if r.HasField("outcome")]
                assert [outcome.home for outcome in outcomes] == [home]
                assert outcomes[0].session_id == conversation.opened.session_id

    _run(scenario, lambda: FakeDecoder(_calling(0)))


def test_a_call_that_the_schema_refuses_is_told_and_never_sent() -> None:
    bad = (tokens.TOOLCALL_BEGIN, call_text("open_home_device", {"room": "moon"}), tokens.TOOLCALL_END)

    async def scenario(here: World) -> None:
        async with here.client.converse("h1", clock="file") as conversation:
            await conversation.send(CHUNK)
            await conversation.end()
            outcomes = [r.outcome for r in await _all(conversation) if r.HasField("outcome")]
        assert [outcome.state for outcome in outcomes] == [OUTCOME_STATE_REFUSED]
        assert here.gateway.counts.actions == 0

    _run(scenario, lambda: FakeDecoder(_calling(0, bad)))


def test_without_a_broker_an_action_is_a_notice_and_the_conversation_goes_on() -> None:
    async def scenario() -> None:
        from duplexsla.gateway.actions.bus import MemoryBus

        async with world(FakeDecoder(_calling(0)), bus=MemoryBus()) as here:
            async with here.client.converse("h1", clock="file") as conversation:
                await conversation.send(CHUNK)
                iterator = aiter(conversation)
                assert (await anext(iterator)).chunk.actions
                assert (await anext(iterator)).notice.kind == NOTICE_KIND_ACTION_UNAVAILABLE
                await conversation.send(CHUNK)
                await conversation.end()
                assert [r async for r in iterator][-1].HasField("closed")
            (held,) = here.decoder.ended.values()
            assert held.forced == [" [ silent]"] and here.gateway.counts.actions_unavailable == 1

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("opening", "error"),
    [
        (Open(home="h1", audio=AudioFormat(encoding=1, sample_rate_hz=11_025, channels=1)), "bad_audio"),  # type: ignore[arg-type]
        (Open(home="h1"), "bad_audio"),
        (Open(home="", audio=FORMAT), "unknown_home"),
        (Open(home="nowhere", audio=FORMAT), "unknown_home"),
        (Open(home="h1", audio=FORMAT, toolset="boat"), "bad_message"),
    ],
)
def test_a_session_that_cannot_be_opened_is_refused_with_its_reason(opening: Open, error: str) -> None:
    async def scenario(here: World) -> None:
        answers, status = await _raw(here, ConverseRequest(open=opening), AUDIO)
        assert [answer.error.code for answer in answers] == [error] and answers[0].error.detail
        code = grpc.StatusCode.NOT_FOUND if error == "unknown_home" else grpc.StatusCode.INVALID_ARGUMENT
        assert status is code and here.gateway.counts.refused == 1

    _run(scenario)


@pytest.mark.parametrize(
    ("requests", "error"),
    [
        ([AUDIO, OPEN], "bad_message"),
        ([END], "bad_message"),
        ([], "bad_message"),
        ([OPEN, OPEN], "bad_message"),
        ([OPEN, AUDIO, OPEN], "bad_message"),
        ([OPEN, ConverseRequest()], "bad_message"),
        ([OPEN, ConverseRequest(audio=AudioFrame(samples=bytes(1 << 20)))], "bad_audio"),
    ],
)
def test_bad_input_ends_its_own_session_with_a_typed_error(
    requests: list[ConverseRequest], error: str
) -> None:
    async def scenario(here: World) -> None:
        async with here.client.converse("neighbour", clock="file") as neighbour:
            await neighbour.send(CHUNK)
            answers, status = await _raw(here, *requests)
            assert answers[-1].error.code == error
            assert status is grpc.StatusCode.INVALID_ARGUMENT
            await neighbour.send(CHUNK)
            await neighbour.end()
            assert (await _all(neighbour))[-1].closed.chunks == 2

    _run(scenario)


def test_what_was_decoded_before_the_bad_input_still_comes() -> None:
    async def scenario(here: World) -> None:
        async with here.client.converse("h1", clock="file") as conversation:
            await conversation.send(CHUNK)
            iterator = aiter(conversation)
            assert (await anext(iterator)).chunk.sound == CHUNK
            with pytest.raises(AudioError, match="bytes"):
                await conversation._stream._write(TOO_LARGE)
                await anext(iterator)
        await here.decoder.end_seen.wait()  # its slot came back

    _run(scenario)


def test_a_frame_beyond_any_limit_is_refused_by_the_wire() -> None:
    async def scenario(here: World) -> None:
        frame = ConverseRequest(audio=AudioFrame(samples=bytes(8 << 20)))
        _, status = await _raw(here, OPEN, frame)
        assert status in (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.CANCELLED)
        async with here.client.converse("h1", clock="file") as conversation:
            await conversation.end()
            assert (await _all(conversation))[-1].HasField("closed")

    _run(scenario)


def test_bytes_that_are_no_message_are_the_client_s_own_fault() -> None:
    async def scenario(here: World) -> None:
        for first in (OPEN.SerializeToString(), b""):
            async with grpc.aio.insecure_channel(here.address) as channel:
                call = channel.stream_stream("/duplexsla.v1.SessionService/Converse")()
                for frame in filter(None, (first, b"\xff\xff\xff")):
                    await call.write(frame)
                with suppress(grpc.aio.AioRpcError):
                    while await call.read() is not grpc.aio.EOF:
                        pass
                assert await call.code() is grpc.StatusCode.INVALID_ARGUMENT

    _run(scenario)


def test_garbage_samples_are_only_noise() -> None:
    async def scenario(here: World) -> None:
        garbage = random.Random(1).randbytes(4 * CHUNK_BYTES) + b"\xff\x7f\x00\x80" * 5_120
        async with here.client.converse("h1", clock="file") as conversation:
            await conversation.send(garbage)
            await conversation.end()
            assert (await _all(conversation))[-1].closed.chunks == 8

    _run(scenario)


def test_unknown_fields_are_told_once_and_ignored() -> None:
    async def scenario(here: World) -> None:
        later = ConverseRequest.FromString(b"\x7a\x02hi")
        answers, status = await _raw(here, OPEN, later, AUDIO, later, AUDIO, END)
        notices = [answer.notice.kind for answer in answers if answer.HasField("notice")]
        assert notices == [NOTICE_KIND_UNKNOWN_FIELDS]
        assert answers[-1].closed.chunks == 2 and status is grpc.StatusCode.OK

    _run(scenario)


def test_more_sessions_than_slots_are_refused_with_a_hint_and_harm_nobody() -> None:
    async def scenario() -> None:
        async with world(slots=2) as here:
            async with (
                here.client.converse("h1", clock="file") as one,
                here.client.converse("h2", clock="file"),
            ):
                for _ in range(5):
                    with pytest.raises(SlotsExhausted) as refusal:
                        async with here.client.converse("h3", clock="file"):
                            pass
                    assert refusal.value.retry_after_ms > 0
                await one.end()
                assert (await _all(one))[-1].HasField("closed")
            async with here.client.converse("h3", clock="file") as late:
                await late.end()
                assert (await _all(late))[-1].HasField("closed")

    asyncio.run(scenario())


def test_a_refusal_carries_grpcs_own_retry_hint() -> None:
    async def scenario() -> None:
        async with (
            world(slots=1) as here,
            here.client.converse("h1"),
            grpc.aio.insecure_channel(here.address) as channel,
        ):
            call = SessionServiceStub(channel).Converse(iter([OPEN]))
            assert (await call.read()).error.retry_after_ms == 1_000
            assert await call.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
            assert ("grpc-retry-pushback-ms", "1000") in tuple(await call.trailing_metadata())

    asyncio.run(scenario())


def test_slots_that_the_decoder_itself_has_not_are_a_refusal_too() -> None:
    async def scenario(here: World) -> None:
        async with here.client.converse("h1", clock="file") as conversation:
            await conversation.send(CHUNK)
            with pytest.raises(SlotsExhausted):
                await _all(conversation)

    _run(scenario, lambda: FakeDecoder(slots=0))


def test_a_client_that_vanishes_gives_its_slot_back() -> None:
    async def scenario(here: World) -> None:
        async with here.client.converse("h1", clock="file") as conversation:
            await conversation.send(CHUNK)
            await anext(aiter(conversation))
        await here.decoder.end_seen.wait()
        await until(lambda: not here.decoder.sessions and here.gateway.counts.live == 0)
        async with here.client.converse("h2", clock="file") as conversation:
            await conversation.send(CHUNK)
            assert (await anext(aiter(conversation))).chunk.index == 0

    _run(scenario, lambda: FakeDecoder(slots=1))


def test_a_half_closed_stream_is_an_end() -> None:
    async def scenario(here: World) -> None:
        answers, status = await _raw(here, OPEN, AUDIO)
        assert answers[-1].closed.chunks == 1 and status is grpc.StatusCode.OK

    _run(scenario)


def test_metadata_names_the_home() -> None:
    async def scenario(here: World) -> None:
        async with here.client.converse("h1", metadata={"duplexsla-home": "h2"}) as conversation:
            assert conversation.opened.home == "h2"
        with pytest.raises(UnknownHome):
            async with here.client.converse("h1", metadata={"duplexsla-home": "no-such"}):
                pass

    _run(scenario)


def test_errors_reach_a_client_as_the_classes_of_the_tree() -> None:
    async def scenario(here: World) -> None:
        for error in (AudioError, BadInput):
            async with here.client.converse("h1", clock="file") as conversation:
                await conversation._stream._write(TOO_LARGE)
                with pytest.raises(error):
                    await _all(conversation)
        with pytest.raises(ProtocolError):
            async with here.client.converse("h1", toolset="boat"):
                pass

    _run(scenario)
