"""The ledger as dispatch asks it, with a stated answer while it is away.

    at most once    waits for the ledger until it expires, and is then refused: nobody could tell a second
                    copy of it from the first, and what is refused must be refused for good
    idempotent      done without it, if it was asked for after the ledger was found to be away: no owner can
                    have changed since; else it waits, too

Outcomes that could not be settled are settled when the ledger is back. Until then a successor may do an
idempotent action again, which its devices do not mind; and if a process dies in the middle of one that it did
without the ledger, and its time runs out, the successor says "expired" of what may have happened.
"""

from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from typing import Literal, TypeVar

from duplexsla.errors import StoreLost
from duplexsla.executor.breaker import Breakers, Target
from duplexsla.executor.ledger.ledger import Claim, Claimed, ClaimLost, Fenced, Ledger
from duplexsla.v1 import action_pb2 as pb
from duplexsla.v1.plan_pb2 import ActionPlan

T = TypeVar("T")
Answer = TypeVar("Answer", Claim, Claim | ClaimLost)

RETRY_S = 0.05
UNNOTICED_MS = 500  # a ledger that does not answer for so long is away
SETTLE_MS = 2_000  # how long an outcome waits for a ledger that is not known to be away
PROBE_MS = 500  # a ledger that is away is asked so often, by one action
MAX_CLOCK_SKEW_MS = 1_000  # how far a gateway's clock may be ahead of ours
MAX_FENCES = 4_096  # sessions whose newest fence is remembered
MAX_UNSETTLED = 1_024  # outcomes; the oldest goes

UNRECORDED = 0  # number of a claim that was made without the ledger
NEVER_CLAIMED = 0  # to settle with: no claim is older
LEDGER = Target("", "ledger")
Away = Literal["away"]
AWAY: Away = "away"


