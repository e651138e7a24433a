"""What all counters of quotas do, in memory or elsewhere. Each takes counters that hold nothing."""

from duplexsla.security.quotas import QuotaCounters

NOW = 1_800_000_000.0


async def a_minutes_share_is_a_burst_and_then_an_even_flow(counters: QuotaCounters) -> None:
    taken = [await counters.take("k", 6, now=NOW) for _ in range(8)]
    assert taken[:6] == [0.0] * 6 and all(9 < wait_s <= 10 for wait_s in taken[6:])
    assert await counters.take("k", 6, now=NOW + 10) == 0.0
    assert await counters.take("k", 6, now=NOW + 10) > 0.0
    assert await counters.take("k", 6, now=NOW + 3_600) == 0.0


async def looking_counts_nothing(counters: QuotaCounters) -> None:
    for _ in range(5):
        assert await counters.left("k", 1, now=NOW) == 0.0
    await counters.take("k", 1, now=NOW)
    assert await counters.left("k", 1, now=NOW) > 0.0


async def keys_are_counted_apart(counters: QuotaCounters) -> None:
    assert await counters.take("a", 1, now=NOW) == 0.0
    assert await counters.take("b", 1, now=NOW) == 0.0


async def as_many_as_the_limit_are_held(counters: QuotaCounters) -> None:
    assert [await counters.hold("k", member, 2) for member in "abac"] == [True, True, True, False]
    await counters.renew([("k", "a"), ("k", "b")])
    await counters.release("k", "a")
    assert await counters.hold("k", "c", 2)
    for member in "abc":
        await counters.release("k", member)
    assert [await counters.hold("k", member, 2) for member in "xyz"] == [True, True, False]


CONTRACT = (
    a_minutes_share_is_a_burst_and_then_an_even_flow,
    looking_counts_nothing,
    keys_are_counted_apart,
    as_many_as_the_limit_are_held,
)
