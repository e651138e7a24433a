"""Attacks with tokens: each is refused, typed, and told by nothing of what was presented."""

import asyncio
import base64
import hmac
import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

jwt = pytest.importorskip("jwt")

from tests.support.token_provider import AUDIENCE, ISSUER, NOW, TokenProvider  # noqa: E402

from duplexsla.errors import NotAuthenticated  # noqa: E402
from duplexsla.security.bearer_tokens import BearerTokens  # noqa: E402
from duplexsla.security.key_set import KeySet  # noqa: E402


def _principal(provider: TokenProvider, token: str, now: float = NOW) -> Any:
    tokens = BearerTokens(KeySet(provider.fetch), issuer=ISSUER, audience=AUDIENCE)
    assert tokens.accepts(token)
    return asyncio.run(tokens.principal(token, now=now))


def _part(given: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(given).encode()).rstrip(b"=").decode()


def _unsigned(provider: TokenProvider) -> str:
    return f"{_part({'alg': 'none', 'kid': provider.key_id})}.{_part(provider.claims())}."


def _hs256_with_the_public_key(provider: TokenProvider) -> str:
    body = f"{_part({'alg': 'HS256', 'kid': provider.key_id})}.{_part(provider.claims())}"
    seal = hmac.new(provider.public_pem, body.encode(), sha256).digest()
    return f"{body}.{base64.urlsafe_b64encode(seal).rstrip(b'=').decode()}"


def _tampered(provider: TokenProvider) -> str:
    header, _, seal = provider.token().split(".")
    return f"{header}.{_part(provider.claims(tenant='other'))}.{seal}"


ATTACKS: dict[str, tuple[str, Callable[[TokenProvider], str]]] = {
    "expired": ("expired", lambda one: one.token(exp=NOW - 31)),
    "not valid yet": ("expired", lambda one: one.token(nbf=NOW + 31)),
    "never expires": ("malformed", lambda one: one.token(exp=None)),
    "expires at no number": ("malformed", lambda one: one.token(exp="tomorrow")),
    "expires at infinity": ("malformed", lambda one: one.token(exp=float("inf"))),
    "wrong audience": ("wrong_audience", lambda one: one.token(aud="another service")),
    "wrong issuer": ("wrong_issuer", lambda one: one.token(iss="https://evil.example")),
    "alg none": ("wrong_algorithm", _unsigned),
    "HS256 with the public key": ("wrong_algorithm", _hs256_with_the_public_key),
    "signed by another": ("wrong_signature", lambda one: TokenProvider(key_id=one.key_id).token()),
    "claims exchanged": ("wrong_signature", _tampered),
    "an unknown key": ("unknown_key", lambda one: TokenProvider(key_id="another").token()),
    "another line in the log": ("malformed", lambda one: one.token(sub="me\nERROR all is lost")),
    "a tenant with a slash": ("malformed", lambda one: one.token(tenant="acme/other")),
    "no tenant": ("malformed", lambda one: one.token(tenant=None)),
    "homes that are none": ("malformed", lambda one: one.token(homes=["../h1"])),
    "no token at all": ("malformed", lambda one: "a.b.c"),
    "a long one": ("malformed", lambda one: f"{'a' * 9_000}.b.c"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_refused(attack: str) -> None:
    reason, made = ATTACKS[attack]
    provider = TokenProvider()
    token = made(provider)
    with pytest.raises(NotAuthenticated) as refused:
        _principal(provider, token)
    assert refused.value.reason == reason
    assert not any(part and part in str(refused.value) for part in token.split(".") if len(part) > 3)


def test_a_good_token_tells_who_calls() -> None:
    provider = TokenProvider()
    found = _principal(provider, provider.token(homes="h1 flat-*", scope="converse act fly"))
    assert (found.subject, found.tenant, found.homes) == ("alice", "acme", ("h1", "flat-*"))
    assert found.scopes == {"converse", "act"} and found.toolsets == ("*",)
    assert found.expires_at == NOW + 600 + 30


def test_a_token_without_homes_reaches_none() -> None:
    provider = TokenProvider()
    assert _principal(provider, provider.token(homes=None)).homes == ()


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
def test_asymmetric_algorithms_are_served(algorithm: str) -> None:
    provider = TokenProvider(algorithm)
    assert _principal(provider, provider.token()).subject == "alice"


def test_a_little_late_is_in_time() -> None:
    provider = TokenProvider()
    assert _principal(provider, provider.token(exp=NOW - 29)).subject == "alice"
