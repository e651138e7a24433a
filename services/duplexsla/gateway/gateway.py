"""The gateway: its parts put together, how a call is admitted, and all of them drained."""

import asyncio
import random
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Protocol

import httpx

from duplexsla.clock import unix_ms
from duplexsla.errors import Overloaded, Retriable, UnknownHome
from duplexsla.gateway.actions.bus import ActionBus
from duplexsla.gateway.call.call import Attachment, Call, CallContext, Timeouts
from duplexsla.gateway.call.journal_writer import JournalWriter
from duplexsla.gateway.call.registry import CallRegistry
from duplexsla.gateway.call.resume import resume
from duplexsla.gateway.call.rights import CallerRights, claimed
from duplexsla.gateway.call.rooms import Rooms
from duplexsla.gateway.call.state import CallState
from duplexsla.gateway.decoders import load_shedding
from duplexsla.gateway.decoders.client import DecoderTls
from duplexsla.gateway.decoders.pool import DecoderPool
from duplexsla.gateway.metrics import GatewayMetrics
from duplexsla.history import NO_HISTORY, HistoryLog, events
from duplexsla.protocol.topics import home_name
from duplexsla.runtime.tasks import Supervisor
from duplexsla.security.access import AccessControl
from duplexsla.session.dialogue import Dialogue
from duplexsla.session.journal import JOURNAL_CHUNKS
from duplexsla.session.messages import Inbound, SessionTerms, agree
from duplexsla.session.store.archive import RESUME_MS, Archive
from duplexsla.session.store.leases import DecoderAddress, Store
from duplexsla.session.store.memory import MemoryArchive
from duplexsla.session.store.room_hints import MemoryRoomHints, RoomHints
from duplexsla.session.token import new_token
from duplexsla.telemetry import TRACEPARENT, Telemetry
from duplexsla.v1.session_pb2 import (
    ATTENTION_MODE_ALWAYS,
    NOTICE_KIND_DRAINING,
    AttentionMode,
    ConverseResponse,
    Notice,
    Open,
)

REMEMBERED_HOMES = 4_096
REMEMBER_S = 60.0
TIMEOUT_S = 2.0

DRAIN_RETRY_MS = 500
DEPART_EVERY_S = 0.02  # between two calls that are sent away, so that the next gateway is not flooded
FINAL_MESSAGES_S = 2.0  # for the last messages of calls that were cut
NOT_SENT_AWAY = frozenset({CallState.LEAVING, CallState.CLOSING, CallState.RESUMABLE, CallState.ENDED})


class HomeDirectory(Protocol):
    """HTTP, or any home at all."""

    async def check(self, home: str) -> None:
        """UnknownHome when there is none of that name (`home_name`); Retriable when nobody can tell now."""

    async def close(self) -> None: ...


class AnyHome:
    """Every well-formed name is a home."""

    async def check(self, home: str) -> None:
        pass

    async def close(self) -> None:
        pass


class HttpHomes:
    """GET {url}/homes/{id}: 200 or 404. Known homes are remembered, at most REMEMBERED_HOMES for
    REMEMBER_S.
    """

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http = httpx.AsyncClient(
            base_url=url, headers=headers, timeout=TIMEOUT_S, transport=transport, trust_env=False
        )
        self._clock = clock
        self._known: OrderedDict[str, float] = OrderedDict()  # home -> until

    async def check(self, home: str) -> None:
        if self._known.get(home, 0.0) > self._clock():
            return
        try:
            response = await self._http.get(f"/homes/{home}")
        except httpx.HTTPError as error:
            raise Retriable(f"the home directory does not answer: {error}") from error
        if response.status_code == httpx.codes.NOT_FOUND:
            self._known.pop(home, None)
            raise UnknownHome(f"there is no home {home!r}")
        if response.is_error:
            raise Retriable(f"the home directory answers {response.status_code}")
        self._remember(home)

    async def close(self) -> None:
        await self._http.aclose()

    def _remember(self, home: str) -> None:
        self._known[home] = self._clock() + REMEMBER_S
        self._known.move_to_end(home)
        if len(self._known) > REMEMBERED_HOMES:
            self._known.popitem(last=False)


