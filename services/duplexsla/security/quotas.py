"""How much a caller, a home and a tenant may have: sessions at once, opens a minute, failed logins a minute.

Rates are the generic cell rate algorithm (ITU-T I.371): one number for each key, an even flow, a burst of one
minute's share. Counters are a port: in memory they are those of one gateway. While shared ones are away, a
gateway counts for itself, so that an outage neither shuts everybody out nor lets anybody have everything.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from duplexsla.errors import QuotaExceeded, SettingError, StoreLost

MINUTE_S = 60.0
MAX_COUNTED = 65_536  # keys of one process; the one that was used longest ago is forgotten
SESSIONS_RETRY_MS = 5_000

HOLD_S = 30.0  # what is held elsewhere and not renewed for so long is given back
UNLIMITED = 1 << 31

SESSIONS, OPENS, FAILED_LOGINS, ACTIONS = "sessions", "opens", "failed_logins", "actions"
RISKS = ("comfort", "mess", "entry")
TENANT, HOME, PEER = "tenant", "home", "peer"
KINDS = frozenset(
    {
        *(f"{who}.{what}" for who in (TENANT, HOME, PEER) for what in (SESSIONS, OPENS)),
        *(f"{who}.{ACTIONS}" for who in (TENANT, HOME)),
        *(f"{who}.{risk}_{ACTIONS}" for who in (TENANT, HOME) for risk in RISKS),
        f"{PEER}.{FAILED_LOGINS}",
    }
)


@dataclass(frozen=True)
class QuotaLimits:
    """Whole numbers by kind ("home.opens"); a kind that is not there, or 0, is not limited."""

    by_kind: dict[str, int]

    def of(self, who: str, what: str) -> int:
        return self.by_kind.get(f"{who}.{what}", 0)


class QuotaCounters(Protocol):
    """Keys are of any letters. StoreLost when counters that are elsewhere do not answer."""

    async def take(self, key: str, limit: int, *, now: float) -> float:
        """Counts one of `limit` a minute; 0, or seconds until there is one, and then nothing was counted."""

    async def left(self, key: str, limit: int, *, now: float) -> float:
        """As `take`, without counting."""

    async def hold(self, key: str, member: str, limit: int) -> bool:
        """Takes one of `limit` until `release`, once for a member; False when others hold all of them."""

    async def renew(self, holds: Iterable[tuple[str, str]]) -> None:
        """Keys and members that are still held: what nobody renews for HOLD_S is given back."""

    async def release(self, key: str, member: str) -> None: ...


class MemoryQuotaCounters:
    """Those of one process; bounded, whoever makes up keys."""

    def __init__(self, most: int = MAX_COUNTED) -> None:
        self._most = most
        self._full_at: OrderedDict[str, float] = OrderedDict()  # key: when its share is whole again
        self._held: defaultdict[str, set[str]] = defaultdict(set)

    def __len__(self) -> int:
        return len(self._full_at) + len(self._held)

    async def take(self, key: str, limit: int, *, now: float) -> float:
        wait_s = await self.left(key, limit, now=now)
        if wait_s == 0.0:
            self._full_at[key] = max(self._full_at.get(key, now), now) + MINUTE_S / limit
            self._full_at.move_to_end(key)
            if len(self._full_at) > self._most:
                self._full_at.popitem(last=False)
        return wait_s

    async def left(self, key: str, limit: int, *, now: float) -> float:
        full_at = max(self._full_at.get(key, now), now) + MINUTE_S / limit
        return max(0.0, full_at - now - MINUTE_S - 1e-6)

    async def hold(self, key: str, member: str, limit: int) -> bool:
        held = self._held.get(key, ())
        if member not in held and len(held) >= limit:
            return False
        self._held[key].add(member)
        return True

    async def renew(self, holds: Iterable[tuple[str, str]]) -> None:
        """What this process holds ends with it."""

    async def release(self, key: str, member: str) -> None:
        self._held[key].discard(member)
        if not self._held[key]:
            del self._held[key]


class HeldSession:
    """What one session holds; `release` gives all of it back, once."""

    def __init__(self, session: str = "") -> None:
        self.session = session
        self._held: list[tuple[QuotaCounters, str]] = []

    def add(self, counters: QuotaCounters, key: str) -> None:
        self._held.append((counters, key))

    def of(self, counters: QuotaCounters) -> list[tuple[str, str]]:
        """Keys and members that these counters have given."""
        return [(key, self.session) for each, key in self._held if each is counters]

    async def release(self) -> None:
        """What counters that are away do not take back is left to expire there. Cancelling may leave some."""
        while self._held:
            counters, key = self._held.pop()
            try:
                await counters.release(key, self.session)
            except StoreLost:
                continue


class Quotas:
    """Limits against counters. Whoever is refused costs nobody else: the narrowest share is asked first."""

    def __init__(self, limits: QuotaLimits, counters: QuotaCounters | None = None) -> None:
        self._limits = limits
        self._own = MemoryQuotaCounters()
        self._counters = counters or self._own
        self.away = 0  # times that shared counters did not answer

    async def check_logins(self, peer: str, *, now: float) -> None:
        """QuotaExceeded for an address from which too many logins have failed."""
        limit = self._limits.of(PEER, FAILED_LOGINS)
        if limit and peer:
            key = f"{FAILED_LOGINS}:{peer}"
            _refuse_until(await self._left(key, limit, now), "failed logins", "this address")

    async def login_failed(self, peer: str, *, now: float) -> None:
        limit = self._limits.of(PEER, FAILED_LOGINS)
        if limit and peer:
            await self._take(f"{FAILED_LOGINS}:{peer}", limit, now)

    async def admit(self, session: str, *, peer: str, home: str, tenant: str, now: float) -> HeldSession:
        """One more session; QuotaExceeded says whose share is used up. `home` is a home of that tenant."""
        named = _shares(peer, home, tenant)
        for who, name in named:
            if limit := self._limits.of(who, OPENS):
                wait_s = await self._take(f"{OPENS}:{who}:{name}", limit, now)
                _refuse_until(wait_s, "new sessions", f"this {who}")
        held = HeldSession(session)
        try:
            for who, name in named:
                if limit := self._limits.of(who, SESSIONS):
                    await self._hold(held, f"{SESSIONS}:{who}:{name}", limit, who)
        except BaseException:
            await held.release()
            raise
        return held

    async def readmit(self, session: str, *, peer: str, home: str, tenant: str) -> HeldSession:
        """A session that was admitted before: it is counted, and never refused."""
        held = HeldSession(session)
        for who, name in _shares(peer, home, tenant):
            if self._limits.of(who, SESSIONS):
                await self._hold(held, f"{SESSIONS}:{who}:{name}", UNLIMITED, who)
        return held

    async def renew(self, held: Iterable[HeldSession]) -> None:
        """These sessions go on, for another while."""
        holds = [each for session in held for each in session.of(self._counters)]
        if holds:
            try:
                await self._counters.renew(holds)
            except StoreLost:
                self.away += 1

    async def act(self, *, home: str, tenant: str, risk: str, now: float) -> None:
        """One more action of that risk class; QuotaExceeded."""
        for who, name in _shares("", home, tenant):
            for what in (ACTIONS, f"{risk}_{ACTIONS}"):
                if limit := self._limits.of(who, what):
                    wait_s = await self._take(f"{what}:{who}:{name}", limit, now)
                    _refuse_until(wait_s, what.replace("_", " "), f"this {who}")

    async def _hold(self, held: HeldSession, key: str, limit: int, who: str) -> None:
        counters = self._counters
        try:
            got = await counters.hold(key, held.session, limit)
        except StoreLost:
            self.away, counters = self.away + 1, self._own
            got = await counters.hold(key, held.session, limit)
        if not got:
            told = f"this {who} has {limit} sessions: end one first"
            raise QuotaExceeded(told, retry_after_ms=SESSIONS_RETRY_MS)
        held.add(counters, key)

    async def _take(self, key: str, limit: int, now: float) -> float:
        try:
            return await self._counters.take(key, limit, now=now)
        except StoreLost:
            self.away += 1
            return await self._own.take(key, limit, now=now)

    async def _left(self, key: str, limit: int, now: float) -> float:
        try:
            return await self._counters.left(key, limit, now=now)
        except StoreLost:
            self.away += 1
            return await self._own.left(key, limit, now=now)


def quotas_of(limits: dict[str, int], counters: QuotaCounters | None = None) -> Quotas:
    """SettingError for a kind that there is not."""
    if unknown := limits.keys() - KINDS:
        raise SettingError(
            f"environment variable DUPLEXSLA_QUOTAS: {', '.join(sorted(unknown))}; "
            f"allowed: {', '.join(sorted(KINDS))}"
        )
    return Quotas(QuotaLimits(limits), counters)


def _shares(peer: str, home: str, tenant: str) -> list[tuple[str, str]]:
    """Whose shares are asked, the narrowest first, and their names."""
    shares = ((PEER, peer), (HOME, f"{tenant}/{home}" if home else ""), (TENANT, tenant))
    return [(who, name) for who, name in shares if name]


def _refuse_until(wait_s: float, what: str, whose: str) -> None:
    if wait_s > 0:
        raise QuotaExceeded(f"too many {what} of {whose}: wait", retry_after_ms=int(wait_s * 1e3) + 1)
