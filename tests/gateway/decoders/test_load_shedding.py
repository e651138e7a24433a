"""Load shedding: how its level rises and falls, and what each level does to gateways."""

import asyncio
import random
from collections.abc import Sequence

import pytest
from tests.support.fake_decoder import FakeDecoder
from tests.support.gateway_process import until, world

from duplexsla.clock import CHUNK_BYTES
from duplexsla.errors import Overloaded, SlotsExhausted
from duplexsla.gateway.decoders import load_shedding
from duplexsla.gateway.decoders.load_shedding import (
    ALL,
    DOWN_UPDATES,
    FEW_STEPS,
    UP_UPDATES,
    LoadShedder,
    LoadShedders,
)
from duplexsla.gateway.decoders.pool import EXHAUSTED_S, DecoderPool
from duplexsla.runtime.tasks import Supervisor
from duplexsla.session.store.leases import DecoderAddress, Lease
from duplexsla.session.store.memory import MemoryStore

STEPS = 100  # an update


def _update(shedder: LoadShedder, late: int, steps: int = STEPS) -> int:
    for number in range(steps):
        shedder.count(number < late)
    shedder.update()
    return shedder.level


@pytest.mark.parametrize("top", range(ALL + 1))
def test_lateness_that_goes_on_climbs_a_level_at_a_time_and_never_beyond_the_top(top: int) -> None:
    shedder = LoadShedder(top)
    levels = [_update(shedder, late=20) for _ in range(20)]
    assert levels == [min(top, update // UP_UPDATES) for update in range(1, 21)]


def test_calm_that_goes_on_comes_down_a_level_at_a_time_more_slowly() -> None:
    shedder = LoadShedder()
    while shedder.level < ALL:
        _update(shedder, late=20)
    updates = 1
    while _update(shedder, late=0) == ALL:
        updates += 1
    assert updates >= DOWN_UPDATES
    levels = [_update(shedder, late=0) for _ in range(DOWN_UPDATES * ALL)]
    assert levels == [max(0, ALL - 1 - update // DOWN_UPDATES) for update in range(1, DOWN_UPDATES * ALL + 1)]


def test_between_up_and_down_nothing_changes() -> None:
    for start in range(ALL + 1):
        shedder = LoadShedder()
        shedder.level = start
        for _ in range(5):
            shedder.count(False)
        assert {_update(shedder, late=3) for _ in range(50)} == {start}


def test_whatever_comes_one_level_an_update_and_none_within_the_updates_that_it_takes() -> None:
    rng, shedder, changed_at = random.Random(5), LoadShedder(), -DOWN_UPDATES
    for update in range(3_000):
        before, share = shedder.level, rng.choice((0.0, 0.0, 0.02, 0.2, 1.0))
        after = _update(shedder, late=int(share * STEPS), steps=rng.randrange(STEPS))
        assert 0 <= after <= ALL and abs(after - before) <= 1
        if after != before:
            assert update - changed_at >= UP_UPDATES
            changed_at = update


def test_one_late_step_of_one_session_is_no_overload_and_no_steps_at_all_are_calm() -> None:
    shedder = LoadShedder()
    assert 1 / FEW_STEPS <= load_shedding.UP
    assert {_update(shedder, late=update % 4 == 0, steps=6) for update in range(100)} == {0}
    shedder.level = 1
    for _ in range(20):
        shedder.update()
    assert shedder.level == 0


def test_a_session_is_traced_whole_or_not_at_all() -> None:
    shedder = LoadShedder()
    assert all(shedder.traces(session) for session in range(100))
    shedder.level = load_shedding.TRACES
    traced = [session for session in range(1_600) if shedder.traces(session)]
    assert len(traced) == 100 and traced == [each for each in range(1_600) if shedder.traces(each)]


def test_a_decoder_that_has_gone_is_forgotten_once_it_is_calm() -> None:
    shedders = LoadShedders(ALL)
    gone, here = shedders.of("gone"), shedders.of("here")
    gone.level = 1
    shedders.update({"here"})
    assert shedders.of("gone") is gone and shedders.level == 1
    for _ in range(DOWN_UPDATES):
        shedders.update({"here"})
    assert shedders.of("gone") is not gone and shedders.of("here") is here


def test_a_new_session_goes_where_steps_are_in_time_and_nowhere_if_all_are_late() -> None:
    async def scenario() -> None:
        async with world(more=[FakeDecoder()]) as here:
            pool = here.gateway.pool
            late, fine = (each.address for each in pool.decoders)
            pool.shedders.of(late).level = load_shedding.ADMISSION
            for session in range(1, 9):
                assert (await pool.take(session, new=True)).decoder == fine
            pool.shedders.of(fine).level = load_shedding.ADMISSION
            with pytest.raises(Overloaded):
                await pool.take(9, new=True)
            assert (await pool.take(1)).decoder == fine  # who comes back is let in
            with pytest.raises(SlotsExhausted, match="late") as refused:
                async with here.client.converse("h1", clock="file"):
                    pass
            assert refused.value.retry_after_ms == load_shedding.RETRY_AFTER_MS
            assert here.gateway.counts.shed == {"sessions": 1}

    asyncio.run(scenario())


def test_a_file_waits_while_steps_are_late_and_then_goes_on_with_nothing_lost() -> None:
    async def scenario() -> None:
        async with world() as here, here.client.converse("h1", clock="file") as conversation:
            iterator = aiter(conversation)
            await conversation.send(bytes(CHUNK_BYTES))
            while not (await anext(iterator)).HasField("chunk"):
                pass
            (session,) = here.gateway.calls
            session.link.shedder.level = load_shedding.FILES
            for _ in range(3):
                await conversation.send(bytes(CHUNK_BYTES))
            await conversation.end()
            await until(lambda: here.gateway.counts.shed["file_turns"] > 0)
            steps = here.gateway.counts.steps
            session.link.shedder.level = 0
            rest = [message async for message in iterator]
            assert [each.chunk.index for each in rest if each.HasField("chunk")] == [1, 2, 3] and steps < 4

    asyncio.run(scenario())


class CountingStore(MemoryStore):
    """How often it was asked for a slot."""

    asked = 0

    async def take(
        self, session_id: int, owner: str, decoders: Sequence[DecoderAddress], *, now_ms: int
    ) -> Lease:
        self.asked += 1
        return await super().take(session_id, owner, decoders, now_ms=now_ms)


def test_a_crowd_that_finds_no_slot_asks_the_store_once_and_a_slot_given_back_is_seen_at_once() -> None:
    async def scenario() -> None:
        store, now = CountingStore(), [0.0]
        pool = DecoderPool("g", [DecoderAddress("a", 1)], store, Supervisor(), clock=lambda: now[0])
        await pool.take(1, new=True)
        for session in range(2, 50):
            with pytest.raises(SlotsExhausted):
                await pool.take(session, new=True)
        assert store.asked == 2
        lease = await pool.take(1)  # who comes back is not turned away
        await store.release(lease)
        now[0] += EXHAUSTED_S
        lease = await pool.take(50, new=True)
        with pytest.raises(SlotsExhausted):
            await pool.take(51, new=True)
        await store.release(lease)
        pool.slot_released()
        await pool.take(52, new=True)

    asyncio.run(scenario())