class Gateway:
    """Calls, and what they share: decoders, store, archive, bus, homes, telemetry, background tasks."""

    def __init__(
        self,
        name: str,
        decoders: Sequence[DecoderAddress],
        *,
        store: Store,
        bus: ActionBus,
        homes: HomeDirectory,
        telemetry: Telemetry,
        tasks: Supervisor | None = None,
        timeouts: Timeouts | None = None,
        archive: Archive | None = None,
        journal_chunks: int = JOURNAL_CHUNKS,
        resume_ms: int = RESUME_MS,
        others: Sequence[str] = (),
        history: HistoryLog = NO_HISTORY,
        shed: int = load_shedding.NOTHING,
        attention: AttentionMode = ATTENTION_MODE_ALWAYS,
        code_key: bytes = b"",
        room_hints: RoomHints | None = None,
        access: AccessControl | None = None,
        decoder_tls: DecoderTls | None = None,
    ) -> None:
        """`others` are host:port of gateways where a client may resume a call of this one; `shed` is the
        highest level of a LoadShedder; `attention` is that of clients which leave it open; `code_key` proves
        the codes of clients to executors; without `access` everybody may do everything.
        """
        self.access = access or AccessControl()
        self.name, self.history, self.tasks = name, history, tasks or Supervisor()
        self._store, self._bus, self._homes = store, bus, homes
        self.archive = archive or MemoryArchive()
        self.counts = GatewayMetrics()
        self.pool = DecoderPool(name, decoders, store, self.tasks, shed=shed, tls=decoder_tls)
        self.journals = JournalWriter(self.archive, self.counts, resume_ms=resume_ms)
        context = CallContext(
            pool=self.pool,
            bus=bus,
            counts=self.counts,
            telemetry=telemetry,
            timeouts=timeouts or Timeouts(),
            history=history,
            save_soon=self.journals.save_soon,
            code_key=code_key,
        )
        self._rooms = Rooms(room_hints or MemoryRoomHints(), bus, self.counts, now_ms=unix_ms)
        self.calls = CallRegistry(
            context,
            store,
            self.archive,
            self.journals,
            self.tasks,
            self._rooms,
            self.access.quotas,
            journal_chunks=journal_chunks,
            resume_ms=resume_ms,
            others=others,
        )
        self._rng, self._attention = random.SystemRandom(), attention
        self.draining = False

    @property
    def publishing(self) -> int:
        """Actions that wait for the broker."""
        return self._bus.waiting

    @property
    def unreadable_outcomes(self) -> int:
        return self._bus.unreadable

    async def start(self) -> None:
        await self._bus.start(self.calls.on_outcome, self.tasks)
        self.calls.start()
        self.tasks.run("load shedding", lambda: self.pool.watch_load(self.journals.on_load))

    async def open(
        self, opening: Open, metadata: Mapping[str, str], inbound: Inbound, caller: CallerRights | None = None
    ) -> tuple[Call, Attachment]:
        """A call with a slot, new or resumed; BadInput, SlotsExhausted or another Retriable says why there is
        none. Without a `caller` it is anybody's. Cancelling is safe: a slot that was taken meanwhile is given
        back.
        """
        if self.draining:
            raise Retriable("this server is going away: connect again")
        caller = caller or CallerRights()
        if opening.resume_token:
            return await resume(self.calls, opening, inbound, caller)
        return await self._admit(opening, metadata, inbound, caller)

    async def _admit(
        self, opening: Open, metadata: Mapping[str, str], inbound: Inbound, caller: CallerRights
    ) -> tuple[Call, Attachment]:
        terms = claimed(agree(opening, metadata, self._attention), metadata, caller.principal)
        session_id = self._rng.getrandbits(63) or 1
        try:
            self.pool.admitting()  # before anybody is asked about its home
            async with self._share(session_id, terms, caller) as rights:
                await self._homes.check(home_name(terms.tenant, terms.home))
                async with self.calls.lease(session_id, new=True) as lease:
                    token = new_token(session_id) if opening.resumable else None
                    dialogue = Dialogue(session_id, terms, lease.fence)
                    call = self.calls.create(dialogue, lease, token, rights, parent=metadata.get(TRACEPARENT))
        except Overloaded:
            self.counts.shed["sessions"] += 1
            raise
        call.post(self.calls.greeting(call))
        client = call.attach(inbound)
        self.calls.begin(call)
        self.journals.save_soon(call)
        self.counts.opened += 1
        opened = events.session_opened(
            session_id,
            home=terms.home,
            fence=lease.fence,
            placement=lease.placement,
            decoder=lease.decoder,
        )
        self.history.write(opened)
        return call, client

    @asynccontextmanager
    async def _share(
        self, session_id: int, terms: SessionTerms, caller: CallerRights
    ) -> AsyncIterator[CallerRights]:
        """The rights of a new session with its share of the quotas, given back when the block fails."""
        held = await self.access.admit(
            f"{session_id:016x}", peer=caller.peer, home=terms.home, tenant=terms.tenant
        )
        try:
            yield replace(caller, opened_at_ms=unix_ms(), held=held)
        except BaseException:
            self.tasks.start("quota release", held.release())
            raise

    async def drain(self, deadline_s: float) -> int:
        """Admits nobody; sends those who may resume elsewhere, tells the others and waits for them.

        Returns the number of calls that had to be cut. Cancelling this leaves the gateway draining.
        """
        self.draining = True
        deadline = time.monotonic() + deadline_s
        detail = f"this server is going away: finish within {deadline_s:g} s or connect again"
        notice = Notice(kind=NOTICE_KIND_DRAINING, detail=detail, retry_after_ms=DRAIN_RETRY_MS)
        for call in self.calls:
            if call.token is None or not self.archive.shared:
                call.post(ConverseResponse(notice=notice))
        sending = self.tasks.start("send away", self._send_away())
        await self.calls.emptied(deadline)
        sending.cancel()
        cut = len(self.calls)
        for call in self.calls:
            call.fail(Retriable("this server went away: connect again"))
        await self.calls.emptied(time.monotonic() + FINAL_MESSAGES_S)
        return cut

    async def _send_away(self) -> None:
        """Those who may resume, once the archive has them; it is asked again when it does not answer."""
        while self.archive.shared:
            for call in self.calls:
                if call.token is None or call.state in NOT_SENT_AWAY or not await self.journals.save([call]):
                    continue
                call.leave()
                await asyncio.sleep(DEPART_EVERY_S)
            await asyncio.sleep(DRAIN_RETRY_MS / 1e3)

    async def close(self) -> None:
        """Ends the gateway's own tasks, after the last slot was given back. Stop the server first.

        Cancelling this leaves slots to expire, and connections to the end of the process.
        """
        await self.calls.emptied(time.monotonic() + FINAL_MESSAGES_S)
        for call in self.calls:
            self.calls.remove(call)
        await self._bus.close()
        await self.tasks.finish(FINAL_MESSAGES_S)
        await self.tasks.close()
        await self._homes.close()
        await self.pool.close()
        await self._store.close()
        await self.archive.close()
        await self._rooms.close()
