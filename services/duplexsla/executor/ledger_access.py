"""The ledger as dispatch asks it: patient with a blip, and with a stated answer while it is away.

While it is away, an idempotent action is done, for the newest owner that this process has heard of: its
device may do it twice, and checks fence and time itself. One of at most once is refused: nobody could tell a
second copy of it from the first. Outcomes are told without being written down.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Literal, TypeVar

from duplexsla.errors import StoreLost
from duplexsla.executor.breaker import Breakers, Target
from duplexsla.executor.ledger import Claim, Claimed, Fenced, Ledger
from duplexsla.v1 import action_pb2 as pb

CLAIM_MS = 1_000  # how long an action waits for a ledger that does not answer
SETTLE_MS = 2_000  # and an outcome
AGAIN_S = 0.05
PROBE_MS = 1_000  # a ledger that is away is asked again so often, by one action
MAX_FENCES = 4_096  # sessions whose newest fence is remembered

T = TypeVar("T")
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
        self._began_ms = now_ms()

    @property
    def away(self) -> bool:
        return self._breaker.open > 0

    async def claim(self, event: pb.ActionEvent) -> Claim | Away:
        """What is known of the action. AWAY: nothing, and it must not be done; a `resumed` claim: it may have
        been tried.
        """
        self._remember(event.session_id, event.fence)
        found: Claim | None = await self._ask(lambda: self._ledger.claim(event), CLAIM_MS)
        if found is None:
            return self._without(event)
        if isinstance(found, Fenced):
            self._remember(event.session_id, found.newest)
        return found

    async def settle(self, event: pb.ActionEvent, outcome: pb.ActionOutcome) -> pb.ActionOutcome:
        """Writes the outcome down, if that can be, and returns the one that stands."""
        standing: pb.ActionOutcome | None = await self._ask(
            lambda: self._ledger.settle(event, outcome), SETTLE_MS
        )
        return outcome if standing is None else standing

    def _without(self, event: pb.ActionEvent) -> Claim | Away:
        newest = self._fences[event.session_id]
        if newest > event.fence:
            return Fenced(newest, resumed=False)
        old = event.emitted_at_ms < self._began_ms  # another process may have had it before
        return Claimed(resumed=old) if old or event.delivery == pb.DELIVERY_IDEMPOTENT else AWAY

    async def _ask(self, question: Callable[[], Awaitable[T]], patience_ms: int) -> T | None:
        """The answer; None when there is none in time, and at once while the ledger is known to be away."""
        if self.away:
            patience_ms = 0
        deadline_ms = self._now_ms() + patience_ms
        while self._breaker.allows(LEDGER, self._now_ms()):
            try:
                answer = await question()
            except StoreLost:
                if self._now_ms() >= deadline_ms:
                    self._breaker.failed(LEDGER, self._now_ms())
                    return None
                await self._sleep(AGAIN_S)
            else:
                self._breaker.answered(LEDGER)
                return answer
        return None

    def _remember(self, session_id: int, fence: int) -> None:
        self._fences[session_id] = max(fence, self._fences.get(session_id, 0))
        self._fences.move_to_end(session_id)
        if len(self._fences) > MAX_FENCES:
            self._fences.popitem(last=False)
