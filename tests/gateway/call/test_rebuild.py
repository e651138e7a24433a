"""A decoder dies, hangs, forgets or drains: its sessions go on elsewhere, and nothing of them is lost."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence

import pytest
from tests.support.fake_decoder import FakeDecoder, Held, Reply, remember
from tests.support.gateway_process import World, done_at_once, until, world

from duplexsla.clock import CHUNK_BYTES, CHUNK_SAMPLES
from duplexsla.errors import DecoderLost, SlotsExhausted, StoreLost
from duplexsla.gateway.actions.bus import MemoryBus
from duplexsla.gateway.call.call import Timeouts
from duplexsla.gateway.call.run import MOST_LOSSES
from duplexsla.protocol import tokens
from duplexsla.protocol.actions import call_text
from duplexsla.session.placement import DecoderAddress
from duplexsla.session.store.leases import Lease
from duplexsla.session.store.memory import MemoryStore
from duplexsla.v1.action_pb2 import ActionEvent, ActionOutcome
from duplexsla.v1.session_pb2 import (
    NOTICE_KIND_AUDIO_GAP,
    NOTICE_KIND_DECODER_CHANGED,
    ConverseResponse,
    NoticeKind,
)

LAMP = (tokens.TOOLCALL_BEGIN, call_text("open_home_device", {"device": "lamp"}), tokens.TOOLCALL_END)
QUICK = Timeouts(step_s=0.05, probe_s=0.1)
CHUNK = b"\1\2" * CHUNK_SAMPLES
Strike = Callable[[FakeDecoder], Awaitable[None]]


async def _die(fake: FakeDecoder) -> None:
    await fake.die()


async def _freeze(fake: FakeDecoder) -> None:
    fake.frozen.set()


async def _forget(fake: FakeDecoder) -> None:
    fake.sessions.clear()


async def _drain(fake: FakeDecoder) -> None:
    fake.draining = True


def _fakes(count: int) -> list[FakeDecoder]:
    return [FakeDecoder(remember) for _ in range(count)]


def _audio(chunks: int) -> list[bytes]:
    dice = random.Random(7)
    return [dice.randbytes(CHUNK_BYTES) for _ in range(chunks)]


def _said(audio: Sequence[bytes]) -> list[bytes]:
    """What a session says that nothing happened to."""
    held, sounds = Held("home", 1), []
    for chunk in audio:
        held.hear(chunk)
        sounds.append(remember(held, 0).sound or b"")
    return sounds


def _at(here: World) -> FakeDecoder:
    """The decoder that has the session."""
    (session,) = here.gateway.calls
    addresses = [each.address for each in here.gateway.pool.decoders]
    return here.decoders[addresses.index(session.link.stream.address)]


async def _talk(here: World, audio: Sequence[bytes], strikes: dict[int, Strike]) -> list[ConverseResponse]:
    """Sends chunk by chunk, each after the answer to the one before; strikes the decoder before some."""
    messages: list[ConverseResponse] = []
    async with here.client.converse("h1", clock="file", resume=False) as conversation:
        iterator = aiter(conversation)
        for number, chunk in enumerate(audio):
            if number in strikes:
                await strikes[number](_at(here))
            await conversation.send(chunk)
            messages.append(await anext(iterator))
            while not messages[-1].HasField("chunk"):
                messages.append(await anext(iterator))
        await conversation.end()
        return messages + [message async for message in iterator]


def _chunks(messages: Sequence[ConverseResponse]) -> list[int]:
    return [message.chunk.index for message in messages if message.HasField("chunk")]


def _notices(messages: Sequence[ConverseResponse], kind: NoticeKind) -> list[int]:
    return [message.notice.first_chunk for message in messages if message.notice.kind == kind]


@pytest.mark.parametrize("strike", [_die, _freeze, _forget])
def test_a_session_goes_on_as_if_its_decoder_had_never_been_lost(strike: Strike) -> None:
    audio = _audio(40)

    async def scenario() -> None:
        first, *more = _fakes(4)
        async with world(first, more=more, timeouts=QUICK) as here:
            messages = await _talk(here, audio, {11: strike, 27: strike})
            assert _chunks(messages) == list(range(40))
            assert [m.chunk.sound for m in messages if m.HasField("chunk")] == _said(audio)
            assert messages[-1].closed.chunks == 40 and here.gateway.counts.rebuilt == 2
            assert _notices(messages, NOTICE_KIND_DECODER_CHANGED) == [11, 27]
            await until(lambda: not any(each.sessions for each in here.decoders if not each.frozen.is_set()))

    asyncio.run(scenario())


def test_a_session_leaves_a_draining_decoder_between_two_chunks() -> None:
    audio = _audio(120)

    async def scenario() -> None:
        first, *more = _fakes(3)
        async with world(first, more=more, timeouts=QUICK) as here:

            async def moved(_: FakeDecoder) -> None:
                await until(lambda: here.gateway.counts.migrated == 1 or here.decoder.sessions != {})

            messages = await _talk(here, audio, {11: _drain, 60: moved})
            assert _chunks(messages) == list(range(120))
            assert [m.chunk.sound for m in messages if m.HasField("chunk")] == _said(audio)
            assert (here.gateway.counts.migrated, here.gateway.counts.rebuilt) == (1, 0)
            assert not _notices(messages, NOTICE_KIND_DECODER_CHANGED)
            assert sorted(len(each.ended) for each in here.decoders) == [0, 1, 1]

    asyncio.run(scenario())


def test_a_file_session_at_full_speed_is_held_for_a_moment_to_change_over() -> None:
    audio = _audio(2_000)

    async def scenario() -> None:
        first, *more = _fakes(2)
        async with (
            world(first, more=more, timeouts=QUICK) as here,
            here.client.converse("h1", clock="file") as conversation,
        ):

            async def send() -> None:
                for chunk in audio:
                    await conversation.send(chunk)
                await conversation.end()

            sending, sounds = asyncio.create_task(send()), []
            async for message in conversation:
                if message.HasField("chunk"):
                    sounds.append(message.chunk.sound)
                if len(sounds) == 50:  # far below what the journal holds, however far the session runs ahead
                    _at(here).draining = True
            await sending
            assert sounds == _said(audio) and here.gateway.counts.migrated == 1

    asyncio.run(scenario())


def test_a_shadow_that_says_something_else_does_not_take_over_unnoticed() -> None:
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


def test_what_was_heard_meanwhile_is_decoded_faster_than_real_time_and_none_of_it_is_lost() -> None:
    async def scenario() -> None:
        first, *more = _fakes(2)
        async with (
            world(first, more=more, timeouts=Timeouts(step_s=0.5)) as here,
            here.client.converse("h1") as conversation,
        ):
            iterator = aiter(conversation)
            await conversation.send(CHUNK)
            assert (await anext(iterator)).HasField("chunk")
            _at(here).frozen.set()
            for _ in range(7):
                await conversation.send(CHUNK)
                await asyncio.sleep(0.16)  # the wall clock is what is tested
            await conversation.end()
            messages = [message async for message in iterator]
        chunks = [message.chunk for message in messages if message.HasField("chunk")]
        assert [chunk.index for chunk in chunks] == list(range(1, 1 + len(chunks)))
        lost = sum(m.notice.samples for m in messages if m.notice.kind == NOTICE_KIND_AUDIO_GAP)
        assert len(chunks) * CHUNK_SAMPLES == 7 * CHUNK_SAMPLES + lost  # concealed ones are beside the sent
        (gap,) = [m.notice for m in messages if m.notice.kind == NOTICE_KIND_DECODER_CHANGED]
        assert gap.first_chunk == 1 and 300 < gap.gap_ms < 5_000

    asyncio.run(scenario())


@pytest.mark.parametrize("strike", [_die, _forget])
def test_an_action_happens_once_wherever_the_session_is_cut(strike: Strike) -> None:
    """The call is written over chunks 4 to 6; its outcome is read back once."""
    calls = {4: LAMP[:1], 5: (LAMP[1][:20],), 6: (LAMP[1][20:], LAMP[2])}
    events: list[ActionEvent] = []

    def script(held: Held, chunk: int) -> Reply:
        return Reply(calls.get(chunk, ()))

    async def execute(event: ActionEvent, traceparent: str) -> ActionOutcome:
        events.append(event)
        return await done_at_once(event, traceparent)

    async def scenario(cut: int) -> None:
        fakes = [FakeDecoder(script) for _ in range(2)]
        async with world(fakes[0], more=fakes[1:], bus=MemoryBus(execute), timeouts=QUICK) as here:
            messages = await _talk(here, _audio(12), {cut: strike})
            outcomes = [m.outcome.action_id for m in messages if m.HasField("outcome")]
            acted = [action.id for m in messages for action in m.chunk.actions]
            forced = [text for fake in fakes for held in fake.ended.values() for text in held.forced]
            assert len(events) == len(outcomes) == len(acted) == 1 and forced in ([" [ done on]"], [])
            assert events[0].action.id == outcomes[0] == acted[0] and acted[0].endswith("-4-0")
            events.clear()

    for cut in range(3, 11):
        asyncio.run(scenario(cut))


def test_text_for_the_model_that_no_decoder_wrote_goes_to_the_next_one() -> None:
    def script(held: Held, chunk: int) -> Reply:
        return Reply(LAMP) if chunk == 2 else Reply(pending="".join(held.forced))

    async def scenario() -> None:
        fakes = [FakeDecoder(script) for _ in range(2)]
        async with world(fakes[0], more=fakes[1:], timeouts=QUICK) as here:
            await _talk(here, _audio(12), {6: _die})
        (held,) = [held for fake in fakes for held in fake.ended.values()]
        assert held.past is not None and held.past.pending_forced == " [ done on]" and held.forced == []

    asyncio.run(scenario())


def test_a_decoder_without_a_slot_is_left_for_one_that_has_it() -> None:
    async def scenario() -> None:
        full, free = FakeDecoder(remember, slots=0), FakeDecoder(remember)
        async with world(full, more=[free], timeouts=QUICK) as here:
            for _ in range(3):
                assert _chunks(await _talk(here, _audio(3), {})) == [0, 1, 2]

    asyncio.run(scenario())


def test_a_session_that_no_decoder_takes_ends_typed() -> None:
    async def scenario() -> None:
        timeouts = Timeouts(step_s=0.05, probe_s=0.1, rebuild_s=0.3)
        first, other = _fakes(2)
        async with world(first, more=[other], timeouts=timeouts) as here:

            async def all_die(_: FakeDecoder) -> None:
                await asyncio.gather(first.die(), other.die())

            with pytest.raises(DecoderLost):
                await _talk(here, _audio(9), {4: all_die})
        async with world(FakeDecoder(slots=0), more=[FakeDecoder(slots=0)]) as here:
            with pytest.raises(SlotsExhausted):
                await _talk(here, _audio(9), {})

    asyncio.run(scenario())


def test_a_session_that_kills_every_decoder_it_meets_is_stopped() -> None:
    def poisoned(held: Held, chunk: int) -> Reply:
        return Reply(pieces=("\ud800",) if chunk == 3 else ())  # cannot be encoded: the stream breaks

    async def scenario() -> None:
        fakes = [FakeDecoder(poisoned) for _ in range(MOST_LOSSES + 4)]
        async with world(fakes[0], more=fakes[1:], timeouts=QUICK) as here:
            with pytest.raises(DecoderLost):
                await _talk(here, _audio(9), {})
            assert sum(fake.started for fake in fakes) == MOST_LOSSES + 1

    asyncio.run(scenario())


def test_without_its_store_a_gateway_still_rebuilds() -> None:
    class Silent(MemoryStore):
        async def move(self, lease: Lease, decoders: Sequence[DecoderAddress], *, now_ms: int) -> Lease:
            raise StoreLost("the store is gone")

    async def scenario() -> None:
        first, *more = _fakes(3)
        async with world(first, more=more, store=Silent(), timeouts=QUICK) as here:
            audio = _audio(30)
            messages = await _talk(here, audio, {11: _die, 20: _die})
            assert [m.chunk.sound for m in messages if m.HasField("chunk")] == _said(audio)

    asyncio.run(scenario())
