"""The check at an edge: refused, typed, counted, and nothing of what was presented in the log."""

import asyncio
import logging
from pathlib import Path

import pytest

from duplexsla.errors import NotAuthenticated, QuotaExceeded, SettingError
from duplexsla.security.access import AccessControl, check_open_door, peer_of
from duplexsla.security.principal import ANYBODY, Principal
from duplexsla.security.quotas import QuotaLimits, Quotas
from duplexsla.security.tickets import Tickets

NOW = 1_800_000_000.0
ALICE = Principal("alice", "acme", ("h1",), ("home",), frozenset({"converse"}))


def _access(tickets: Tickets, **limits: int) -> AccessControl:
    named = {name.replace("_", ".", 1): limit for name, limit in limits.items()}
    return AccessControl([tickets], Quotas(QuotaLimits(named)), clock=lambda: NOW)


@pytest.mark.parametrize(
    ("presented", "reason"),
    [
        ("", "missing"),
        ("Bearer", "missing"),
        ("Bearer ", "missing"),
        ("Basic dslt_secret", "malformed"),
        ("Bearer somebody", "malformed"),
        ("Bearer dslt_" + "a" * 10_000, "malformed"),
        ("Bearer dslt_secret", "replayed"),
        ("Bearer dslt_secret\nlogin_admitted", "replayed"),
    ],
)
def test_what_is_not_accepted(presented: str, reason: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    access = _access(Tickets())
    with pytest.raises(NotAuthenticated) as refused:
        asyncio.run(access.identify(presented, "10.0.0.1"))
    assert refused.value.reason == reason and access.refusals == {reason: 1}
    told = caplog.text + str(refused.value)
    assert "secret" not in told and "login_admitted" not in told and "somebody" not in told


def test_a_ticket_comes_in() -> None:
    tickets = Tickets()
    ticket = tickets.mint(ALICE, now=NOW)
    access = _access(tickets)
    assert asyncio.run(access.identify(f"bearer {ticket}", "")) == ALICE
    assert access.admitted == 1 and not access.refusals


def test_an_address_of_many_failed_logins_is_locked_out_for_a_while_and_no_other() -> None:
    async def scenario() -> None:
        tickets = Tickets()
        access = _access(tickets, peer_failed_logins=3)
        for _ in range(3):
            with pytest.raises(NotAuthenticated):
                await access.identify("Bearer dslt_guess", "10.0.0.1")
        good = f"Bearer {tickets.mint(ALICE, now=NOW)}"
        with pytest.raises(QuotaExceeded) as refused:
            await access.identify(good, "10.0.0.1")
        assert 0 < refused.value.retry_after_ms <= 20_001
        assert await access.identify(good, "10.0.0.2") == ALICE
        assert access.refusals == {"replayed": 3, "locked_out": 1}

    asyncio.run(scenario())


def test_nobody_is_asked_where_there_is_no_authenticator() -> None:
    assert asyncio.run(AccessControl().identify("", "")) is ANYBODY


@pytest.mark.parametrize(
    ("address", "peer"),
    [
        ("ipv4:10.0.0.7:5123", "10.0.0.7"),
        ("ipv6:%5B::1%5D:5123", "::/64"),
        ("ipv6:%5B2001:db8:1:2:3::4%5D:5123", "2001:db8:1:2::/64"),
        ("ipv6:%5B::ffff:10.0.0.7%5D:5123", "10.0.0.7"),
        ("ipv6:[fe80::1%25eth0]:5123", "fe80::/64"),
        ("unix:", "unix"),
        ("ipv4:evil\n:1", ""),
        ("", ""),
    ],
)
def test_a_peer_is_an_address_without_its_port(address: str, peer: str) -> None:
    assert peer_of(address) == peer


@pytest.mark.parametrize(
    "listen", ["127.0.0.1:1", "localhost:1", "[::1]:1", "127.9.9.9:1", f"unix:{Path('/x')}"]
)
def test_a_loopback_address_may_have_an_open_door(listen: str) -> None:
    check_open_door(listen, anywhere=False)


@pytest.mark.parametrize(
    "listen", ["0.0.0.0:1", "[::]:1", "10.0.0.7:1", "gateway:1", "127.0.0.1.evil.example:1"]
)
def test_another_one_only_when_that_is_said(listen: str) -> None:
    with pytest.raises(SettingError, match="DUPLEXSLA_AUTH_NONE_ANYWHERE"):
        check_open_door(listen, anywhere=False)
    check_open_door(listen, anywhere=True)
