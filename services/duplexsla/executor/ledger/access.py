"""The ledger as dispatch asks it, with a stated answer while it is away.

    at most once    waits for the ledger until it expires, and is then refused: nobody could tell a second
                    copy of it from the first, and what is refused must be refused for good
    idempotent      done without it, if it was asked for after the ledger was found to be away: no owner can
                    have changed since; else it waits, too

Outcomes that could not be written down are written when the ledger is back. Until then a successor may do an
idempotent action again, which its devices do not mind; and if a process dies in the middle of one that it did
without the ledger, and its time runs out, the successor says "expired" of what may have happened.
"""

from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from typing import Literal, TypeVar

from duplexsla.errors import StoreLost
from duplexsla.executor.breaker import Breakers, Target
from duplexsla.executor.ledger.ledger import Claim, Claimed, Fenced, Ledger, Superseded
from duplexsla.v1 import action_pb2 as pb

T = TypeVar("T")
Answer = TypeVar("Answer", Claim, Claim | Superseded)

AGAIN_S = 0.05
BLIP_MS = 500  # a ledger that does not answer for so long is away
SETTLE_MS = 2_000  # how long an outcome waits for a ledger that is not known to be away
PROBE_MS = 500  # a ledger that is away is asked so often, by one action
CLOCKS_MS = 1_000  # how far a gateway's clock may be ahead of ours
MAX_FENCES = 4_096  # sessions whose newest fence is remembered
MAX_UNWRITTEN = 1_024  # outcomes; the oldest goes

WITHOUT = 0  # turn of what is done without the ledger
LEDGER = Target("", "ledger")
Away = Literal["away"]
AWAY: Away = "away"


class LedgerAccess:
    """Never raises StoreLost."""

    def __init__(
        self, ledger: Ledger, *, now_ms: Callable[[], int], sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        """`now_ms` is Unix time; `sleep` takes seconds."""
        self._ledger, self._now_ms, self._sleep = ledger, now_ms, sleep
        self._breaker = Breakers(failures=1, open_ms=PROBE_MS)
        self._fences: OrderedDict[int, int] = OrderedDict()
        self._unwritten: deque[tuple[pb.ActionEvent, pb.ActionOutcome]] = deque(maxlen=MAX_UNWRITTEN)
        self._lost_ms: int | None = None  # when it was first missed

    @property
    def away(self) -> bool:
        return self._breaker.open > 0

    @property
    def unwritten(self) -> int:
        return len(self._unwritten)

    async def claim(self, event: pb.ActionEvent, *, fresh: bool) -> Claim | Away:
        """What is known of the action. AWAY: nothing, and its time is over.

        `fresh`: nobody else can have had it, which counts when it is done without the ledger.
        """
        self._remember(event.session_id, event.fence)
        return await self._patiently(event, lambda: self._ledger.claim(event), fresh)

    async def hold(self, event: pb.ActionEvent, turn: int) -> Claim | Superseded | Away:
        """Whether the claim of this turn still stands."""
        if turn == WITHOUT:
            return self._without(event, fresh=False)
        return await self._patiently(event, lambda: self._ledger.hold(event, turn), False)

    async def settle(
        self, event: pb.ActionEvent, outcome: pb.ActionOutcome, turn: int
    ) -> pb.ActionOutcome | Superseded:
        """Writes the outcome down, if that can be, and returns the one that stands."""
        standing: pb.ActionOutcome | Superseded | None = await self._ask(
            lambda: self._ledger.settle(event, outcome, turn), SETTLE_MS
        )
        if standing is None:
            self._unwritten.append((event, outcome))
        return outcome if standing is None else standing

    async def _patiently(
        self, event: pb.ActionEvent, question: Callable[[], Awaitable[Answer]], fresh: bool
    ) -> Answer | Claim | Away:
        while True:
            found: Answer | None = await self._ask(question, BLIP_MS)
            if found is not None:
                if isinstance(found, Fenced):
                    self._remember(event.session_id, found.newest)
                await self._catch_up()
                return found
            if self._may_go_without(event):
                return self._without(event, fresh)
            if self._now_ms() >= event.expires_at_ms:
                return AWAY
            await self._sleep(AGAIN_S)

    async def _catch_up(self) -> None:
        """Writes outcomes that came while the ledger was away, of what could be done again."""
        while self._unwritten:
            event, outcome = self._unwritten.popleft()
            if event.expires_at_ms > self._now_ms():
                await self.settle(event, outcome, WITHOUT)
            if self.away:
                return

    def _may_go_without(self, event: pb.ActionEvent) -> bool:
        since_ms = self._lost_ms
        later = since_ms is not None and event.emitted_at_ms > since_ms + CLOCKS_MS
        return later and event.delivery == pb.DELIVERY_IDEMPOTENT

    def _without(self, event: pb.ActionEvent, fresh: bool) -> Claim:
        """For the newest owner that we have heard of."""
        newest = self._fences[event.session_id]
        if newest > event.fence:
            return Fenced(newest, resumed=not fresh)
        return Claimed(resumed=not fresh, turn=WITHOUT)

    async def _ask(self, question: Callable[[], Awaitable[T]], patience_ms: int) -> T | None:
        """The answer; None when there is none in time, and at once while the ledger is known to be away."""
        deadline_ms = self._now_ms() + (0 if self.away else patience_ms)
        while self._breaker.allows(LEDGER, self._now_ms()):
            asked_ms = self._now_ms()
            try:
                answer = await question()
            except StoreLost:
                self._lost_ms = asked_ms if self._lost_ms is None else self._lost_ms
                if self._now_ms() >= deadline_ms:
                    self._breaker.failed(LEDGER, self._now_ms())
                    return None
                await self._sleep(AGAIN_S)
            else:
                self._lost_ms = None
                self._breaker.answered(LEDGER)
                return answer
        return None

    def _remember(self, session_id: int, fence: int) -> None:
        self._fences[session_id] = max(fence, self._fences.get(session_id, 0))
        self._fences.move_to_end(session_id)
        if len(self._fences) > MAX_FENCES:
            self._fences.popitem(last=False)
