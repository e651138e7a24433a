"""API keys of satellites: a file of salted hashes, read again when it changes.

A key is `dsla_ID_SECRET` with 256 random bits, so that one round of SHA-256 is as hard to invert as any slow
hash. A key ends by `revoked`, by `expires_at`, or by leaving the file:

    {"keys": [{"id": "kitchen", "salt": "...", "hash": "...", "tenant": "acme", "homes": ["h1"],
               "toolsets": ["home"], "scopes": ["converse", "act"], "expires_at": null, "revoked": false}]}

With `certificate` in place of salt and hash an entry is the holder of a client certificate that has this
subject alternative name.
"""

import hmac
import json
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from duplexsla.errors import NotAuthenticated, SettingError
from duplexsla.runtime.watched_file import WatchedFile
from duplexsla.security.principal import (
    CONVERSE,
    EVERYTHING,
    SCOPES,
    Principal,
    checked_subject,
    checked_tenant,
    patterns,
)

MARK = "dsla_"
SECRET_BYTES = 32
SALT_BYTES = 16
LOOK_S = 1.0  # between two looks at the file
MAX_BYTES = 1 << 24
MAX_KEYS = 100_000
KEY_ID = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")
SECRET = frozenset({"salt", "hash"})
FIELDS = SECRET | {"id", "certificate", "tenant", "homes", "toolsets", "scopes", "expires_at", "revoked"}


class ApiKey(NamedTuple):
    salt: bytes
    digest: bytes  # SHA-256 of salt and secret
    principal: Principal
    revoked: bool
    certificate: str = ""  # the name in one, in place of a secret


NOBODY = ApiKey(b"", b"", Principal("", "", (), (), frozenset()), True)  # takes as long as any other


class ApiKeys:
    """An `Authenticator`. A file that becomes damaged or goes away leaves the keys that were read."""

    def __init__(self, path: Path) -> None:
        """SettingError for a file that cannot be used."""
        try:
            self._file = WatchedFile(path, _keys_and_certificates, look_s=LOOK_S)
        except (OSError, ValueError) as error:
            raise SettingError(f"API keys in {path}: {error}") from error

    def accepts(self, secret: str) -> bool:
        return secret.startswith(MARK)

    async def principal(self, secret: str, *, now: float) -> Principal:
        keys, _ = self._file.current(now)
        key_id, _, rest = secret.removeprefix(MARK).partition("_")
        key = keys.get(key_id, NOBODY)
        matches = hmac.compare_digest(_digest(key.salt, rest), key.digest)
        if not matches:
            raise NotAuthenticated("there is no such API key", reason="wrong_signature")
        return _valid(key, now)

    def of_certificate(self, names: Sequence[str], *, now: float) -> Principal:
        _, by_certificate = self._file.current(now)
        for name in names:
            if (key := by_certificate.get(name)) is not None:
                return _valid(key, now)
        raise NotAuthenticated("nobody is known by this certificate", reason="unknown_key")


def _keys_and_certificates(text: bytes) -> tuple[dict[str, ApiKey], dict[str, ApiKey]]:
    """Keys by their id, and those of certificates by the name in one."""
    keys = read_api_keys(text)
    return keys, {key.certificate: key for key in keys.values() if key.certificate}


def read_api_keys(text: bytes) -> dict[str, ApiKey]:
    """Keys by their id; ValueError that names the one that is wrong, and nothing of its hash."""
    keys: dict[str, ApiKey] = {}
    for place, each in enumerate(listed_keys(text, max_bytes=MAX_BYTES, max_keys=MAX_KEYS)):
        try:
            key_id, key = _entry(each)
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise ValueError(f"key {place}: {error}") from None
        if key_id in keys:
            raise ValueError(f"key {place}: {key_id} a second time")
        keys[key_id] = key
    return keys


def listed_keys(text: bytes, *, max_bytes: int, max_keys: int) -> list[Any]:
    """What stands in the list "keys" of a JSON object. Raises ValueError."""
    if len(text) > max_bytes:
        raise ValueError(f"more than {max_bytes} bytes")
    try:
        found = json.loads(text)
    except RecursionError:
        raise ValueError("too deep") from None
    given = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(given, list) or len(given) > max_keys:
        raise ValueError('no object with a list "keys"')
    return given


def new_api_key(
    key_id: str,
    tenant: str,
    homes: Iterable[str],
    *,
    toolsets: Iterable[str] = (EVERYTHING,),
    scopes: Iterable[str] = (CONVERSE,),
    expires_at: float | None = None,
) -> tuple[str, dict[str, Any]]:
    """The key, which is told once, and its entry in the file. ValueError for a name that is none."""
    secret, salt = secrets.token_urlsafe(SECRET_BYTES), secrets.token_bytes(SALT_BYTES)
    entry = {
        "id": key_id,
        "salt": salt.hex(),
        "hash": _digest(salt, secret).hex(),
        "tenant": tenant,
        "homes": list(homes),
        "toolsets": list(toolsets),
        "scopes": sorted(scopes),
        "expires_at": expires_at,
        "revoked": False,
    }
    _entry(entry)
    return f"{MARK}{key_id}_{secret}", entry


def _entry(given: Mapping[str, Any]) -> tuple[str, ApiKey]:
    if unknown := given.keys() - FIELDS:
        raise ValueError(f"unknown fields {', '.join(sorted(unknown))}")
    key_id, expires_at, revoked = given["id"], given.get("expires_at"), given.get("revoked", False)
    if not isinstance(key_id, str) or not KEY_ID.fullmatch(key_id):
        raise ValueError("an id is 1 to 64 of [a-z0-9.-]")
    if not isinstance(revoked, bool):
        raise ValueError("revoked is true or false")
    if expires_at is not None and (not isinstance(expires_at, int | float) or isinstance(expires_at, bool)):
        raise ValueError("expires_at is a Unix time in seconds, or null")
    if unknown := set(given["scopes"]) - SCOPES:
        raise ValueError(f"unknown scopes {', '.join(sorted(unknown))}")
    principal = Principal(
        checked_subject(f"key:{key_id}"),
        checked_tenant(given["tenant"]),
        patterns(given["homes"]),
        patterns(given.get("toolsets", [EVERYTHING])),
        frozenset(given["scopes"]),
        expires_at,
    )
    if "certificate" in given:
        if SECRET & given.keys():
            raise ValueError("a certificate, or salt and hash")
        return key_id, ApiKey(b"", b"", principal, revoked, checked_subject(given["certificate"]))
    salt, digest = bytes.fromhex(given["salt"]), bytes.fromhex(given["hash"])
    if len(salt) < SALT_BYTES or len(digest) != sha256().digest_size:
        raise ValueError(f"a salt has at least {SALT_BYTES} bytes, a hash {sha256().digest_size}")
    return key_id, ApiKey(salt, digest, principal, revoked)


def _valid(key: ApiKey, now: float) -> Principal:
    if key.revoked:
        raise NotAuthenticated("this API key was revoked", reason="revoked")
    if key.principal.expires_at is not None and now >= key.principal.expires_at:
        raise NotAuthenticated("this API key has expired", reason="expired")
    return key.principal


def _digest(salt: bytes, secret: str) -> bytes:
    return sha256(salt + secret.encode("utf-8", "replace")).digest()
