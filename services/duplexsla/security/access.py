"""The check at an edge: from what a caller presents to a principal, counted by the reason of each refusal."""

import ipaddress
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from urllib.parse import unquote

from duplexsla.errors import NotAuthenticated, QuotaExceeded, SettingError
from duplexsla.security.principal import ANYBODY, Authenticator, CertificateHolders, Principal
from duplexsla.security.quotas import HeldSession, QuotaLimits, Quotas

SCHEME = "bearer"
MAX_SECRET_CHARS = 8_192
IPV6_NETWORK = 64  # bits that one subscriber has: addresses below are one peer

logger = logging.getLogger(__name__)


class AccessControl:
    """Who may come in, and how often. Without authenticators everybody is ANYBODY."""

    def __init__(
        self,
        authenticators: Sequence[Authenticator] = (),
        quotas: Quotas | None = None,
        *,
        certificates: CertificateHolders | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`clock`: Unix s."""
        self._authenticators, self._certificates = tuple(authenticators), certificates
        self.quotas = quotas or Quotas(QuotaLimits({}))
        self.clock = clock
        self.refusals: Counter[str] = Counter()  # by reason
        self.admitted = 0

    @property
    def open_to_all(self) -> bool:
        return not self._authenticators and self._certificates is None

    async def identify(
        self, authorization: str, peer: str, certificate_names: Sequence[str] = ()
    ) -> Principal:
        """The caller of an `Authorization` header ("" for none), from an address of `peer_of`.

        `certificate_names`: subject alternative names of the verified certificate of the connection, which
        count where there is no header.

        Raises NotAuthenticated, QuotaExceeded after too many of them, and Retriable when nobody can tell now.
        Cancelling is safe; a ticket that was taken is used up.
        """
        if self.open_to_all:
            return ANYBODY
        now = self.clock()
        try:
            await self.quotas.check_logins(peer, now=now)
            principal = await self._identify(authorization, certificate_names, now)
        except QuotaExceeded:
            self.refusals["locked_out"] += 1
            raise
        except NotAuthenticated as error:
            self.refusals[error.reason] += 1
            await self.quotas.login_failed(peer, now=now)
            logger.info("login_refused reason=%s peer=%s", error.reason, peer)
            raise
        self.admitted += 1
        return principal

    async def _identify(self, authorization: str, names: Sequence[str], now: float) -> Principal:
        if not authorization and names and self._certificates is not None:
            return self._certificates.of_certificate(names, now=now)
        scheme, _, secret = authorization.partition(" ")
        if not secret:
            raise NotAuthenticated("send authorization: Bearer and a token", reason="missing")
        if scheme.lower() != SCHEME or len(secret) > MAX_SECRET_CHARS:
            raise NotAuthenticated("send authorization: Bearer and a token", reason="malformed")
        for each in self._authenticators:
            if each.accepts(secret):
                return await each.principal(secret, now=now)
        raise NotAuthenticated("the token is of no kind that is served here", reason="malformed")

    async def admit(self, session: str, *, peer: str, home: str, tenant: str) -> HeldSession:
        """A session's share of the quotas; QuotaExceeded."""
        return await self.quotas.admit(session, peer=peer, home=home, tenant=tenant, now=self.clock())


def peer_of(address: str) -> str:
    """Whoever has an address of grpc ("ipv4:10.0.0.7:5123", "ipv6:%5B::1%5D:5123"), without its port."""
    kind, _, rest = address.partition(":")
    if kind not in ("ipv4", "ipv6"):
        return kind
    host = unquote(rest).rpartition(":")[0].strip("[]").partition("%")[0]
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return ""
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    if mapped is not None or found.version == 4:
        return str(mapped or found)
    return str(ipaddress.ip_network((found, IPV6_NETWORK), strict=False))


def check_open_door(listen: str, *, anywhere: bool) -> None:
    """SettingError for an address that others reach, where nobody is asked who they are."""
    if not anywhere and not _loopback(listen):
        raise SettingError(
            f"environment variable DUPLEXSLA_AUTH is 'none', and {listen} can be reached from elsewhere: "
            "whoever reaches it could operate any home. Set DUPLEXSLA_AUTH, listen on 127.0.0.1, or set "
            "DUPLEXSLA_AUTH_NONE_ANYWHERE=yes where something else keeps strangers out"
        )


def _loopback(listen: str) -> bool:
    host = listen.rpartition(":")[0].strip("[]")
    if listen.startswith("unix:") or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
