"""Bearer tokens of an OpenID Connect provider: JSON Web Tokens (RFC 7519) with an asymmetric signature.

Which algorithm verifies is decided by the key, never by the token (RFC 8725, 3.1): there is no secret that
both sides share, so neither `none` nor HS256 with a public key as its secret can pass.

Claims: iss, aud, sub, exp, nbf; tenant (a name), homes (names, or beginnings with "*"), toolsets (the same;
none: all), scope (words, or a list: converse, act, confirm, admin).
"""

import math
from collections.abc import Mapping
from typing import Any

import jwt

from duplexsla.errors import NotAuthenticated
from duplexsla.security.key_set import KeySet
from duplexsla.security.principal import (
    EVERYTHING,
    SCOPES,
    Principal,
    checked_subject,
    checked_tenant,
    patterns,
)

MAX_TOKEN_CHARS = 8_192
LEEWAY_S = 30.0


class BearerTokens:
    """An `Authenticator`. `issuer` and `audience` are compared as they are."""

    def __init__(self, keys: KeySet, *, issuer: str, audience: str, leeway_s: float = LEEWAY_S) -> None:
        self._keys, self._issuer, self._audience, self._leeway_s = keys, issuer, audience, leeway_s

    def accepts(self, secret: str) -> bool:
        return secret.count(".") == 2

    async def principal(self, secret: str, *, now: float) -> Principal:
        algorithm, key_id = _header(secret)
        key = await self._keys.key(key_id, now=now)
        if algorithm not in key.algorithms:
            raise NotAuthenticated("the token's algorithm is not served", reason="wrong_algorithm")
        claims = self._verified(secret, key.public_key, algorithm)
        expires_at = _in_time(claims, now, self._leeway_s)
        try:
            return _principal(claims, expires_at + self._leeway_s)
        except ValueError as error:
            raise NotAuthenticated(f"the token's claims: {error}", reason="malformed") from None

    def _verified(self, secret: str, public_key: Any, algorithm: str) -> Mapping[str, Any]:
        """The claims of a token that the provider made for this service; their times are not looked at."""
        try:
            claims: Mapping[str, Any] = jwt.decode(
                secret,
                public_key,
                algorithms=[algorithm],
                audience=self._audience,
                issuer=self._issuer,
                options={
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                    "require": ["iss", "aud", "sub", "exp"],
                },
            )
        except jwt.InvalidAudienceError:
            raise NotAuthenticated("the token is for another audience", reason="wrong_audience") from None
        except jwt.InvalidIssuerError:
            raise NotAuthenticated("the token is of another issuer", reason="wrong_issuer") from None
        except jwt.InvalidSignatureError:
            raise NotAuthenticated("the token's signature is wrong", reason="wrong_signature") from None
        except jwt.PyJWTError:
            raise NotAuthenticated("the token cannot be read", reason="malformed") from None
        return claims


def _header(secret: str) -> tuple[str, str]:
    """Algorithm and key id, which nobody has verified yet."""
    try:
        if len(secret) > MAX_TOKEN_CHARS:
            raise ValueError
        header = jwt.get_unverified_header(secret)
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise NotAuthenticated("the token cannot be read", reason="malformed") from None
    algorithm, key_id = header.get("alg"), header.get("kid", "")
    if not isinstance(algorithm, str) or not isinstance(key_id, str):
        raise NotAuthenticated("the token cannot be read", reason="malformed")
    if algorithm.lower() == "none" or algorithm.upper().startswith("HS"):
        raise NotAuthenticated("the token's algorithm is not served", reason="wrong_algorithm")
    return algorithm, key_id


def _in_time(claims: Mapping[str, Any], now: float, leeway_s: float) -> float:
    """When the token expires, Unix s."""
    expires_at, begins_at = _time(claims["exp"]), _time(claims.get("nbf", 0))
    if now >= expires_at + leeway_s:
        raise NotAuthenticated("the token has expired", reason="expired")
    if now < begins_at - leeway_s:
        raise NotAuthenticated("the token is not valid yet", reason="expired")
    return expires_at


def _time(claim: object) -> float:
    if not isinstance(claim, int | float) or isinstance(claim, bool) or not math.isfinite(claim):
        raise NotAuthenticated("the token's claims: a time is a number of seconds", reason="malformed")
    return float(claim)


def _principal(claims: Mapping[str, Any], expires_at: float) -> Principal:
    return Principal(
        checked_subject(claims.get("sub")),
        checked_tenant(claims.get("tenant")),
        patterns(_words(claims.get("homes", []))),
        patterns(_words(claims.get("toolsets", [EVERYTHING]))),
        SCOPES & {each for each in _words(claims.get("scope", "")) if isinstance(each, str)},
        expires_at,
    )


def _words(claim: object) -> list[object]:
    if isinstance(claim, str):
        return list(claim.split())
    if isinstance(claim, list):
        return claim
    raise ValueError("a list of names, or names with spaces")
