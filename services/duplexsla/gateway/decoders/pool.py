"""The decoders where calls can be: which to leave alone for a while, how one takes a call."""

import asyncio
import logging
import random
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress

from duplexsla.clock import unix_ms
from duplexsla.errors import Overloaded, SlotsExhausted, StoreLost
from duplexsla.gateway.decoders import load_shedding
from duplexsla.gateway.decoders.client import DecoderClients, DecoderStream, DecoderTls
from duplexsla.gateway.decoders.load_shedding import LoadShedder, LoadShedders
from duplexsla.runtime.tasks import Supervisor
from duplexsla.session.store.leases import DecoderAddress, Lease, Store, exhausted

logger = logging.getLogger(__name__)

LOST_S = 10.0  # how long a decoder that failed is left alone
FULL_S = 1.0  # one that had no slot although it should
DRAINING_S = 5.0  # one that drains; it says so with every step
STORE_S = 0.25  # how long a move waits for the store
EXHAUSTED_S = 0.2  # how long new sessions are refused unasked once the store had no slot for one
PREFILLS_AT_ONCE = 2  # pasts that one decoder computes at a time: its other sessions wait meanwhile
MOVE_WAIT_S = 2.0  # how long one that is moved on purpose lets those of other gateways go first
MOVE_AGAIN_S = 0.02
STORE_AWAY_S = 1.5  # how long a session that comes waits for a store that fails over
STORE_AGAIN_S = 0.1


class DecoderLink:
    """The call at one decoder: `pace` sends, `decode` receives. Times are seconds of time.monotonic."""

    def __init__(
        self, stream: DecoderStream, shedder: LoadShedder, *, lost_at: float | None, answered: bool
    ) -> None:
        """`lost_at`: when the last decoder that had answered was lost."""
        self.stream, self.shedder = stream, shedder
        self.lost_at, self.answered = lost_at, answered
        self.waiting_since: float | None = None  # for an answer
        self.permit: asyncio.Semaphore | None = None  # held while it computes the past

    def unanswered_s(self, now: float) -> float:
        """For how long the decoder has owed an answer."""
        return 0.0 if self.waiting_since is None else now - self.waiting_since

    def release_permit(self) -> None:
        if self.permit is not None:
            self.permit.release()
            self.permit = None


