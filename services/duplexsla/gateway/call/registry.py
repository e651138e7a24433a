"""The calls of a gateway: who is there, what they own in the store, and how one comes and goes.

A call is added and removed by itself, never by its session's id alone: a removal that comes late cannot hit
another call of the same session. Whoever makes a call of a session that was one before holds `exclusive`, so
that two streams with one token make one call.
"""

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager

from duplexsla.clock import unix_ms
from duplexsla.enum_names import enum_name
from duplexsla.errors import Retriable, StaleFence, StoreLost
from duplexsla.gateway.call.call import Attachment, Call, CallContext
from duplexsla.gateway.call.journal_writer import JournalWriter
from duplexsla.gateway.call.rights import CallerRights
from duplexsla.gateway.call.rooms import Rooms
from duplexsla.gateway.call.run import run
from duplexsla.gateway.call.state import CallEvent, CallState
from duplexsla.runtime.tasks import Condition, Supervisor
from duplexsla.security.quotas import Quotas
from duplexsla.session.dialogue import Dialogue
from duplexsla.session.journal import JOURNAL_CHUNKS, Journal
from duplexsla.session.store.archive import Archive
from duplexsla.session.store.leases import RENEW_S, Lease, Store
from duplexsla.session.token import ResumeToken
from duplexsla.telemetry import SessionTrace, names
from duplexsla.v1.action_pb2 import ActionOutcome, OutcomeState
from duplexsla.v1.session_pb2 import Clock, ConverseResponse, Reconnect

logger = logging.getLogger(__name__)

WATCH_S = 0.08
KNOWN_STATES = frozenset(OutcomeState.values())


