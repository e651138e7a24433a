"""A ticket opens one session, soon."""

import asyncio

import pytest

from duplexsla.errors import NotAuthenticated, QuotaExceeded
from duplexsla.security import tickets
from duplexsla.security.principal import Principal
from duplexsla.security.tickets import LIVES_S, Tickets

NOW = 1_800_000_000.0
ALICE = Principal("alice", "acme", ("h1",), ("home",), frozenset({"converse"}))


def test_a_ticket_is_used_once() -> None:
    one = Tickets()
    ticket = one.mint(ALICE, now=NOW)
    assert one.accepts(ticket)
    assert asyncio.run(one.principal(ticket, now=NOW + 1)) == ALICE
    with pytest.raises(NotAuthenticated) as refused:
        asyncio.run(one.principal(ticket, now=NOW + 1))
    assert refused.value.reason == "replayed" and ticket not in str(refused.value)


def test_two_at_once_get_one_session() -> None:
    async def scenario() -> None:
        one = Tickets()
        ticket = one.mint(ALICE, now=NOW)
        tries = (one.principal(ticket, now=NOW) for _ in range(2))
        got = await asyncio.gather(*tries, return_exceptions=True)
        assert [each for each in got if each == ALICE] == [ALICE]

    asyncio.run(scenario())


def test_a_ticket_expires_and_is_used_up_all_the_same() -> None:
    one = Tickets()
    ticket = one.mint(ALICE, now=NOW)
    with pytest.raises(NotAuthenticated, match="expired"):
        asyncio.run(one.principal(ticket, now=NOW + LIVES_S))
    assert len(one) == 0


def test_those_that_wait_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tickets, "MAX_WAITING", 3)
    one = Tickets()
    for _ in range(3):
        one.mint(ALICE, now=NOW)
    with pytest.raises(QuotaExceeded):
        one.mint(ALICE, now=NOW + 1)
    one.mint(ALICE, now=NOW + LIVES_S)
    assert len(one) == 1
