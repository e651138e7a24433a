"""Keys rotate; a provider is asked neither too often nor forgotten too early."""

import asyncio
import json

import httpx
import pytest

pytest.importorskip("jwt")

from tests.support.token_provider import NOW, TokenProvider  # noqa: E402

from duplexsla.errors import NotAuthenticated, Retriable  # noqa: E402
from duplexsla.security.key_set import (  # noqa: E402
    FLOOR_S,
    MAX_BYTES,
    REFRESH_S,
    STALE_S,
    KeySet,
    from_url,
    read_keys,
)


def test_a_key_that_was_rotated_is_found_and_the_old_one_goes() -> None:
    async def scenario() -> None:
        provider = TokenProvider(key_id="old")
        keys = KeySet(provider.fetch)
        await keys.key("old", now=NOW)
        provider.rotate("new")
        await keys.key("new", now=NOW + FLOOR_S)
        with pytest.raises(NotAuthenticated, match="not known"):
            await keys.key("old", now=NOW + FLOOR_S)

    asyncio.run(scenario())


def test_made_up_key_ids_do_not_flood_the_provider() -> None:
    async def scenario() -> None:
        provider = TokenProvider()
        keys = KeySet(provider.fetch)
        for number in range(1_000):
            with pytest.raises(NotAuthenticated):
                await keys.key(f"made-up-{number}", now=NOW + number * FLOOR_S / 1_001)
        assert provider.fetched == 1

    asyncio.run(scenario())


def test_many_at_once_ask_once() -> None:
    async def scenario() -> None:
        provider = TokenProvider()
        keys = KeySet(provider.fetch)
        await asyncio.gather(*(keys.key("k1", now=NOW) for _ in range(50)))
        assert provider.fetched == 1

    asyncio.run(scenario())


def test_a_provider_that_is_away_leaves_its_keys_for_a_while() -> None:
    async def scenario() -> None:
        provider = TokenProvider()
        keys = KeySet(provider.fetch)
        await keys.key("k1", now=NOW)
        provider.away = True
        await keys.key("k1", now=NOW + REFRESH_S)
        assert provider.fetched == 2
        with pytest.raises(Retriable):
            await keys.key("k1", now=NOW + STALE_S)
        provider.away = False
        await keys.key("k1", now=NOW + STALE_S + FLOOR_S)

    asyncio.run(scenario())


def test_without_any_key_nobody_can_tell() -> None:
    provider = TokenProvider()
    provider.away = True
    with pytest.raises(Retriable):
        asyncio.run(KeySet(provider.fetch).key("k1", now=NOW))


def test_secret_weak_and_foreign_keys_are_left_out() -> None:
    good = json.loads(TokenProvider().key_set())["keys"][0]
    secret = {"kty": "oct", "k": "c2VjcmV0", "kid": "secret", "alg": "HS256"}
    weak = {"kty": "RSA", "n": "3v", "e": "AQAB", "kid": "weak"}
    sealing = {**good, "kid": "sealing", "use": "enc"}
    told = json.dumps({"keys": [good, secret, weak, sealing, "none", {"kty": "RSA", "kid": "empty"}]})
    assert set(read_keys(told.encode())) == {"k1"}


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"keys": 1}', b"[" * 100_000, b" " * (MAX_BYTES + 1)])
def test_what_is_no_key_set_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError):
        read_keys(text)


def test_an_answer_is_bounded_and_redirects_are_not_followed() -> None:
    provider = TokenProvider()
    answers = {
        "/keys": httpx.Response(200, content=provider.key_set()),
        "/elsewhere": httpx.Response(302, headers={"location": "http://issuer/keys"}),
        "/endless": httpx.Response(200, content=b" " * (MAX_BYTES + 1)),
    }
    transport = httpx.MockTransport(lambda request: answers[request.url.path])
    got = asyncio.run(from_url("http://issuer/keys", transport=transport)())
    assert set(read_keys(got)) == {"k1"}
    for path in ("/elsewhere", "/endless"):
        with pytest.raises(OSError):
            asyncio.run(from_url(f"http://issuer{path}", transport=transport)())
