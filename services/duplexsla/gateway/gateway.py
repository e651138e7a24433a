"""The gateway's own state: the sessions it holds, how one is admitted, watched, and all of them drained."""

import asyncio
import logging
import random
import time
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

from duplexsla.errors import Retriable, StaleFence, StoreLost
from duplexsla.gateway.actions import ActionBus
from duplexsla.gateway.bell import Bell
from duplexsla.gateway.counts import Counts
from duplexsla.gateway.decoder import Decoders
from duplexsla.gateway.homes import HomeDirectory
from duplexsla.gateway.live_session import LiveSession, Patience
from duplexsla.session.conversation import Conversation
from duplexsla.session.inbound import Inbound, Terms, agree
from duplexsla.session.placement import Decoder
from duplexsla.session.store import RENEW_S, Store
from duplexsla.telemetry import TRACEPARENT, SessionTrace, Telemetry, names
from duplexsla.v1.action_pb2 import ActionOutcome
from duplexsla.v1.session_pb2 import (
    NOTICE_KIND_DRAINING,
    Clock,
    ConverseResponse,
    Notice,
    Open,
)

logger = logging.getLogger(__name__)

WATCH_S = 0.25
DRAIN_RETRY_MS = 500
FAREWELL_S = 2.0  # for the last messages of sessions that were cut
LETTING_GO = "letting go"  # name of the tasks that give slots back


class Gateway:
    """Sessions by id, and what they share: decoders, store, bus, homes, telemetry."""

    def __init__(
        self,
        name: str,
        decoders: Sequence[Decoder],
        *,
        store: Store,
        bus: ActionBus,
        homes: HomeDirectory,
        telemetry: Telemetry,
        patience: Patience | None = None,
    ) -> None:
        self._name, self._places = name, decoders
        self._store, self._bus, self._homes, self._telemetry = store, bus, homes, telemetry
        self._patience = patience or Patience()
        self._decoders = Decoders()
        self._sessions: dict[int, LiveSession] = {}
        self._random = random.SystemRandom()
        self._background: set[asyncio.Task[None]] = set()
        self._left = Bell()  # for `drain`: a session ended
        self.counts = Counts()
        self.draining = False

    async def start(self) -> None:
        await self._bus.start(self._told)
        self._spawn(self._watch_forever())
        self._spawn(self._renew_forever())

    async def admit(self, opening: Open, metadata: Mapping[str, str], inbound: Inbound) -> LiveSession:
        """A session with a slot; BadInput, SlotsExhausted or another Retriable says why there is none."""
        if self.draining:
            raise Retriable("this server is going away: connect again")
        terms = agree(opening, metadata)
        await self._homes.check(terms.home)
        session_id = self._random.getrandbits(63) or 1
        lease = await self._store.take(session_id, self._name, self._places, now_ms=_now_ms())
        session = LiveSession(
            Conversation(session_id, terms, lease.fence),
            inbound,
            lease,
            self._decoders.stream(lease.decoder, session_id, lease.fence, terms.toolset),
            self._trace(session_id, terms, lease.decoder, metadata.get(TRACEPARENT)),
            bus=self._bus,
            counts=self.counts,
            telemetry=self._telemetry,
            patience=self._patience,
        )
        self._sessions[session_id] = session
        self.counts.opened += 1
        self.counts.live = len(self._sessions)
        return session

    def dismiss(self, session: LiveSession) -> None:
        """Forgets a session and gives its slot back in the background."""
        self._sessions.pop(session.lease.session_id, None)
        self.counts.live = len(self._sessions)
        self._spawn(self._let_go(session), name=LETTING_GO)
        self._left.ring()

    async def drain(self, deadline_s: float) -> int:
        """Admits nobody, tells everybody, waits for them; number of sessions that had to be cut."""
        self.draining = True
        notice = Notice(
            kind=NOTICE_KIND_DRAINING,
            detail=f"this server is going away: finish within {deadline_s:g} s or connect again",
            retry_after_ms=DRAIN_RETRY_MS,
        )
        for session in self._sessions.values():
            session.post(ConverseResponse(notice=notice))
        await self._wait_until_empty(time.monotonic() + deadline_s)
        cut = len(self._sessions)
        for session in self._sessions.values():
            session.fail(Retriable("this server went away: connect again"))
        await self._wait_until_empty(time.monotonic() + FAREWELL_S)
        return cut

    async def close(self) -> None:
        """Ends the gateway's own tasks, after the last slot was given back. Stop the server first."""
        await self._wait_until_empty(time.monotonic() + FAREWELL_S)
        leaving = [task for task in self._background if task.get_name() == LETTING_GO]
        if leaving:
            await asyncio.wait(leaving, timeout=FAREWELL_S)
        for task in self._background:
            task.cancel()
        await self._bus.close()
        await self._homes.close()
        await self._store.close()
        await self._decoders.close()

    def _told(self, outcome: ActionOutcome) -> None:
        """Every outcome comes by here; those of other gateways' sessions are counted and left alone."""
        session = self._sessions.get(outcome.session_id)
        if session is None:
            self.counts.outcomes_unclaimed += 1
        else:
            session.tell(outcome)

    async def _let_go(self, session: LiveSession) -> None:
        await session.decoder.close()
        session.trace.close()
        try:
            await self._store.release(session.lease)
        except StoreLost as error:
            logger.warning("session %016x: its lease will run out: %s", session.lease.session_id, error)

    def check(self, now: float, now_ms: int) -> None:
        """Ends what takes too long. Seconds of time.monotonic, and Unix ms."""
        for session in list(self._sessions.values()):
            session.check(now, now_ms)

    async def _watch_forever(self) -> None:
        while True:
            await asyncio.sleep(WATCH_S)
            self.check(time.monotonic(), _now_ms())

    async def _renew_forever(self) -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            await self.renew()

    async def renew(self) -> None:
        """Keeps the leases; a session that somebody else owns ends. Without a store, sessions go on."""
        leases = [session.lease for session in self._sessions.values()]
        try:
            lost = await self._store.renew(leases, now_ms=_now_ms())
        except StoreLost as error:
            logger.warning("%d leases were not renewed: %s", len(leases), error)
            return
        for lease in lost:
            if lease.session_id in self._sessions:
                self._sessions[lease.session_id].fail(StaleFence("another gateway owns this session now"))

    async def _wait_until_empty(self, deadline: float) -> None:
        while self._sessions and time.monotonic() < deadline:
            await self._left.wait(deadline)

    def _trace(self, session_id: int, terms: Terms, decoder: str, parent: str | None) -> SessionTrace:
        attributes = {
            names.ATTR_SESSION: f"{session_id:016x}",
            names.ATTR_HOME: terms.home,
            names.ATTR_TOOLSET: terms.toolset,
            names.ATTR_CLOCK: Clock.Name(terms.clock).removeprefix("CLOCK_").lower(),
            names.ATTR_DECODER: decoder,
        }
        return SessionTrace(self._telemetry, attributes, parent=parent)

    def _spawn(self, work: Coroutine[Any, Any, None], *, name: str = "") -> None:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._background.add(task)
        task.add_done_callback(self._background.discard)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
