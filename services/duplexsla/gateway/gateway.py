"""The gateway's own state: the sessions it holds, how one is admitted, watched and let go, and all of them
drained.
"""

import asyncio
import logging
import random
import time
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

from duplexsla.enum_names import enum_name
from duplexsla.errors import Overloaded, Retriable, StaleFence, StoreLost
from duplexsla.gateway.actions.bus import ActionBus
from duplexsla.gateway.call import migration
from duplexsla.gateway.call.call import Attachment, Call, Timeouts
from duplexsla.gateway.call.journal_writer import JournalWriter
from duplexsla.gateway.call.resume import come_back
from duplexsla.gateway.call.run import live
from duplexsla.gateway.call.wakeup import Wakeup
from duplexsla.gateway.decoders import load_shedding
from duplexsla.gateway.decoders.pool import DecoderPool, now_ms
from duplexsla.gateway.homes import HomeDirectory
from duplexsla.gateway.metrics import GatewayMetrics
from duplexsla.history import NO_HISTORY, HistoryLog, events
from duplexsla.session.dialogue import Dialogue
from duplexsla.session.inbound import Inbound, SessionTerms, agree
from duplexsla.session.journal import JOURNAL_CHUNKS, Journal
from duplexsla.session.placement import DecoderAddress
from duplexsla.session.store.archive import RESUME_MS, Archive
from duplexsla.session.store.leases import RENEW_S, Lease, Store
from duplexsla.session.store.memory import MemoryArchive
from duplexsla.session.token import Token, new_token
from duplexsla.telemetry import TRACEPARENT, SessionTrace, Telemetry, names
from duplexsla.v1.action_pb2 import ActionOutcome
from duplexsla.v1.session_pb2 import (
    NOTICE_KIND_DRAINING,
    Clock,
    ConverseResponse,
    Notice,
    Open,
    Reconnect,
)

logger = logging.getLogger(__name__)

WATCH_S = 0.08
DRAIN_RETRY_MS = 500
DEPART_EVERY_S = 0.02  # between two sessions that are sent away, so that the next gateway is not flooded
FAREWELL_S = 2.0  # for the last messages of sessions that were cut
LETTING_GO = "letting go"  # name of the tasks that give slots back


