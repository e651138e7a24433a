"""A principal: who calls, whose they are, and what they may reach.

Names of tenants go into keys of Kafka and Redis beside a slash: their letters are few.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from duplexsla.errors import Forbidden

CONVERSE, ACT, CONFIRM, ADMIN = "converse", "act", "confirm", "admin"
SCOPES = frozenset({CONVERSE, ACT, CONFIRM, ADMIN})

MAX_SUBJECT_CHARS = 255
MAX_PATTERNS = 1_000  # homes of one principal
EVERYTHING = "*"
TENANT = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
PATTERN = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}\*?|\*")


@dataclass(frozen=True)
class Principal:
    """`homes` and `toolsets` are names, or beginnings of names that end in "*"."""

    subject: str
    tenant: str | None  # None: whichever the caller names, where nobody is asked who they are
    homes: tuple[str, ...]
    toolsets: tuple[str, ...]
    scopes: frozenset[str]
    expires_at: float | None = None  # Unix s

    def may(self, scope: str) -> bool:
        return scope in self.scopes

    def has_home(self, home: str) -> bool:
        return _matches(self.homes, home)

    def reaches(self, home: str, toolset: str) -> None:
        """Raises Forbidden, in the same words whether there is such a home or not."""
        if not self.may(CONVERSE):
            raise Forbidden(f"this caller lacks the scope {CONVERSE}")
        if not self.has_home(home):
            raise Forbidden("this caller does not reach that home")
        if not _matches(self.toolsets, toolset):
            raise Forbidden("this caller does not reach that toolset")

    def owns(self, tenant: str, subject: str) -> bool:
        """Whether a session that was opened by this tenant and subject is the principal's to resume."""
        return self.tenant is None or (self.tenant, self.subject) == (tenant, subject)


ANYBODY = Principal("", None, (EVERYTHING,), (EVERYTHING,), SCOPES)


class Authenticator(Protocol):
    """One way to show who one is: a secret that travels as `authorization: Bearer SECRET`."""

    def accepts(self, secret: str) -> bool:
        """Whether the secret has the form of this way: then this one alone decides."""

    async def principal(self, secret: str, *, now: float) -> Principal:
        """Raises NotAuthenticated; Retriable when nobody can tell now. `now`: Unix s. Cancelling is safe."""


class CertificateHolders(Protocol):
    """Who the holder of a certificate is, that an authority of ours has signed."""

    def of_certificate(self, names: Sequence[str], *, now: float) -> Principal:
        """By the certificate's subject alternative names. Raises NotAuthenticated. `now`: Unix s."""


def patterns(given: Iterable[object]) -> tuple[str, ...]:
    """Names and beginnings of names; ValueError for what is none."""
    items = tuple(given)
    found = tuple(each for each in items if isinstance(each, str) and PATTERN.fullmatch(each))
    if len(found) != len(items) or len(found) > MAX_PATTERNS:
        raise ValueError("a name, or the beginning of one and *")
    return found


def checked_tenant(name: object) -> str:
    """ValueError for what is no name of a tenant."""
    if not isinstance(name, str) or not TENANT.fullmatch(name):
        raise ValueError("a tenant is 1 to 64 of [a-z0-9._-], the first a letter or a digit")
    return name


def checked_subject(name: object) -> str:
    """ValueError for one that is empty, too long, or would begin a new line in a log."""
    if not isinstance(name, str) or not 0 < len(name) <= MAX_SUBJECT_CHARS or not name.isprintable():
        raise ValueError(f"a subject is 1 to {MAX_SUBJECT_CHARS} printable characters")
    return name


def _matches(names: tuple[str, ...], name: str) -> bool:
    return any(name.startswith(one[:-1]) if one.endswith("*") else name == one for one in names)
