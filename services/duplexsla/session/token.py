"""The token with which a client resumes: which session, and a secret that only its opener was given."""

import hmac
import secrets
from hashlib import sha256
from typing import NamedTuple

from duplexsla.errors import ResumeRefused

ID_BYTES = 8
SECRET_BYTES = 16


class ResumeToken(NamedTuple):
    session_id: int
    secret: bytes  # SECRET_BYTES

    def to_bytes(self) -> bytes:
        return self.session_id.to_bytes(ID_BYTES, "big") + self.secret

    def digest(self) -> bytes:
        """What a store may know of the secret."""
        return sha256(self.secret).digest()

    def matches(self, digest: bytes) -> bool:
        return hmac.compare_digest(self.digest(), digest)


def new_token(session_id: int) -> ResumeToken:
    return ResumeToken(session_id, secrets.token_bytes(SECRET_BYTES))


def read_token(raw: bytes) -> ResumeToken:
    """Raises ResumeRefused."""
    if len(raw) != ID_BYTES + SECRET_BYTES:
        raise ResumeRefused(f"a resume token has {ID_BYTES + SECRET_BYTES} bytes, not {len(raw)}")
    return ResumeToken(int.from_bytes(raw[:ID_BYTES], "big"), raw[ID_BYTES:])
