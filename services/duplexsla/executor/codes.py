"""The codes of homes, for what a voice alone must not do. A code is never spoken, published or logged.

A gateway sends a proof in place of the code: HMAC-SHA256 of the action and the code under a key that gateways
and executors share. Proofs are compared in constant time.
"""

import hmac
import json
from pathlib import Path
from typing import Protocol

from duplexsla.errors import SettingError
from duplexsla.protocol.actions import code_proof

MAX_CODE_CHARS = 64


class Codes(Protocol):
    def right(self, home: str, action_id: str, proof: bytes) -> bool:
        """Whether the proof is that of this home's code, for this action. `home`: with its tenant."""


class NoCodes:
    """No home has a code: what asks for one is never done."""

    def right(self, home: str, action_id: str, proof: bytes) -> bool:
        return False


class CodeFile:
    """Codes by home ("tenant/home"), in a JSON object."""

    def __init__(self, path: Path, key: bytes) -> None:
        """Raises SettingError."""
        try:
            found = json.loads(path.read_bytes())
        except (OSError, ValueError) as error:
            raise SettingError(f"the codes in {path} cannot be read: {type(error).__name__}") from error
        usable = isinstance(found, dict) and all(
            isinstance(code, str) and 0 < len(code) <= MAX_CODE_CHARS for code in found.values()
        )
        if not usable or not key:
            raise SettingError(f"the codes in {path} are no JSON object of texts, or there is no key")
        self._codes: dict[str, str] = found
        self._key = key

    def right(self, home: str, action_id: str, proof: bytes) -> bool:
        code = self._codes.get(home)
        expected = code_proof(self._key, action_id, code or "")
        return hmac.compare_digest(expected, proof) and code is not None
