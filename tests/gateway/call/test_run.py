"""A decoder dies, hangs or forgets: its calls are rebuilt on another one, and nothing of them is lost."""

import asyncio
from collections.abc import Sequence

import pytest
from tests.support.decoder_faults import (
    QUICK,
    Fault,
    audio,
    chunk_indexes,
    decoder_of,
    decoders,
    die,
    drain,
    forget,
    freeze,
    notices,
    sounds,
    talk,
)
from tests.support.fake_decoder import FakeDecoder, Held, Reply, remember
from tests.support.gateway_process import done_at_once, until, world

from duplexsla.clock import CHUNK_SAMPLES
from duplexsla.errors import DecoderLost, SlotsExhausted, StoreLost
from duplexsla.gateway.actions.bus import MemoryBus
from duplexsla.gateway.call.call import Timeouts
from duplexsla.gateway.call.run import AGAIN_S, MOST_LOSSES
from duplexsla.protocol import tokens
from duplexsla.protocol.actions import call_text
from duplexsla.session.dialogue import QUIET_CHUNKS
from duplexsla.session.store.leases import DecoderAddress, Lease
from duplexsla.session.store.memory import MemoryStore
from duplexsla.v1.action_pb2 import ActionEvent, ActionOutcome
from duplexsla.v1.session_pb2 import NOTICE_KIND_AUDIO_GAP, NOTICE_KIND_DECODER_CHANGED, ConverseResponse

LAMP = (tokens.TOOLCALL_BEGIN, call_text("open_home_device", {"device": "lamp"}), tokens.TOOLCALL_END)
CHUNK = b"\1\2" * CHUNK_SAMPLES


@pytest.mark.parametrize("fault", [die, freeze, forget])
def test_a_session_goes_on_as_if_its_decoder_had_never_been_lost(fault: Fault) -> None:
    heard = audio(40)

    async def scenario() -> None:
        first, *more = decoders(4)
        async with world(first, more=more, timeouts=QUICK) as here:
            messages = await talk(here, heard, {11: fault, 27: fault})
            assert chunk_indexes(messages) == list(range(40))
            assert [m.chunk.sound for m in messages if m.HasField("chunk")] == sounds(heard)
            assert messages[-1].closed.chunks == 40 and here.gateway.counts.rebuilt == 2
            assert notices(messages, NOTICE_KIND_DECODER_CHANGED) == [11, 27]
            await until(lambda: not any(each.sessions for each in here.decoders if not each.frozen.is_set()))

    asyncio.run(scenario())


def test_what_was_heard_meanwhile_is_decoded_faster_than_real_time_and_none_of_it_is_lost() -> None:
    async def scenario() -> None:
        first, *more = decoders(2)
        async with (
            world(first, more=more, timeouts=Timeouts(step_s=0.5)) as here,
            here.client.converse("h1") as conversation,
        ):
            iterator = aiter(conversation)
            await conversation.send(CHUNK)
            assert (await anext(iterator)).HasField("chunk")
            decoder_of(here).frozen.set()
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


@pytest.mark.parametrize("fault", [die, forget])
def test_an_action_happens_once_wherever_the_session_is_cut(fault: Fault) -> None:
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
            messages = await talk(here, audio(12), {cut: fault})
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
            await talk(here, audio(12), {6: die})
        (held,) = [held for fake in fakes for held in fake.ended.values()]
        assert held.past is not None and held.past.pending_forced == " [ done on]" and held.forced == []

    asyncio.run(scenario())


def test_a_decoder_without_a_slot_is_left_for_one_that_has_it() -> None:
    async def scenario() -> None:
        full, free = FakeDecoder(remember, slots=0), FakeDecoder(remember)
        async with world(full, more=[free], timeouts=QUICK) as here:
            for _ in range(3):
                assert chunk_indexes(await talk(here, audio(3), {})) == [0, 1, 2]

    asyncio.run(scenario())


