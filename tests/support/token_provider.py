"""An OpenID provider's keys and tokens, without its pages."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

ISSUER, AUDIENCE = "https://issuer.example", "duplexsla"
NOW = 1_800_000_000.0  # Unix s


class TokenProvider:
    """One key; `rotate` makes another one."""

    def __init__(self, algorithm: str = "RS256", key_id: str = "k1") -> None:
        self.algorithm, self.key_id = algorithm, key_id
        self.fetched, self.away = 0, False
        self._key = _new_key(algorithm)

    @property
    def public_pem(self) -> bytes:
        encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        return self._key.public_key().public_bytes(encoding, form)

    def rotate(self, key_id: str) -> None:
        self.key_id, self._key = key_id, _new_key(self.algorithm)

    def claims(self, **others: Any) -> dict[str, Any]:
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "alice",
            "exp": NOW + 600,
            "tenant": "acme",
            "homes": ["h1"],
            "scope": "converse act confirm",
            **others,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, **others: Any) -> str:
        headers = {"kid": self.key_id}
        return jwt.encode(self.claims(**others), self._key, algorithm=self.algorithm, headers=headers)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """URL of its key set, over HTTP, while the block runs."""

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            self.fetched += 1
            body = self.key_set()
            head = f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
            writer.write(head.encode() + body)
            writer.close()

        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/keys"

    async def fetch(self) -> bytes:
        self.fetched += 1
        if self.away:
            raise OSError("away")
        return self.key_set()

    def key_set(self) -> bytes:
        kind = jwt.algorithms.get_default_algorithms()[self.algorithm]
        key = json.loads(kind.to_jwk(self._key.public_key()))
        return json.dumps({"keys": [{**key, "kid": self.key_id, "use": "sig"}]}).encode()


def _new_key(algorithm: str) -> Any:
    if algorithm == "ES256":
        return ec.generate_private_key(ec.SECP256R1())
    if algorithm == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
