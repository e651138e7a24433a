"""Tickets: secrets that open one session and live a minute, for pages that cannot set headers."""

import secrets
from collections import OrderedDict
from hashlib import sha256

from duplexsla.errors import NotAuthenticated, QuotaExceeded
from duplexsla.security.principal import Principal

MARK = "dslt_"
SECRET_BYTES = 32
LIVES_S = 60.0
MAX_WAITING = 10_000


class Tickets:
    """An `Authenticator`, in memory: a ticket opens a session of the process that made it."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[bytes, tuple[Principal, float]] = OrderedDict()  # digest: who, until

    def __len__(self) -> int:
        return len(self._waiting)

    def mint(self, principal: Principal, *, now: float) -> str:
        """A ticket for somebody who has shown who they are. QuotaExceeded when too many wait."""
        while self._waiting and next(iter(self._waiting.values()))[1] <= now:
            self._waiting.popitem(last=False)
        if len(self._waiting) >= MAX_WAITING:
            raise QuotaExceeded("too many tickets wait to be used")
        ticket = MARK + secrets.token_urlsafe(SECRET_BYTES)
        self._waiting[_digest(ticket)] = principal, now + LIVES_S
        return ticket

    def accepts(self, secret: str) -> bool:
        return secret.startswith(MARK)

    async def principal(self, secret: str, *, now: float) -> Principal:
        principal, until = self._waiting.pop(_digest(secret), (None, 0.0))
        if principal is None:
            raise NotAuthenticated("there is no such ticket, or it was used", reason="replayed")
        if now >= until:
            raise NotAuthenticated("this ticket has expired", reason="expired")
        return principal


def _digest(ticket: str) -> bytes:
    return sha256(ticket.encode("utf-8", "replace")).digest()
