"""What every session store must do: each fact is a coroutine that takes a fresh name space of a store."""

import random
from collections.abc import Awaitable, Callable

import pytest

from duplexsla.errors import SlotsExhausted, StaleFence
from duplexsla.session.store.leases import LEASE_MS, PREFILL_MS, DecoderAddress, Store

Fact = Callable[[Store, str], Awaitable[None]]
DAY_0 = 1_760_000_000_000  # Unix ms


def _id() -> int:
    return random.SystemRandom().randrange(1, 1 << 63)


async def fences_rise_with_every_owner(store: Store, tag: str) -> None:
    session, decoders = _id(), [DecoderAddress(f"{tag}:1", 2)]
    fences = [(await store.take(session, f"g{n}", decoders, now_ms=DAY_0)).fence for n in range(50)]
    assert fences == sorted(set(fences))
    # A wall clock that jumps back does not take the fence with it.
    assert (await store.take(session, "late", decoders, now_ms=DAY_0 - 3_600_000)).fence > fences[-1]


async def a_later_instant_gives_a_higher_fence_without_any_memory(store: Store, tag: str) -> None:
    """So fences rise even when the store forgot everything: two sessions share no state."""
    decoders = [DecoderAddress(f"{tag}:1", 9)]
    first = [(await store.take(_id(), "g", decoders, now_ms=DAY_0)).fence for _ in range(3)]
    second = await store.take(_id(), "g", decoders, now_ms=DAY_0 + 1)
    assert second.fence > max(first)


async def slots_are_exact(store: Store, tag: str) -> None:
    decoders = [DecoderAddress(f"{tag}:1", 2), DecoderAddress(f"{tag}:2", 1)]
    leases = [await store.take(_id(), "g", decoders, now_ms=DAY_0) for _ in range(3)]
    assert sorted(lease.decoder for lease in leases) == [f"{tag}:1", f"{tag}:1", f"{tag}:2"]
    with pytest.raises(SlotsExhausted) as refusal:
        await store.take(_id(), "g", decoders, now_ms=DAY_0)
    assert refusal.value.retry_after_ms > 0
    await store.release(leases[0])
    again = await store.take(_id(), "g", decoders, now_ms=DAY_0)
    assert again.decoder == leases[0].decoder


async def a_session_that_is_taken_again_holds_one_slot(store: Store, tag: str) -> None:
    session, decoders = _id(), [DecoderAddress(f"{tag}:1", 1)]
    for owner in ("a", "b", "c"):
        await store.take(session, owner, decoders, now_ms=DAY_0)


async def an_unrenewed_slot_comes_back(store: Store, tag: str) -> None:
    decoders = [DecoderAddress(f"{tag}:1", 1)]
    await store.take(_id(), "dead", decoders, now_ms=DAY_0)
    with pytest.raises(SlotsExhausted):
        await store.take(_id(), "g", decoders, now_ms=DAY_0 + LEASE_MS - 1)
    await store.take(_id(), "g", decoders, now_ms=DAY_0 + LEASE_MS + 1)


async def a_renewed_slot_stays(store: Store, tag: str) -> None:
    decoders = [DecoderAddress(f"{tag}:1", 1)]
    lease = await store.take(_id(), "g", decoders, now_ms=DAY_0)
    assert await store.renew([lease], now_ms=DAY_0 + LEASE_MS - 1) == []
    with pytest.raises(SlotsExhausted):
        await store.take(_id(), "g", decoders, now_ms=DAY_0 + LEASE_MS + 1)


async def a_former_owner_learns_that_it_lost(store: Store, tag: str) -> None:
    session, decoders = _id(), [DecoderAddress(f"{tag}:1", 4)]
    mine = await store.take(session, "me", decoders, now_ms=DAY_0)
    other = await store.take(_id(), "me", decoders, now_ms=DAY_0)
    theirs = await store.take(session, "them", decoders, now_ms=DAY_0 + 5)
    assert await store.renew([mine, other], now_ms=DAY_0 + 6) == [mine]
    assert await store.renew([theirs], now_ms=DAY_0 + 6) == []


async def a_former_owner_cannot_release_what_is_not_its_own(store: Store, tag: str) -> None:
    session, decoders = _id(), [DecoderAddress(f"{tag}:1", 1)]
    mine = await store.take(session, "me", decoders, now_ms=DAY_0)
    theirs = await store.take(session, "them", decoders, now_ms=DAY_0 + 5)
    await store.release(mine)
    assert await store.renew([theirs], now_ms=DAY_0 + 6) == []
    with pytest.raises(SlotsExhausted):
        await store.take(_id(), "other", decoders, now_ms=DAY_0 + 6)


async def renewing_nothing_is_nothing(store: Store, tag: str) -> None:
    assert await store.renew([], now_ms=DAY_0) == []