class DecoderPool:
    """Takes and moves leases. `decoders` may be replaced at any time. Seconds are those of `clock`."""

    def __init__(
        self,
        owner: str,
        decoders: Sequence[DecoderAddress],
        store: Store,
        tasks: Supervisor,
        *,
        clock: Callable[[], float] = time.monotonic,
        shed: int = load_shedding.NOTHING,
        tls: DecoderTls | None = None,
    ) -> None:
        """`tasks` give slots back in the background; `shed` is the highest level of a LoadShedder."""
        self.decoders = decoders
        self._owner, self._store, self._tasks, self._clock = owner, store, tasks, clock
        self._clients = DecoderClients(tls=tls)
        self._avoided: dict[str, float] = {}  # address -> until
        self._permits: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(PREFILLS_AT_ONCE))
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._probes: dict[str, asyncio.Task[bool]] = {}
        self._random = random.Random()
        self._exhausted_until = 0.0
        self.shedders = LoadShedders(shed)

    def admitting(self) -> Sequence[DecoderAddress]:
        """Decoders that take new sessions. Overloaded where all run late; SlotsExhausted while no slot is
        known to be free: a crowd that calls again and again costs nobody a question.
        """
        wanted = self._trusted()
        open_to_new = [each for each in wanted if self.shedders.of(each.address).admits]
        if wanted and not open_to_new:
            raise Overloaded("steps run late: try again later", retry_after_ms=load_shedding.RETRY_AFTER_MS)
        if self._clock() < self._exhausted_until:
            raise exhausted(open_to_new)
        return open_to_new

    async def take(self, session_id: int, *, new: bool = False) -> Lease:
        """A session's lease; SlotsExhausted, StoreLost after STORE_AWAY_S, or what `admitting` raises.

        Cancelling this may leave a lease that nobody has: see CallRegistry.lease, which gives it back.
        """
        wanted = self.admitting() if new else self._trusted()
        deadline = self._clock() + STORE_AWAY_S
        while True:
            try:
                return await self._store.take(session_id, self._owner, wanted, now_ms=unix_ms())
            except SlotsExhausted:
                self._exhausted_until = self._clock() + EXHAUSTED_S
                raise
            except StoreLost:
                if self._clock() >= deadline:
                    raise
            await asyncio.sleep(STORE_AGAIN_S)

    def slot_released(self) -> None:
        """The store has a slot again."""
        self._exhausted_until = 0.0

    async def move(self, lease: Lease, *, away_from: str) -> Lease:
        """The session on another decoder than this one, or on this one when there is no other.

        Without an answer of the store a decoder is tried at random: it knows its slots itself. Raises
        SlotsExhausted, or StaleFence when somebody else owns the session.

        Cancelling this is safe: `lease` stays good, and a slot that the store gave meanwhile goes with it.
        """
        others = [each for each in self._trusted() if each.address != away_from]
        others = others or [each for each in self.decoders if each.address != away_from]
        wanted = others or self.decoders
        if not wanted:
            raise exhausted(wanted)
        try:
            async with asyncio.timeout(STORE_S):
                return await self._store.move(lease, wanted, now_ms=unix_ms())
        except (StoreLost, TimeoutError):
            chosen = self._random.choice(wanted).address
            return lease._replace(decoder=chosen, placement=lease.placement + 1)

    def stream(self, lease: Lease, toolset: str, past: bytes = b"") -> DecoderStream:
        return self._clients.stream(lease, toolset, past)

    def prefill_permit(self, address: str) -> asyncio.Semaphore:
        """To be held while a decoder computes a session's past."""
        return self._permits[address]

    @asynccontextmanager
    async def prefill_lock(self, lease: Lease) -> AsyncIterator[None]:
        """For a session that is moved on purpose and in no hurry: of all gateways' it is the only one, if it
        can be, whose past this decoder computes in the block. 0.1 s, in which the decoder answers nobody.

        Cancelling is safe: what the store is not told runs out there.
        """
        who = f"{lease.session_id:016x}"
        async with self._locks[lease.decoder]:
            deadline = self._clock() + MOVE_WAIT_S
            with suppress(StoreLost):
                while not await self._store.acquire_prefill(lease.decoder, who, now_ms=unix_ms()):
                    if self._clock() >= deadline:
                        break
                    await asyncio.sleep(MOVE_AGAIN_S)
            try:
                yield
            finally:
                with suppress(StoreLost):
                    await self._store.release_prefill(lease.decoder, who)

    def avoid(self, address: str, for_s: float) -> None:
        self._avoided[address] = max(self._avoided.get(address, 0.0), self._clock() + for_s)

    async def alive(self, address: str, timeout_s: float) -> bool:
        """Whether a decoder's server answers; those who ask at once share one question.

        Cancelling is safe: the others still get their answer.
        """
        if address not in self._probes:
            probe = self._tasks.start("decoder liveness", self._clients.alive(address, timeout_s))
            self._probes[address] = probe
            probe.add_done_callback(lambda _: self._probes.pop(address))
        return await asyncio.shield(self._probes[address])

    def release(self, stream: DecoderStream) -> None:
        """Gives a stream's slot back in the background."""
        self._tasks.start("decoder release", stream.close())

    async def close(self) -> None:
        """After the last slot was given back, or could not be."""
        await self._clients.close()

    def has_other(self, address: str) -> bool:
        """Whether there is another decoder that might take a session."""
        return any(each.address != address for each in self._trusted())

    @property
    def all_avoided(self) -> bool:
        """Whether every decoder has a mark against it."""
        now = self._clock()
        return all(self._avoided.get(each.address, 0.0) > now for each in self.decoders)

    async def watch_load(self, on_level: Callable[[int], None]) -> None:
        """For ever: what is shed follows the lateness of steps. `on_level` gets the highest level of all
        decoders. Cancelling is safe.
        """
        while True:
            await asyncio.sleep(load_shedding.UPDATE_S)
            before = self.shedders.level
            self.shedders.update({each.address for each in self.decoders})
            level = self.shedders.level
            on_level(level)
            if level != before:
                logger.warning("overload_level level=%d before=%d", level, before)

    def states(self) -> dict[str, float]:
        """How many decoders are used, and how many are left alone for now."""
        avoided = sum(self._avoided.get(each.address, 0.0) > self._clock() for each in self.decoders)
        return {"used": len(self.decoders) - avoided, "avoided": avoided}

    def _trusted(self) -> Sequence[DecoderAddress]:
        """Those without a mark against them; all of them when none is left."""
        now = self._clock()
        trusted = [each for each in self.decoders if self._avoided.get(each.address, 0.0) <= now]
        return trusted or self.decoders
