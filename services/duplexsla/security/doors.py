"""The check at ports for operators and services: verbs of control ports, and devices of homes.

Verbs are for whoever is on the same machine, or shows a key with the scope admin. Devices are for keys with
the scope act, in the homes of their tenant, or admin, in all.
"""

import logging
import time
from collections.abc import Callable
from pathlib import Path

from duplexsla.errors import Forbidden, NotAuthenticated, Retriable, SettingError
from duplexsla.runtime.control import is_loopback
from duplexsla.security.access import AccessControl, check_open_door
from duplexsla.security.api_keys import ApiKeys
from duplexsla.security.principal import ACT, ADMIN, ANYBODY, Principal
from duplexsla.security.tickets import Tickets

logger = logging.getLogger(__name__)


def keyed_access(
    path: str, listen: str, *, anywhere: bool = False, clock: Callable[[], float] = time.time
) -> AccessControl:
    """API keys of a file; without one everybody, on an address `listen` that nobody else reaches.

    SettingError for a file that cannot be used, and for a port that is open to strangers.
    """
    if not path:
        check_open_door(listen, anywhere=anywhere)
        return AccessControl(clock=clock)
    return AccessControl([ApiKeys(Path(path))], clock=clock)


class VerbDoor:
    """Whether a verb of a control port may be done. `refused` counts those that may not."""

    def __init__(self, access: AccessControl | None = None) -> None:
        """Without `access` they are for the same machine alone."""
        self._access = access
        self.refused = 0

    async def __call__(self, peer: str, authorization: str) -> bool:
        """`peer`: an IP address, "" where it is not known. Cancelling is safe."""
        allowed = is_loopback(peer) or await self._is_admin(peer, authorization)
        if not allowed:
            self.refused += 1
            logger.warning("verb_refused peer=%s", peer)
        return allowed

    async def _is_admin(self, peer: str, authorization: str) -> bool:
        if self._access is None or self._access.open_to_all:
            return False
        try:
            principal = await self._access.identify(authorization, peer)
        except NotAuthenticated:
            return False
        return principal.may(ADMIN)


def verb_door(path: str) -> VerbDoor:
    """With the API keys of a file, if there is one. SettingError."""
    return VerbDoor(AccessControl([ApiKeys(Path(path))]) if path else None)


class TicketDoor:
    """Makes a ticket for whoever shows a token of another kind; it opens one session with the same rights."""

    def __init__(self, access: AccessControl, tickets: Tickets) -> None:
        self._access, self._tickets = access, tickets

    async def __call__(self, peer: str, authorization: str) -> str:
        """Empty for somebody whom nobody knows. Cancelling is safe."""
        if self._tickets.accepts(authorization.partition(" ")[2]):
            return ""
        try:
            principal = await self._access.identify(authorization, peer)
            return self._tickets.mint(principal, now=self._access.clock())
        except (NotAuthenticated, Retriable):
            return ""


def shown(token: str) -> dict[str, str]:
    """Headers for a service that asks; @FILE: what that file holds. SettingError where there is none."""
    try:
        secret = Path(token[1:]).read_text().strip() if token.startswith("@") else token
    except OSError as error:
        raise SettingError(f"environment variable DUPLEXSLA_HOMES_TOKEN: {error}") from error
    return {"authorization": f"Bearer {secret}"} if secret else {}


def may_operate(principal: Principal, home: str) -> None:
    """Raises Forbidden where the principal may not reach this home's devices (`home_name`: "tenant~home")."""
    if principal is ANYBODY or principal.may(ADMIN):
        return
    tenant, _, name = home.rpartition("~")
    if not principal.may(ACT) or tenant != principal.tenant or not principal.has_home(name):
        raise Forbidden("this caller does not operate that home")