async def an_owner_that_moves_keeps_its_fence_and_gets_a_higher_placement(store: Store, tag: str) -> None:
    session, (one, two) = _id(), (DecoderAddress(f"{tag}:1", 1), DecoderAddress(f"{tag}:2", 1))
    lease = await store.take(session, "g", [one], now_ms=DAY_0)
    assert lease.placement == lease.fence
    for decoder in (two, one, two):
        moved = await store.move(lease, [decoder], now_ms=DAY_0)
        assert (moved.fence, moved.decoder) == (lease.fence, decoder.address)
        assert moved.placement > lease.placement
        lease = moved
    assert await store.renew([lease], now_ms=DAY_0 + 1) == []
    await store.take(_id(), "g", [one], now_ms=DAY_0 + 1)  # its slot came back
    with pytest.raises(SlotsExhausted):
        await store.take(_id(), "g", [two], now_ms=DAY_0 + 1)
    later = await store.take(session, "h", [two], now_ms=DAY_0 - 3_600_000)
    assert later.fence > lease.placement


async def a_former_owner_cannot_move_the_session(store: Store, tag: str) -> None:
    session, decoders = _id(), [DecoderAddress(f"{tag}:1", 2)]
    mine = await store.take(session, "me", decoders, now_ms=DAY_0)
    theirs = await store.take(session, "them", decoders, now_ms=DAY_0)
    with pytest.raises(StaleFence):
        await store.move(mine, decoders, now_ms=DAY_0)
    assert await store.renew([theirs], now_ms=DAY_0) == []


async def a_move_finds_no_slot_where_there_is_none(store: Store, tag: str) -> None:
    one, two = DecoderAddress(f"{tag}:1", 1), DecoderAddress(f"{tag}:2", 1)
    lease = await store.take(_id(), "g", [one], now_ms=DAY_0)
    await store.take(_id(), "g", [two], now_ms=DAY_0)
    with pytest.raises(SlotsExhausted):
        await store.move(lease, [two], now_ms=DAY_0)
    assert await store.renew([lease], now_ms=DAY_0) == []


async def a_session_that_is_taken_over_stays_where_it_is(store: Store, tag: str) -> None:
    decoders = [DecoderAddress(f"{tag}:{n}", 4) for n in range(3)]
    session = _id()
    lease = await store.take(session, "a", decoders, now_ms=DAY_0)
    for _ in range(2):
        await store.take(_id(), "a", [decoders[0]], now_ms=DAY_0)  # it is not the emptiest
    assert (await store.take(session, "b", decoders, now_ms=DAY_0)).decoder == lease.decoder
    others = [each for each in decoders if each.address != lease.decoder]
    assert (await store.take(session, "c", others, now_ms=DAY_0)).decoder == others[0].address


async def a_store_that_forgot_a_move_learns_it_again(store: Store, tag: str) -> None:
    """The owner tells its numbers with every renewal."""
    session, decoders = _id(), [DecoderAddress(f"{tag}:1", 2)]
    lease = await store.take(session, "g", decoders, now_ms=DAY_0)
    known = lease._replace(placement=lease.placement + 50)
    assert await store.renew([known], now_ms=DAY_0) == []
    assert (await store.take(session, "h", decoders, now_ms=DAY_0)).fence > known.placement


async def a_session_for_which_there_is_no_room_keeps_the_slot_it_had(store: Store, tag: str) -> None:
    session, full, small = _id(), DecoderAddress(f"{tag}:1", 1), DecoderAddress(f"{tag}:2", 1)
    await store.take(session, "a", [small], now_ms=DAY_0)
    await store.take(_id(), "a", [full], now_ms=DAY_0)
    with pytest.raises(SlotsExhausted):
        await store.take(session, "b", [full], now_ms=DAY_0)
    with pytest.raises(SlotsExhausted):
        await store.take(_id(), "a", [small], now_ms=DAY_0)


async def a_decoder_computes_one_past_at_a_time(store: Store, tag: str) -> None:
    a, b = f"{tag}:1", f"{tag}:2"
    assert await store.acquire_prefill(a, "one", now_ms=DAY_0)
    assert not await store.acquire_prefill(a, "two", now_ms=DAY_0 + PREFILL_MS - 1)
    assert await store.acquire_prefill(b, "two", now_ms=DAY_0)
    await store.release_prefill(a, "two")
    assert not await store.acquire_prefill(a, "two", now_ms=DAY_0)
    await store.release_prefill(a, "one")
    assert await store.acquire_prefill(a, "two", now_ms=DAY_0)
    assert await store.acquire_prefill(a, "one", now_ms=DAY_0 + PREFILL_MS + 1)  # two has been forgotten


FACTS: list[Fact] = [
    a_session_for_which_there_is_no_room_keeps_the_slot_it_had,
    a_decoder_computes_one_past_at_a_time,
    an_owner_that_moves_keeps_its_fence_and_gets_a_higher_placement,
    a_former_owner_cannot_move_the_session,
    a_move_finds_no_slot_where_there_is_none,
    a_session_that_is_taken_over_stays_where_it_is,
    a_store_that_forgot_a_move_learns_it_again,
    fences_rise_with_every_owner,
    a_later_instant_gives_a_higher_fence_without_any_memory,
    slots_are_exact,
    a_session_that_is_taken_again_holds_one_slot,
    an_unrenewed_slot_comes_back,
    a_renewed_slot_stays,
    a_former_owner_learns_that_it_lost,
    a_former_owner_cannot_release_what_is_not_its_own,
    renewing_nothing_is_nothing,
]
