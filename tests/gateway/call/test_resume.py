"""A client comes back: to the same gateway or another one, after a lost connection, a drain, a death."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import grpc
import pytest
from tests.support.fake_decoder import FakeDecoder, Held, Reply, remember
from tests.support.gateway_fleet import Fleet, fleet
from tests.support.gateway_process import until

from duplexsla.client import Conversation
from duplexsla.clock import CHUNK_BYTES, CHUNK_SAMPLES
from duplexsla.errors import ResumeRefused, StaleFence
from duplexsla.gateway.call.call import Timeouts
from duplexsla.gateway.call.state import CallState
from duplexsla.history.invariants import check_invariants
from duplexsla.history.reader import HistoryReader, files
from duplexsla.protocol import tokens
from duplexsla.protocol.actions import call_text
from duplexsla.session.client_sound import FORMAT
from duplexsla.v1.session_pb2 import (
    CLOCK_FILE,
    ENCODING_MU_LAW,
    NOTICE_KIND_RESUMED,
    NOTICE_KIND_SOUND_LOST,
    AudioFormat,
    AudioFrame,
    ConverseRequest,
    ConverseResponse,
    End,
    Open,
)
from duplexsla.v1.session_pb2_grpc import SessionServiceStub

LAMP = (tokens.TOOLCALL_BEGIN, call_text("open_home_device", {"device": "lamp"}), tokens.TOOLCALL_END)
CHUNK = b"\1\2" * CHUNK_SAMPLES
Fault = Callable[[Fleet, Conversation], Awaitable[None]]


def _audio(chunks: int) -> list[bytes]:
    dice = random.Random(7)
    return [dice.randbytes(CHUNK_BYTES) for _ in range(chunks)]


def _said(audio: Sequence[bytes]) -> list[bytes]:
    held, sounds = Held("home", 1), []
    for chunk in audio:
        held.hear(chunk)
        sounds.append(remember(held, 0).sound or b"")
    return sounds


async def _cut(here: Fleet, conversation: Conversation) -> None:
    """The connection breaks; all gateways are fine."""
    here.wires[here.holder()].cut()


async def _kill(here: Fleet, conversation: Conversation) -> None:
    await here.kill(here.holder())


async def _kill_unsaved(here: Fleet, conversation: Conversation) -> None:
    """Before anything new was written behind."""
    here.gateways[here.holder()].journals._pause_s = 3_600.0
    await _kill(here, conversation)


async def _drain(here: Fleet, conversation: Conversation) -> None:
    number = here.holder()
    assert await here.gateways[number].drain(10.0) == 0


async def _talk(
    here: Fleet, conversation: Conversation, audio: Sequence[bytes], faults: dict[int, Fault]
) -> list[ConverseResponse]:
    """Sends chunk by chunk, each after an answer; a fault comes between two of them."""
    messages: list[ConverseResponse] = []
    iterator, faulting = aiter(conversation), []
    for number, chunk in enumerate(audio):
        if number in faults:
            faulting.append(asyncio.create_task(faults[number](here, conversation)))
            await asyncio.sleep(0)
        await conversation.send(chunk)
        while not messages or not messages[-1].HasField("chunk") or messages[-1].chunk.index < number:
            messages.append(await anext(iterator))
    await conversation.end()
    messages += [message async for message in iterator]
    await asyncio.gather(*faulting)
    return messages


def _chunks(messages: Sequence[ConverseResponse]) -> list[int]:
    return [message.chunk.index for message in messages if message.HasField("chunk")]


@pytest.mark.parametrize("fault", [_cut, _drain, _kill, _kill_unsaved])
def test_a_file_session_loses_nothing_wherever_its_stream_breaks(fault: Fault) -> None:
    audio = _audio(40)

    async def scenario() -> None:
        async with fleet(gateways=3) as here, here.client.converse("h1", clock="file") as conversation:
            messages = await _talk(here, conversation, audio, {9: fault, 25: fault})
            assert _chunks(messages) == list(range(40)) and conversation.reconnects == 2
            lost = [m.notice for m in messages if m.notice.kind == NOTICE_KIND_SOUND_LOST]
            silent = {n for each in lost for n in range(each.first_chunk, each.first_chunk + each.chunks)}
            said = {m.chunk.index: m.chunk.sound for m in messages if m.HasField("chunk")}
            assert all(said[n] == sound for n, sound in enumerate(_said(audio)) if n not in silent)
            assert messages[-1].closed.chunks >= 40 - 2 and not silent
            assert len([m for m in messages if m.notice.kind == NOTICE_KIND_RESUMED]) == 2

    asyncio.run(scenario())


def test_an_action_that_died_with_its_gateway_happens_once() -> None:
    """Its id is the same when the next gateway decodes the same chunks, or asks again."""
    calls = {4: LAMP[:1], 5: (LAMP[1][:20],), 6: (LAMP[1][20:], LAMP[2])}

    def script(held: Held, chunk: int) -> Reply:
        return Reply(calls.get(chunk, ()))

    async def scenario(cut: int, fault: Fault) -> None:
        async with (
            fleet(decoders=[FakeDecoder(script)]) as here,
            here.client.converse("h1", clock="file") as conversation,
        ):
            messages = await _talk(here, conversation, _audio(12), {cut: fault})
            outcomes = [m.outcome.action_id for m in messages if m.HasField("outcome")]
            acted = {action.id for m in messages for action in m.chunk.actions}
            assert {event.action.id for event in here.events} == acted == set(outcomes)
            assert len(acted) == 1 and len(outcomes) == 1
            fences = [event.fence for event in here.events]
            assert fences == sorted(fences)

    for cut in range(3, 11, 2):
        for fault in (_cut, _drain, _kill, _kill_unsaved):
            asyncio.run(scenario(cut, fault))


def test_a_live_session_goes_on_above_all_that_its_client_has_heard() -> None:
    async def scenario(fault: Fault) -> None:
        async with fleet() as here, here.client.converse("h1") as conversation:
            ticking = asyncio.create_task(_microphone(conversation))
            messages, faulted = [], None
            async for message in conversation:
                messages.append(message)
                if faulted is None and message.chunk.index == 5:
                    faulted = asyncio.create_task(fault(here, conversation))
                if message.chunk.index >= 15:
                    break
            ticking.cancel()
            assert faulted is not None
            await faulted
        indexes = _chunks(messages)
        assert indexes == sorted(set(indexes)) and conversation.reconnects == 1
        (resumed,) = [m.notice for m in messages if m.notice.kind == NOTICE_KIND_RESUMED]
        assert resumed.chunks <= 8  # of the second before
        if fault is _drain:
            assert resumed.chunks == 0 and indexes == list(range(len(indexes)))

    for fault in (_cut, _drain, _kill_unsaved):
        asyncio.run(scenario(fault))


async def _microphone(conversation: Conversation) -> None:
    while True:
        await conversation.send(CHUNK)
        await asyncio.sleep(0.16)  # the wall clock of a live session


def test_a_parked_session_holds_its_slot_for_a_while_and_then_only_its_memory() -> None:
    async def scenario() -> None:
        async with fleet(gateways=1, timeouts=Timeouts(park_s=0.3)) as here:
            conversation = here.client.converse("h1", clock="file")
            await conversation.__aenter__()
            for _ in range(3):
                await conversation.send(CHUNK)
            assert (await anext(aiter(conversation))).HasField("chunk")
            here.wires[0].cut()  # and nobody comes back
            gateway = here.gateways[0]
            await until(lambda: gateway.counts.parked == 1)
            assert gateway.counts.live == 1 and any(fake.sessions for fake in here.decoders)
            await until(lambda: gateway.counts.live == 0 and not any(fake.sessions for fake in here.decoders))
            assert len(here.archive._sessions) == 1

    asyncio.run(scenario())


def test_one_who_hangs_up_leaves_nothing_behind() -> None:
    async def scenario() -> None:
        async with fleet(gateways=1) as here:
            async with here.client.converse("h1", clock="file") as conversation:
                await conversation.send(CHUNK)
                assert (await anext(aiter(conversation))).HasField("chunk")
                await here.gateways[0].journals.save(here.gateways[0].calls)
                assert here.archive._sessions
            await until(lambda: not here.archive._sessions and here.gateways[0].counts.live == 0)
            assert here.gateways[0].counts.parked == 0

    asyncio.run(scenario())


async def _ask(here: Fleet, gateway: int, *requests: ConverseRequest) -> list[ConverseResponse]:
    async with grpc.aio.insecure_channel(here.servers[gateway].address) as channel:
        call = SessionServiceStub(channel).Converse(iter(requests))
        answers = []
        try:
            async for answer in call:
                answers.append(answer)
        except grpc.aio.AioRpcError:
            pass
        return answers


def _opening(**given: object) -> ConverseRequest:
    return ConverseRequest(open=Open(home="h1", audio=FORMAT, clock=CLOCK_FILE, **given))  # type: ignore[arg-type]


def test_only_the_secret_opens_a_session_again() -> None:
    async def scenario() -> None:
        async with fleet() as here, here.client.converse("h1", clock="file") as conversation:
            await conversation.send(CHUNK)
            assert (await anext(aiter(conversation))).HasField("chunk")
            token = conversation.opened.resume_token
            gateway = here.gateways[here.holder()]
            await gateway.journals.save(gateway.calls)
            assert len(token) == 24
            for forged in (token[:-1] + bytes([token[-1] ^ 1]), token[:-1], b"\0" * 24):
                for number in range(2):
                    (refusal,) = await _ask(here, number, _opening(resume_token=forged))
                    assert refusal.error.code == ResumeRefused.code
            await conversation.send(CHUNK)
            await conversation.end()
            assert [r async for r in conversation][-1].closed.chunks == 2

    asyncio.run(scenario())


def test_a_stream_may_come_back_with_another_format_that_is_served() -> None:
    telephone = AudioFormat(encoding=ENCODING_MU_LAW, sample_rate_hz=8_000, channels=1)
    nothing_served = AudioFormat(encoding=ENCODING_MU_LAW, sample_rate_hz=11_025, channels=1)

    async def scenario() -> None:
        async with fleet() as here, here.client.converse("h1", clock="file") as conversation:
            await conversation.send(CHUNK)
            assert (await anext(aiter(conversation))).HasField("chunk")
            token, number = conversation.opened.resume_token, here.holder()
            again = Open(resume_token=token, next_chunk=1, audio=nothing_served)
            (refusal,) = await _ask(here, number, ConverseRequest(open=again))
            assert refusal.error.code == "bad_audio"
            again.audio.CopyFrom(telephone)
            frame = ConverseRequest(audio=AudioFrame(samples=b"\x80\x00" * 640))
            answers = await _ask(here, number, ConverseRequest(open=again), frame, ConverseRequest(end=End()))
            assert answers[0].opened.audio == telephone
            sounds = [answer.chunk.sound for answer in answers if answer.HasField("chunk")]
            assert [len(sound) for sound in sounds] == [1_280] and answers[-1].closed.chunks == 2

    asyncio.run(scenario())


def test_a_stream_that_comes_back_twice_leaves_the_first() -> None:
    """A gateway may not know that the connection is gone when the client is back."""

    async def scenario() -> None:
        async with fleet(gateways=1) as here, here.client.converse("h1", clock="file") as conversation:
            await conversation.send(CHUNK)
            iterator = aiter(conversation)
            assert (await anext(iterator)).HasField("chunk")
            again = _opening(resume_token=conversation.opened.resume_token, next_chunk=1)
            audio = ConverseRequest(audio=AudioFrame(samples=CHUNK))
            answers = await _ask(here, 0, again, audio, ConverseRequest(end=End()))
            kinds = [answer.WhichOneof("message") for answer in answers]
            assert kinds == ["opened", "notice", "chunk", "closed"]
            assert answers[0].opened.next_chunk == answers[2].chunk.index == 1
            with pytest.raises(StaleFence):
                await anext(iterator)

    asyncio.run(scenario())


def test_what_was_missed_comes_again_once() -> None:
    """From the same gateway with its sound; from another one as text, said so."""

    async def scenario(other: bool) -> None:
        async with fleet(decoders=[FakeDecoder(remember)]) as here:
            conversation = here.client.converse("h1", clock="file")
            await conversation.__aenter__()
            for _ in range(10):
                await conversation.send(CHUNK)
            iterator = aiter(conversation)
            while not (message := await anext(iterator)).HasField("chunk") or message.chunk.index < 9:
                pass
            holder = here.holder()
            gateway = here.gateways[holder]
            await gateway.journals.save(gateway.calls)
            token = conversation.opened.resume_token
            again = _opening(resume_token=token, next_chunk=4)
            number = 1 - holder if other else holder
            answers = await _ask(here, number, again, ConverseRequest(end=End(hang_up=False)))
            chunks = [answer.chunk for answer in answers if answer.HasField("chunk")]
            assert [chunk.index for chunk in chunks] == [4, 5, 6, 7, 8, 9]
            assert answers[0].opened.first_chunk == 4 and answers[0].opened.next_chunk == 10
            assert [bool(chunk.sound) for chunk in chunks] == [not other] * 6
            said = [f" {sound.hex()[:6]}" for sound in _said([CHUNK] * 10)]
            assert [chunk.text for chunk in chunks] == said[4:]
            lost = [a.notice.chunks for a in answers if a.notice.kind == NOTICE_KIND_SOUND_LOST]
            assert lost == ([6] if other else []) and answers[-1].closed.chunks == 10
            conversation._stream.cancel()

    asyncio.run(scenario(other=False))
    asyncio.run(scenario(other=True))


def test_the_old_owner_ends_as_soon_as_it_looks() -> None:
    async def scenario() -> None:
        async with fleet(decoders=[FakeDecoder(remember)]) as here:
            conversation = here.client.converse("h1", clock="file")
            await conversation.__aenter__()
            await conversation.send(CHUNK)
            iterator = aiter(conversation)
            assert (await anext(iterator)).HasField("chunk")
            old = here.gateways[here.holder()]
            await old.journals.save(old.calls)
            (session,) = old.calls
            again = _opening(resume_token=conversation.opened.resume_token, next_chunk=1)
            await _ask(here, 1 - here.gateways.index(old), again, ConverseRequest(end=End()))
            await old.calls.renew()
            with pytest.raises(StaleFence):
                await anext(iterator)
            await until(lambda: not old.calls)
            assert session.state is CallState.RESUMABLE

    asyncio.run(scenario())


@pytest.mark.parametrize("clock", ["file", "live"])
def test_the_checker_finds_nothing_wrong_with_what_the_gateways_wrote_down(
    clock: str, tmp_path: Path
) -> None:
    async def scenario() -> None:
        decoders = [FakeDecoder(remember) for _ in range(4)]
        async with (
            fleet(gateways=4, decoders=decoders, history=tmp_path) as here,
            here.client.converse("h1", clock=clock) as conversation,  # type: ignore[arg-type]
        ):
            faults = {4: _drain, 9: _decoder_drains, 14: _kill, 18: _decoder_dies, 22: _cut}
            if clock == "file":
                await _talk(here, conversation, _audio(30), faults)
                return
            ticking, struck = asyncio.create_task(_microphone(conversation)), set()
            async for message in conversation:
                number = message.chunk.index
                if number in faults and number not in struck:
                    struck.add(number)
                    await faults[number](here, conversation)
                if number >= 27:
                    break
            ticking.cancel()

    asyncio.run(scenario())
    verdict = check_invariants(HistoryReader(files([tmp_path])))
    assert verdict.sound, verdict.findings
    assert verdict.judged["I5"] >= 25 and not verdict.odd_rows


async def _decoder_dies(here: Fleet, conversation: Conversation) -> None:
    await _decoder_of(here).die()


async def _decoder_drains(here: Fleet, conversation: Conversation) -> None:
    _decoder_of(here).draining = True


def _decoder_of(here: Fleet) -> FakeDecoder:
    gateway = here.gateways[here.holder()]
    (session,) = gateway.calls
    addresses = [each.address for each in gateway.pool.decoders]
    return here.decoders[addresses.index(session.link.stream.address)]
