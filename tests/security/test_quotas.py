"""Nobody gets more than a share; whoever is refused costs nobody else."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from itertools import count

import pytest
from tests.support.quota_contract import CONTRACT

from duplexsla.errors import QuotaExceeded, StoreLost
from duplexsla.security.quotas import MemoryQuotaCounters, QuotaCounters, QuotaLimits, Quotas

NOW = 1_800_000_000.0
SESSIONS = count()


def new() -> str:
    """Id of another session."""
    return str(next(SESSIONS))


@pytest.mark.parametrize("promise", CONTRACT)
def test_counters_in_memory(promise: Callable[[QuotaCounters], Awaitable[None]]) -> None:
    asyncio.run(promise(MemoryQuotaCounters()))


class AwayCounters:
    """A store that does not answer."""

    async def take(self, key: str, limit: int, *, now: float) -> float:
        raise StoreLost("away")

    async def left(self, key: str, limit: int, *, now: float) -> float:
        raise StoreLost("away")

    async def hold(self, key: str, member: str, limit: int) -> bool:
        raise StoreLost("away")

    async def renew(self, holds: Iterable[tuple[str, str]]) -> None:
        raise StoreLost("away")

    async def release(self, key: str, member: str) -> None:
        raise StoreLost("away")


def test_ten_thousand_opens_a_minute_are_bounded_and_told_when_to_come_again() -> None:
    async def scenario() -> None:
        quotas = Quotas(QuotaLimits({"home.opens": 60}))
        admitted, hints = 0, []
        for number in range(10_000):
            now = NOW + number * 60 / 10_000
            try:
                await quotas.admit(new(), peer="10.0.0.1", home="h1", tenant="acme", now=now)
                admitted += 1
            except QuotaExceeded as error:
                hints.append(error.retry_after_ms)
        assert 60 <= admitted <= 121
        assert all(0 < hint <= 1_001 for hint in hints)

    asyncio.run(scenario())


def test_a_home_over_its_share_does_not_use_up_its_tenants() -> None:
    async def scenario() -> None:
        quotas = Quotas(QuotaLimits({"home.opens": 1, "tenant.opens": 3}))
        refused = 0
        for _ in range(100):
            try:
                await quotas.admit(new(), peer="", home="loud", tenant="acme", now=NOW)
            except QuotaExceeded:
                refused += 1
        assert refused == 99
        await quotas.admit(new(), peer="", home="quiet", tenant="acme", now=NOW)

    asyncio.run(scenario())


def test_homes_of_the_same_name_are_counted_apart() -> None:
    async def scenario() -> None:
        quotas = Quotas(QuotaLimits({"home.opens": 1}))
        await quotas.admit(new(), peer="", home="h1", tenant="acme", now=NOW)
        await quotas.admit(new(), peer="", home="h1", tenant="other", now=NOW)

    asyncio.run(scenario())


def test_sessions_at_once_come_back_when_they_are_over() -> None:
    async def scenario() -> None:
        quotas = Quotas(QuotaLimits({"home.sessions": 2, "tenant.sessions": 1}))
        held = await quotas.admit(new(), peer="", home="h1", tenant="acme", now=NOW)
        for _ in range(5):  # what the home gave is given back each time
            with pytest.raises(QuotaExceeded, match="this tenant has 1 sessions"):
                await quotas.admit(new(), peer="", home="h1", tenant="acme", now=NOW)
        await held.release()
        await held.release()
        await quotas.admit(new(), peer="", home="h1", tenant="acme", now=NOW)

    asyncio.run(scenario())


def test_while_the_store_is_away_a_gateway_counts_for_itself() -> None:
    async def scenario() -> None:
        limits = QuotaLimits({"home.opens": 2, "home.sessions": 1, "peer.failed_logins": 1})
        quotas = Quotas(limits, AwayCounters())
        held = await quotas.admit(new(), peer="p", home="h1", tenant="acme", now=NOW)
        with pytest.raises(QuotaExceeded, match="sessions"):
            await quotas.admit(new(), peer="p", home="h1", tenant="acme", now=NOW)
        await held.release()
        with pytest.raises(QuotaExceeded, match="new sessions"):
            await quotas.admit(new(), peer="p", home="h1", tenant="acme", now=NOW)
        await quotas.login_failed("p", now=NOW)
        with pytest.raises(QuotaExceeded, match="logins"):
            await quotas.check_logins("p", now=NOW)
        assert quotas.away

    asyncio.run(scenario())


def test_whoever_makes_up_keys_does_not_fill_the_memory() -> None:
    async def scenario() -> None:
        counters = MemoryQuotaCounters(most=100)
        for number in range(10_000):
            await counters.take(f"peer-{number}", 1, now=NOW)
        assert len(counters) == 100

    asyncio.run(scenario())


def test_without_limits_nobody_is_refused() -> None:
    async def scenario() -> None:
        quotas = Quotas(QuotaLimits({}))
        for _ in range(1_000):
            await quotas.admit(new(), peer="p", home="h1", tenant="acme", now=NOW)
            await quotas.login_failed("p", now=NOW)
        await quotas.check_logins("p", now=NOW)

    asyncio.run(scenario())