class CallRegistry:
    """Makes, holds, watches and lets go of calls. All of it is used on the event loop's thread."""

    def __init__(
        self,
        context: CallContext,
        store: Store,
        archive: Archive,
        journals: JournalWriter,
        tasks: Supervisor,
        rooms: Rooms,
        quotas: Quotas,
        *,
        journal_chunks: int = JOURNAL_CHUNKS,
        resume_ms: int,
        others: Sequence[str] = (),
    ) -> None:
        """`others` are host:port of gateways where a client may resume a call of this one."""
        self.context, self.pool, self.counts = context, context.pool, context.counts
        self.store, self.archive, self.journals, self._tasks = store, archive, journals, tasks
        self._journal_chunks, self._resume_ms, self.others = journal_chunks, resume_ms, others
        self._rooms, self.quotas = rooms, quotas
        self._calls: dict[int, Call] = {}
        self._exclusive: set[int] = set()  # sessions of which somebody makes a call now
        self._releasing: set[int] = set()  # sessions whose archive does not have all of them yet
        self._probed: set[str] = set()  # decoders that are being asked whether they live
        self._rng = random.SystemRandom()
        self.changed = Condition()  # any of the above

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[Call]:
        """As they are now, whatever comes and goes meanwhile."""
        return iter(list(self._calls.values()))

    def get(self, session_id: int) -> Call | None:
        return self._calls.get(session_id)

    def __contains__(self, call: Call) -> bool:
        return self._calls.get(call.session_id) is call

    def start(self) -> None:
        """What runs in the background for all calls."""
        self._tasks.run("watch", self._watch_forever)
        self._tasks.run("lease renewal", self._renew_forever)
        self._tasks.run("journals", lambda: self.journals.run(self))

    # How a call comes.

    @asynccontextmanager
    async def exclusive(self, session_id: int) -> AsyncIterator[None]:
        """One at a time makes a call of this session. Cancelling is safe."""
        await self.changed.wait_for(lambda: session_id not in self._exclusive)
        self._exclusive.add(session_id)
        try:
            yield
        finally:
            self._exclusive.discard(session_id)
            self.changed.notify()

    async def archived(self, session_id: int) -> None:
        """Returns once the archive has all of a call that was removed. Cancelling is safe."""
        await self.changed.wait_for(lambda: session_id not in self._releasing)

    @asynccontextmanager
    async def lease(self, session_id: int, *, new: bool = False) -> AsyncIterator[Lease]:
        """A session's lease for a call that the block makes; it is given back when the block fails.

        Raises what `DecoderPool.take` does. Cancelling is safe, before and in the block: a lease that the
        store gives all the same is given back in the background.
        """
        taking = asyncio.ensure_future(self.pool.take(session_id, new=new))
        try:
            lease = await asyncio.shield(taking)
        except asyncio.CancelledError:
            self._tasks.start("lease release", self._release_when_taken(taking))
            raise
        try:
            yield lease
        except BaseException:
            self._tasks.start("lease release", self.release_lease(lease))
            raise

    async def _release_when_taken(self, taking: asyncio.Future[Lease]) -> None:
        try:
            lease = await taking
        except Retriable:
            return  # none was given
        await self.release_lease(lease)

    def create(
        self,
        dialogue: Dialogue,
        lease: Lease,
        token: ResumeToken | None,
        rights: CallerRights,
        *,
        parent: str | None = None,
    ) -> Call:
        """A call that does not run yet. `parent`: traceparent of the client's own trace."""
        call = Call(
            dialogue,
            lease,
            self._trace(dialogue, lease, parent),
            Journal(self._journal_chunks),
            self.context,
            rights,
            token=token,
        )
        assert call.session_id not in self._calls
        self._calls[call.session_id] = call
        self.counts.live = len(self._calls)
        return call

    def begin(self, call: Call) -> None:
        call.runner = self._tasks.start("call", run(call, self._depart))
        self._tasks.start("room entry", self._rooms.enter(call))

    def greeting(self, call: Call, *, first_chunk: int | None = None) -> ConverseResponse:
        """What its client is told first, now or when it resumes."""
        token = call.token
        return call.dialogue.opened(
            next_chunk=call.next_chunk,
            first_chunk=first_chunk,
            token=token.to_bytes() if token else b"",
            resume_ms=self._resume_ms if token else 0,
            gateways=self.others if token and self.archive.shared else (),
        )

    async def _depart(self, call: Call) -> bool:
        """The archive has all of a call that leaves, and its client is told where to go. Cancelling is safe:
        the call has not left.
        """
        if not await self.journals.save([call]):
            return False
        addresses = self._rng.sample(self.others, len(self.others))
        call.post(ConverseResponse(reconnect=Reconnect(addresses=addresses)))
        return True

    # How it goes.

    def detach(self, call: Call, client: Attachment) -> None:
        """A client's stream is over. A call that it may resume waits a while, with its slot."""
        if call.attachment is not client:
            return
        call.detach()
        all_sent = call.over and not len(call.outbox)
        if call.token is None or client.hung_up or all_sent:
            self.remove(call)
            return
        self.journals.save_soon(call)
        self.counts.parked += 1

    def remove(self, call: Call) -> None:
        """Ends a call and gives what it owns back in the background; nothing happens a second time."""
        if call not in self:
            return
        del self._calls[call.session_id]
        self.counts.live = len(self._calls)
        call.stop(CallEvent.DISMISSED)
        self._releasing.add(call.session_id)
        self._tasks.start("call release", self._release(call))
        self.changed.notify()

    async def _release(self, call: Call) -> None:
        """Cancelling this leaves what is not given back yet to expire."""
        closing = self._tasks.start("decoder release", self._close(call))
        try:
            if call.token is not None:
                await self._archive(call)
        finally:
            self._releasing.discard(call.session_id)
            self.changed.notify()
        await self._rooms.leave(call)
        await call.rights.held.release()
        await asyncio.wait({closing})
        call.trace.close()
        await self.release_lease(call.lease)

    async def _close(self, call: Call) -> None:
        if call.runner is not None:
            await asyncio.wait({call.runner})
        await call.link.stream.close()

    async def _archive(self, call: Call) -> None:
        """What is over is forgotten; what may be resumed is kept."""
        if call.state is not CallState.ENDED:
            await self.journals.save([call])
            return
        try:
            await self.archive.drop(call.session_id, call.lease.fence)
        except StoreLost as error:
            logger.warning("journal_left_to_expire session=%016x error=%s", call.session_id, error)

    async def release_lease(self, lease: Lease) -> None:
        """Gives a slot back. Cancelling this may leave it to expire."""
        try:
            await self.store.release(lease)
        except StoreLost as error:
            logger.warning("lease_left_to_expire session=%016x error=%s", lease.session_id, error)
        self.pool.slot_released()

    async def emptied(self, until: float) -> None:
        """Returns once there are no calls, or at `until` (seconds of time.monotonic). Cancelling is safe."""
        await self.changed.wait_for(lambda: not self._calls, until)

    # While it is there.

    def on_outcome(self, outcome: ActionOutcome) -> None:
        """Every outcome comes by here; those of other gateways' calls are counted and left alone.

        What happened in a room is none: it reaches the calls there.
        """
        if outcome.HasField("room_event"):
            self._tasks.start("room event", self._rooms.deliver(outcome.room_event, self))
            return
        self.counts.outcomes_newer += outcome.state not in KNOWN_STATES
        call = self._calls.get(outcome.session_id)
        if call is None:
            self.counts.outcomes_unclaimed += 1
        else:
            call.on_outcome(outcome)

    def check(self, now: float, now_ms: int) -> None:
        """Ends what takes too long. Seconds of time.monotonic, and Unix ms."""
        for call in self:
            try:
                self._check(call, now, now_ms)
            except Exception as error:  # outermost frame of one call's watch: this call alone ends
                logger.exception("watch_failed_internally session=%016x", call.session_id)
                call.fail(error)

    def _check(self, call: Call, now: float, now_ms: int) -> None:
        call.check(now, now_ms)
        if call.link.unanswered_s(now) > call.timeouts.step_s:
            self._probe(call.link.stream.address, call.timeouts.probe_s)
        late = now - call.detached_at > call.timeouts.park_s
        if call.attachment is None and (late or call.state is CallState.RESUMABLE):
            self.remove(call)

    def _probe(self, address: str, timeout_s: float) -> None:
        if address not in self._probed:
            self._probed.add(address)
            self._tasks.start("decoder probe", self._lose_if_dead(address, timeout_s))

    async def _lose_if_dead(self, address: str, timeout_s: float) -> None:
        """Takes calls away from a decoder whose server does not answer either. Cancelling is safe."""
        try:
            alive = await self.pool.alive(address, timeout_s)
        finally:
            self._probed.discard(address)
        now = time.monotonic()
        for call in self if not alive else ():
            if call.link.stream.address == address and call.link.unanswered_s(now) > call.timeouts.step_s:
                call.lose_decoder("does not answer")

    async def renew(self) -> None:
        """Keeps the leases; a call that somebody else owns ends. Without a store, calls go on.

        A lease that moved meanwhile is renewed again: the store may have been given its old decoder last.
        Cancelling is safe.
        """
        asked = {call: call.lease for call in self}
        try:
            lost = await self.store.renew(list(asked.values()), now_ms=unix_ms())
            moved = [call.lease for call, lease in asked.items() if call in self and call.lease != lease]
            lost += await self.store.renew(moved, now_ms=unix_ms()) if moved else []
        except StoreLost as error:
            logger.warning("leases_unrenewed count=%d error=%s", len(asked), error)
            return
        for lease in lost:
            call = self.get(lease.session_id)
            if call is not None and call.lease.fence == lease.fence:
                call.fail(StaleFence("another gateway owns this session now"))

    async def _watch_forever(self) -> None:
        while True:
            await asyncio.sleep(WATCH_S)
            self.check(time.monotonic(), unix_ms())

    async def _renew_forever(self) -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            await self.renew()
            await self._rooms.renew(self)
            await self.quotas.renew([call.rights.held for call in self])

    def _trace(self, dialogue: Dialogue, lease: Lease, parent: str | None) -> SessionTrace:
        terms = dialogue.terms
        attributes = {
            names.ATTR_SESSION: f"{dialogue.session_id:016x}",
            names.ATTR_HOME: terms.home,
            names.ATTR_TOOLSET: terms.toolset,
            names.ATTR_CLOCK: enum_name(Clock, terms.clock),
            names.ATTR_DECODER: lease.decoder,
        }
        return SessionTrace(self.context.telemetry, attributes, parent=parent)
