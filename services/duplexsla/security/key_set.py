"""The public keys of a token provider (JSON Web Key Set, RFC 7517): cached, rotated, with a floor on refetch.

Keys are read anew after REFRESH_S, and at once when a token names a key that is not there, but never twice
within FLOOR_S: whoever makes up key ids cannot have the provider flooded. A provider that does not answer
leaves the keys in place for STALE_S; then nobody can tell who calls.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import jwt

from duplexsla.errors import NotAuthenticated, Retriable
from duplexsla.security.api_keys import listed_keys

FETCH_S = 2.0
FLOOR_S = 10.0
REFRESH_S = 300.0
STALE_S = 3_600.0
MAX_BYTES = 1 << 18
MAX_KEYS = 100
LEAST_RSA_BITS = 2_048

RSA = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
CURVES = {
    ("EC", "P-256"): ("ES256",),
    ("EC", "P-384"): ("ES384",),
    ("EC", "P-521"): ("ES512",),
    ("OKP", "Ed25519"): ("EdDSA",),
}

logger = logging.getLogger(__name__)


class SigningKey(NamedTuple):
    public_key: Any  # of the package cryptography
    algorithms: tuple[str, ...]  # that this key may verify


Fetch = Callable[[], Awaitable[bytes]]
"""The key set as JSON; OSError or httpx.HTTPError when it cannot be had."""


class KeySet:
    """Used on one event loop."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._keys: dict[str, SigningKey] = {}
        self._fetched_at: float | None = None  # Unix s, with success
        self._asked_at: float | None = None  # the same, at all
        self._one = asyncio.Lock()

    async def key(self, key_id: str, *, now: float) -> SigningKey:
        """The key of a token; "" names the only one. `now`: Unix s. Cancelling is safe.

        Raises NotAuthenticated for a key that the provider does not have, Retriable when nobody can tell.
        """
        if _age(self._fetched_at, now) >= REFRESH_S or self._found(key_id) is None:
            async with self._one:
                if _age(self._asked_at, now) >= FLOOR_S and self._found_lately(key_id, now) is None:
                    await self._refresh(now)
        if _age(self._fetched_at, now) >= STALE_S:
            raise Retriable("the provider of tokens does not answer")
        if (key := self._found(key_id)) is None:
            raise NotAuthenticated("the token's key is not known", reason="unknown_key")
        return key

    def _found(self, key_id: str) -> SigningKey | None:
        if key_id:
            return self._keys.get(key_id)
        return next(iter(self._keys.values())) if len(self._keys) == 1 else None

    def _found_lately(self, key_id: str, now: float) -> SigningKey | None:
        return self._found(key_id) if _age(self._fetched_at, now) < REFRESH_S else None

    async def _refresh(self, now: float) -> None:
        self._asked_at = now
        try:
            self._keys = read_keys(await self._fetch())
            self._fetched_at = now
        except (OSError, httpx.HTTPError, ValueError) as error:
            logger.warning("token_keys_not_read error=%s", type(error).__name__)


def from_url(url: str, *, transport: httpx.AsyncBaseTransport | None = None) -> Fetch:
    """GET of a provider's jwks_uri. Redirects and proxies of the environment are not followed."""

    async def fetch() -> bytes:
        async with (
            asyncio.timeout(FETCH_S),
            httpx.AsyncClient(timeout=FETCH_S, transport=transport, trust_env=False) as client,
            client.stream("GET", url) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise OSError(f"status {answer.status_code}")
            body = b""
            async for part in answer.aiter_bytes():
                body += part
                if len(body) > MAX_BYTES:
                    raise OSError("too large")
            return body

    return fetch


def from_file(path: Path) -> Fetch:
    async def fetch() -> bytes:
        return await asyncio.to_thread(path.read_bytes)

    return fetch


def read_keys(text: bytes) -> dict[str, SigningKey]:
    """Keys by their id, those that can verify; ValueError for what is no key set."""
    given = listed_keys(text, max_bytes=MAX_BYTES, max_keys=MAX_KEYS)
    keys = {str(each.get("kid", "")): _read(each) for each in given if isinstance(each, dict)}
    return {key_id: key for key_id, key in keys.items() if key is not None}


def _read(given: Mapping[str, Any]) -> SigningKey | None:
    """None for a key that is secret, weak, for encryption, or of an unknown kind."""
    kind = given.get("kty")
    algorithms: tuple[str, ...] = RSA if kind == "RSA" else CURVES.get((str(kind), str(given.get("crv"))), ())
    if "alg" in given:
        algorithms = tuple(each for each in algorithms if each == given["alg"])
    if not algorithms or given.get("use", "sig") != "sig" or "d" in given:
        return None
    try:
        key = jwt.PyJWK(dict(given), algorithm=algorithms[0]).key
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    if kind == "RSA" and key.key_size < LEAST_RSA_BITS:
        return None
    return SigningKey(key, algorithms)


def _age(since: float | None, now: float) -> float:
    return float("inf") if since is None else now - since