class LedgerAccess:
    """Never raises StoreLost. A call that is cancelled may have changed the ledger, as one to it may have."""

    def __init__(
        self, ledger: Ledger, *, now_ms: Callable[[], int], sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        """`now_ms` is Unix time; `sleep` takes seconds."""
        self._ledger, self._now_ms, self._sleep = ledger, now_ms, sleep
        self._breaker = Breakers(failures=1, open_ms=PROBE_MS)
        self._fences: OrderedDict[int, int] = OrderedDict()
        self._unsettled: deque[tuple[pb.ActionEvent, pb.ActionOutcome]] = deque(maxlen=MAX_UNSETTLED)
        self._lost_since_ms: int | None = None  # when it was first missed

    @property
    def away(self) -> bool:
        return self._breaker.open > 0

    @property
    def unwritten(self) -> int:
        return len(self._unsettled)

    async def claim(self, event: pb.ActionEvent, *, first_reader: bool) -> Claim | Away:
        """What is known of the action. AWAY: nothing, and its time is over.

        `first_reader`: nobody else can have had it, which counts when it is done without the ledger.
        """
        self._note_fence(event.session_id, event.fence)
        return await self._ask_until_expiry(event, lambda: self._ledger.claim(event), first_reader)

    async def hold(
        self, event: pb.ActionEvent, claim_number: int, plan: ActionPlan | None = None
    ) -> Claim | ClaimLost | Away:
        """Whether the claim of this number still stands; if so, a plan is written into it."""
        if claim_number == UNRECORDED:
            return self._claim_unrecorded(event, first_reader=False)
        return await self._ask_until_expiry(
            event, lambda: self._ledger.hold(event, claim_number, plan), False
        )

    async def outcome(self, event: pb.ActionEvent) -> pb.ActionOutcome | None | Away:
        """The one that stands; None when the action is not settled, AWAY when nobody knows."""

        async def ask() -> tuple[pb.ActionOutcome | None]:
            return (await self._ledger.outcome(event),)

        found: tuple[pb.ActionOutcome | None] | None = await self._ask(ask, SETTLE_MS)
        return AWAY if found is None else found[0]

    async def settle_unclaimed(
        self, event: pb.ActionEvent, outcome: pb.ActionOutcome
    ) -> pb.ActionOutcome | ClaimLost | Away:
        """Settles what nobody has claimed; else says what stands. AWAY: nothing was written."""
        standing: pb.ActionOutcome | ClaimLost | None = await self._ask(
            lambda: self._ledger.settle(event, outcome, NEVER_CLAIMED), SETTLE_MS
        )
        return AWAY if standing is None else standing

    async def settle(
        self, event: pb.ActionEvent, outcome: pb.ActionOutcome, claim_number: int
    ) -> pb.ActionOutcome | ClaimLost:
        """Writes the outcome down, if that can be, and returns the one that stands."""
        standing: pb.ActionOutcome | ClaimLost | None = await self._ask(
            lambda: self._ledger.settle(event, outcome, claim_number), SETTLE_MS
        )
        if standing is None:
            self._unsettled.append((event, outcome))
        return outcome if standing is None else standing

    async def fence(self, session_id: int, newest: int) -> None:
        """From now on this is the session's newest fence; while the ledger is away, for us alone."""

        async def ask() -> bool:
            await self._ledger.fence(session_id, newest)
            return True

        self._note_fence(session_id, newest)
        await self._ask(ask, SETTLE_MS)

    async def _ask_until_expiry(
        self, event: pb.ActionEvent, question: Callable[[], Awaitable[Answer]], first_reader: bool
    ) -> Answer | Claim | Away:
        while True:
            found: Answer | None = await self._ask(question, UNNOTICED_MS)
            if found is not None:
                if isinstance(found, Fenced):
                    self._note_fence(event.session_id, found.newest)
                await self._settle_backlog()
                return found
            if self._may_do_unrecorded(event):
                return self._claim_unrecorded(event, first_reader)
            if self._now_ms() >= event.expires_at_ms:
                return AWAY
            await self._sleep(RETRY_S)

    async def _settle_backlog(self) -> None:
        """Settles what ended while the ledger was away and could be done again."""
        while self._unsettled:
            event, outcome = self._unsettled.popleft()
            if event.expires_at_ms > self._now_ms():
                await self.settle(event, outcome, UNRECORDED)
            if self.away:
                return

    def _may_do_unrecorded(self, event: pb.ActionEvent) -> bool:
        since_ms = self._lost_since_ms
        later = since_ms is not None and event.emitted_at_ms > since_ms + MAX_CLOCK_SKEW_MS
        return later and event.delivery == pb.DELIVERY_IDEMPOTENT

    def _claim_unrecorded(self, event: pb.ActionEvent, first_reader: bool) -> Claim:
        """For the newest owner that we have heard of."""
        newest = self._fences.get(event.session_id, event.fence)
        if newest > event.fence:
            return Fenced(newest, resumed=not first_reader)
        return Claimed(resumed=not first_reader, number=UNRECORDED)

    async def _ask(self, question: Callable[[], Awaitable[T]], limit_ms: int) -> T | None:
        """The answer; None when there is none in time, and at once while the ledger is known to be away."""
        deadline_ms = self._now_ms() + (0 if self.away else limit_ms)
        while self._breaker.allows(LEDGER, self._now_ms()):
            asked_ms = self._now_ms()
            try:
                answer = await question()
            except StoreLost:
                self._lost_since_ms = asked_ms if self._lost_since_ms is None else self._lost_since_ms
                if self._now_ms() >= deadline_ms:
                    self._breaker.failed(LEDGER, self._now_ms())
                    return None
                await self._sleep(RETRY_S)
            else:
                self._lost_since_ms = None
                self._breaker.answered(LEDGER)
                return answer
        return None

    def _note_fence(self, session_id: int, fence: int) -> None:
        self._fences[session_id] = max(fence, self._fences.get(session_id, 0))
        self._fences.move_to_end(session_id)
        if len(self._fences) > MAX_FENCES:
            self._fences.popitem(last=False)