def test_a_session_that_no_decoder_takes_ends_typed() -> None:
    async def scenario() -> None:
        timeouts = Timeouts(step_s=0.05, probe_s=0.1, rebuild_s=0.3)
        first, other = decoders(2)
        async with world(first, more=[other], timeouts=timeouts) as here:

            async def all_die(_: FakeDecoder) -> None:
                await asyncio.gather(first.die(), other.die())

            with pytest.raises(DecoderLost):
                await talk(here, audio(9), {4: all_die})
        full = FakeDecoder(slots=0), FakeDecoder(slots=0)
        async with world(full[0], more=full[1:], timeouts=timeouts) as here:
            with pytest.raises(SlotsExhausted):
                await talk(here, audio(9), {})
            # Each is asked once at once, then one after a pause: nobody is asked without end.
            assert here.gateway.counts.rebuilt <= len(full) + timeouts.rebuild_s / AGAIN_S

    asyncio.run(scenario())


def test_a_session_that_kills_every_decoder_it_meets_is_stopped() -> None:
    def poisoned(held: Held, chunk: int) -> Reply:
        return Reply(pieces=("\ud800",) if chunk == 3 else ())  # cannot be encoded: the stream breaks

    async def scenario() -> None:
        fakes = [FakeDecoder(poisoned) for _ in range(MOST_LOSSES + 4)]
        async with world(fakes[0], more=fakes[1:], timeouts=QUICK) as here:
            with pytest.raises(DecoderLost):
                await talk(here, audio(9), {})
            assert sum(fake.started for fake in fakes) == MOST_LOSSES + 1

    asyncio.run(scenario())


def test_without_its_store_a_gateway_still_rebuilds() -> None:
    class Silent(MemoryStore):
        async def move(self, lease: Lease, decoders: Sequence[DecoderAddress], *, now_ms: int) -> Lease:
            raise StoreLost("the store is gone")

    async def scenario() -> None:
        first, *more = decoders(3)
        async with world(first, more=more, store=Silent(), timeouts=QUICK) as here:
            heard = audio(30)
            messages = await talk(here, heard, {11: die, 20: die})
            assert [m.chunk.sound for m in messages if m.HasField("chunk")] == sounds(heard)

    asyncio.run(scenario())


def test_a_decoder_that_forgot_one_session_is_trusted_with_all_the_same() -> None:
    heard = audio(20)

    async def scenario() -> None:
        async with world(decoders(1)[0], timeouts=QUICK) as here:
            messages = await talk(here, heard, {9: forget})
            assert chunk_indexes(messages) == list(range(20))
            assert [m.chunk.sound for m in messages if m.HasField("chunk")] == sounds(heard)
            assert here.gateway.counts.rebuilt == 1
            assert here.gateway.pool.states()["avoided"] == 0

    asyncio.run(scenario())


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
    heard = audio(800)

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


@pytest.mark.parametrize("resume", [False, True])
def test_a_session_goes_to_another_model_once_nobody_speaks_and_that_is_declared(resume: bool) -> None:
    """It is neither compared nor rebuilt; with what the model before wrote nothing is joined."""
    spoken = 20

    def speaking(held: Held, chunk: int) -> Reply:
        return Reply(anchor=" one" if chunk < spoken else tokens.VAD_SILENCE, sound=bytes(2 * CHUNK_SAMPLES))

    def other(held: Held, chunk: int) -> Reply:
        return Reply(anchor=" two", sound=bytes(2 * CHUNK_SAMPLES))

    async def scenario() -> None:
        present, next_one = FakeDecoder(speaking, model="m1"), FakeDecoder(other, model="m2")
        async with world(present, more=[next_one], timeouts=QUICK) as here:
            first, second = here.gateway.pool.decoders
            here.gateway.pool.decoders = [first, second._replace(slots=second.slots - 1)]
            messages, sent = list[ConverseResponse](), 0
            async with here.client.converse("h1", clock="file", resume=resume) as conversation:
                iterator = aiter(conversation)
                while not here.gateway.counts.migrated or messages[-1].chunk.text != " two":
                    present.draining = sent > 3
                    await conversation.send(CHUNK)
                    sent += 1
                    messages.append(await anext(iterator))
                    while not messages[-1].HasField("chunk"):
                        messages.append(await anext(iterator))
                    await asyncio.sleep(0.005)
            words = [each.chunk.text for each in messages if each.HasField("chunk")]
            at = words.index(" two")
            assert words[:spoken] == [" one"] * spoken and at >= spoken + QUIET_CHUNKS
            assert notices(messages, NOTICE_KIND_DECODER_CHANGED) == [at]
            counts = here.gateway.counts
            assert (counts.migrated, counts.rebuilt, counts.models_changed) == (1, 0, 1)

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