class Gateway:
    """Sessions by id, and what they share: decoders, store, archive, bus, homes, telemetry."""

    def __init__(
        self,
        name: str,
        decoders: Sequence[DecoderAddress],
        *,
        store: Store,
        bus: ActionBus,
        homes: HomeDirectory,
        telemetry: Telemetry,
        patience: Timeouts | None = None,
        archive: Archive | None = None,
        journal_chunks: int = JOURNAL_CHUNKS,
        resume_ms: int = RESUME_MS,
        others: Sequence[str] = (),
        history: HistoryLog = NO_HISTORY,
        shed: int = load_shedding.NOTHING,
    ) -> None:
        """`others` are host:port of gateways where a client may come back to a session of this one; `shed`
        is the highest level of load_shedding.Ladder.
        """
        self.name, self.others = name, others
        self._store, self._bus, self._homes, self._telemetry = store, bus, homes, telemetry
        self._patience = patience or Timeouts()
        self._journal_chunks, self.resume_ms = journal_chunks, resume_ms
        self.history = history
        self.counts = GatewayMetrics()
        self.places = DecoderPool(name, decoders, store, shed=shed)
        self.archive = archive or MemoryArchive()
        self.journals = JournalWriter(self.archive, self.counts, resume_ms=resume_ms)
        self.sessions: dict[int, Call] = {}
        self._random = random.SystemRandom()
        self._background: set[asyncio.Task[None]] = set()
        self._suspected: set[str] = set()  # decoders that are being asked whether they live
        self.left = Wakeup()  # for `drain`: a session ended
        self.draining = False

    @property
    def publishing(self) -> int:
        """Actions that wait for the broker."""
        return self._bus.waiting

    async def start(self) -> None:
        await self._bus.start(self._told)
        self._spawn(self._watch_forever())
        self._spawn(self._renew_forever())
        self._spawn(self._heed_load_forever())
        self._spawn(self.journals.run(self.sessions.values))

    async def open(
        self, opening: Open, metadata: Mapping[str, str], inbound: Inbound
    ) -> tuple[Call, Attachment]:
        """A session with a slot, new or come back to; BadInput, SlotsExhausted or another Retriable says why
        there is none.
        """
        if self.draining:
            raise Retriable("this server is going away: connect again")
        if opening.resume_token:
            return await come_back(self, opening, inbound)
        return await self._admit(opening, metadata, inbound)

    async def _admit(
        self, opening: Open, metadata: Mapping[str, str], inbound: Inbound
    ) -> tuple[Call, Attachment]:
        terms = agree(opening, metadata)
        session_id = self._random.getrandbits(63) or 1
        try:
            self.places.open_to_new()  # before anybody is asked about its home
            await self._homes.check(terms.home)
            lease = await self.places.take(session_id, new=True)
        except Overloaded:
            self.counts.shed["sessions"] += 1
            raise
        token = new_token(session_id) if opening.resumable else None
        conversation = Dialogue(session_id, terms, lease.fence)
        session = self.hold(conversation, lease, token, parent=metadata.get(TRACEPARENT))
        session.post(self.opened(session))
        line = session.attach(inbound)
        self.begin(session)
        self.journals.soon(session)
        self.counts.opened += 1
        opened = events.session_opened(
            session_id,
            home=terms.home,
            fence=lease.fence,
            placement=lease.placement,
            decoder=lease.decoder,
        )
        self.history.write(opened)
        return session, line

    def hold(
        self, conversation: Dialogue, lease: Lease, token: Token | None, *, parent: str | None = None
    ) -> Call:
        """A session of this gateway that does not live yet."""
        session = Call(
            conversation,
            lease,
            self.places,
            self._trace(conversation.session_id, conversation.terms, lease.decoder, parent),
            bus=self._bus,
            counts=self.counts,
            telemetry=self._telemetry,
            patience=self._patience,
            journal=Journal(self._journal_chunks),
            history=self.history,
            save_soon=self.journals.soon,
            token=token,
        )
        self.sessions[session.session_id] = session
        self.counts.live = len(self.sessions)
        return session

    def begin(self, session: Call) -> None:
        session.life = asyncio.get_running_loop().create_task(live(session, self._depart), name="life")

    def opened(self, session: Call, *, first_chunk: int | None = None) -> ConverseResponse:
        """What its client is told first, now or when it comes back."""
        token = session.token
        return session.conversation.opened(
            next_chunk=session.next_chunk,
            first_chunk=first_chunk,
            token=token.to_bytes() if token else b"",
            resume_ms=self.resume_ms if token else 0,
            gateways=self.others if token and self.archive.shared else (),
        )

    def hang_up(self, session: Call, line: Attachment) -> None:
        """A client's stream is over. A session that it may come back to waits a while, with its slot."""
        line.gone.set()
        if session.line is not line:
            return
        session.line, session.away_since = None, time.monotonic()
        told_all = session.ended.done() and not len(session.outbox)
        if session.token is None or told_all or session.hung_up:
            self.dismiss(session)
            return
        migration.cancel(session)
        session.heard.ring()
        self.journals.soon(session)
        self.counts.parked += 1

    def dismiss(self, session: Call) -> None:
        """Forgets a session and gives its slot back in the background."""
        if self.sessions.pop(session.session_id, None) is None:
            return
        self.counts.live = len(self.sessions)
        self._spawn(self._let_go(session), name=LETTING_GO)
        self.left.ring()

    async def drain(self, deadline_s: float) -> int:
        """Admits nobody; sends those who may come back elsewhere, tells the others and waits for them.

        Returns the number of sessions that had to be cut.
        """
        self.draining = True
        deadline = time.monotonic() + deadline_s
        detail = f"this server is going away: finish within {deadline_s:g} s or connect again"
        notice = Notice(kind=NOTICE_KIND_DRAINING, detail=detail, retry_after_ms=DRAIN_RETRY_MS)
        for session in self.sessions.values():
            if session.token is None or not self.archive.shared:
                session.post(ConverseResponse(notice=notice))
        sending = asyncio.create_task(self._send_away())
        await self._wait_until_empty(deadline)
        sending.cancel()
        cut = len(self.sessions)
        for session in self.sessions.values():
            session.fail(Retriable("this server went away: connect again"))
        await self._wait_until_empty(time.monotonic() + FAREWELL_S)
        return cut

    async def _send_away(self) -> None:
        """Those who may come back, once the archive has them; it is asked again when it does not answer."""
        while self.archive.shared:
            for session in list(self.sessions.values()):
                if session.token is not None and not session.leaving and await self.journals.save([session]):
                    session.leave()
                    await asyncio.sleep(DEPART_EVERY_S)
            await asyncio.sleep(DRAIN_RETRY_MS / 1e3)

    async def close(self) -> None:
        """Ends the gateway's own tasks, after the last slot was given back. Stop the server first."""
        await self._wait_until_empty(time.monotonic() + FAREWELL_S)
        for session in list(self.sessions.values()):
            self.dismiss(session)
        leaving = [task for task in self._background if task.get_name() == LETTING_GO]
        if leaving:
            await asyncio.wait(leaving, timeout=FAREWELL_S)
        for task in self._background:
            task.cancel()
        await self._bus.close()
        await self._homes.close()
        await self.places.close()
        await self._store.close()
        await self.archive.close()

    async def _depart(self, session: Call) -> bool:
        """The archive has all of a session that leaves, and its client is told where to go."""
        if not await self.journals.save([session]):
            return False
        addresses = self._random.sample(self.others, len(self.others))
        session.post(ConverseResponse(reconnect=Reconnect(addresses=addresses)))
        return True

    def _told(self, outcome: ActionOutcome) -> None:
        """Every outcome comes by here; those of other gateways' sessions are counted and left alone."""
        session = self.sessions.get(outcome.session_id)
        if session is None:
            self.counts.outcomes_unclaimed += 1
        else:
            session.tell(outcome)

    async def _let_go(self, session: Call) -> None:
        if session.life is not None:
            session.life.cancel()
            await asyncio.wait({session.life})
        await session.decoder.close()
        session.trace.close()
        if session.token is not None:
            await self._put_away(session)
        await self.let_lease_go(session.lease)

    async def _put_away(self, session: Call) -> None:
        """What is over is forgotten; what may be come back to is kept."""
        if not session.finished:
            await self.journals.save([session])
            return
        try:
            await self.archive.drop(session.session_id, session.lease.fence)
        except StoreLost as error:
            logger.warning("session %016x: its journal will run out: %s", session.session_id, error)

    async def let_lease_go(self, lease: Lease) -> None:
        """Gives a slot back under which no session came to live."""
        try:
            await self._store.release(lease)
        except StoreLost as error:
            logger.warning("session %016x: its lease will run out: %s", lease.session_id, error)
        self.places.freed()

    def check(self, now: float, now_ms: int) -> None:
        """Ends what takes too long. Seconds of time.monotonic, and Unix ms."""
        for session in list(self.sessions.values()):
            session.check(now, now_ms)
            if session.unanswered_s(now) > self._patience.step_s:
                self._suspect(session.decoder.address)
            if session.line is None and session.away_since is not None:
                gone = session.leaving and session.ended.done()
                if gone or now - session.away_since > self._patience.park_s:
                    self.dismiss(session)

    def _suspect(self, address: str) -> None:
        if address not in self._suspected:
            self._suspected.add(address)
            self._spawn(self._ask(address))

    async def _ask(self, address: str) -> None:
        """Takes sessions away from a decoder whose server does not answer either."""
        try:
            alive = await self.places.alive(address, self._patience.probe_s)
        finally:
            self._suspected.discard(address)
        now = time.monotonic()
        for session in self.sessions.values() if not alive else ():
            if session.decoder.address == address and session.unanswered_s(now) > self._patience.step_s:
                session.lose_decoder("does not answer")

    async def _watch_forever(self) -> None:
        while True:
            await asyncio.sleep(WATCH_S)
            self.check(time.monotonic(), now_ms())

    async def _renew_forever(self) -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            await self.renew()

    async def _heed_load_forever(self) -> None:
        while True:
            await asyncio.sleep(load_shedding.TURN_S)
            self.heed_load()

    def heed_load(self) -> None:
        """One turn of the decoders' ladders."""
        before = self.places.ladders.level
        self.places.turn_ladders()
        level = self.places.ladders.level
        self.journals.hurry(level < load_shedding.JOURNALS)
        if level != before:
            logger.warning("overload level %d, it was %d", level, before)

    async def renew(self) -> None:
        """Keeps the leases; a session that somebody else owns ends. Without a store, sessions go on."""
        leases = [session.lease for session in self.sessions.values()]
        try:
            lost = await self._store.renew(leases, now_ms=now_ms())
        except StoreLost as error:
            logger.warning("%d leases were not renewed: %s", len(leases), error)
            return
        for lease in lost:
            if lease.session_id in self.sessions:
                self.sessions[lease.session_id].fail(StaleFence("another gateway owns this session now"))

    async def _wait_until_empty(self, deadline: float) -> None:
        while self.sessions and time.monotonic() < deadline:
            await self.left.wait(deadline)

    def _trace(self, session_id: int, terms: SessionTerms, decoder: str, parent: str | None) -> SessionTrace:
        attributes = {
            names.ATTR_SESSION: f"{session_id:016x}",
            names.ATTR_HOME: terms.home,
            names.ATTR_TOOLSET: terms.toolset,
            names.ATTR_CLOCK: enum_name(Clock, terms.clock),
            names.ATTR_DECODER: decoder,
        }
        return SessionTrace(self._telemetry, attributes, parent=parent)

    def _spawn(self, work: Coroutine[Any, Any, None], *, name: str = "") -> None:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
