"""The ledger of one process, by the table alone. Calls suspend as one over the network does."""

from collections import Counter

from duplexsla.executor.ledger.ledger import MOVES, Asked, Claim, Claimed, ClaimLost, Fenced, Known, Settled
from duplexsla.session.store.memory import round_trip
from duplexsla.v1.action_pb2 import ActionEvent, ActionOutcome
from duplexsla.v1.plan_pb2 import ActionPlan


class MemoryLedger:
    """The ledger of one process; `fences` holds the newest fence by session id."""

    def __init__(self) -> None:
        self.fences: dict[int, int] = {}
        self._known: dict[str, Known] = {}
        self._claim_numbers: Counter[str] = Counter()
        self._outcomes: dict[str, ActionOutcome] = {}
        self._plans: dict[str, ActionPlan] = {}

    async def claim(self, event: ActionEvent) -> Claim:
        async with round_trip():
            answer = self._move(event, Asked.CLAIM_FENCED if self._stale(event) else Asked.CLAIM)
            if answer in ("claimed", "resumed"):
                self._claim_numbers[event.action.id] += 1
            return self._claim(event, answer)

    async def hold(
        self, event: ActionEvent, claim_number: int, plan: ActionPlan | None = None
    ) -> Claim | ClaimLost:
        async with round_trip():
            asked = Asked.CLAIM_FENCED if self._stale(event) else Asked.HOLD
            answer = self._move(event, self._late(event, claim_number) or asked)
            if answer == "held" and plan is not None and self._known[event.action.id] is Known.RUNNING:
                self._plans[event.action.id] = plan
            return ClaimLost() if answer == "lost" else self._claim(event, answer)

    async def settle(
        self, event: ActionEvent, outcome: ActionOutcome, claim_number: int
    ) -> ActionOutcome | ClaimLost:
        async with round_trip():
            answer = self._move(event, self._late(event, claim_number) or Asked.SETTLE)
            if answer == "written":
                self._outcomes[event.action.id] = outcome
            return ClaimLost() if answer == "lost" else self._outcomes[event.action.id]

    async def outcome(self, event: ActionEvent) -> ActionOutcome | None:
        async with round_trip():
            return self._outcomes.get(event.action.id)

    async def fence(self, session_id: int, newest: int) -> None:
        async with round_trip():
            self.fences[session_id] = max(newest, self.fences.get(session_id, 0))

    async def close(self) -> None:
        async with round_trip():
            self._known.clear()

    def _move(self, event: ActionEvent, asked: Asked) -> str:
        """What the table says; the action is then what it says."""
        id = event.action.id
        self._known[id], answer = MOVES[self._known.get(id, Known.NOTHING), asked]
        return answer

    def _claim(self, event: ActionEvent, answer: str) -> Claim:
        id = event.action.id
        if answer == "settled":
            return Settled(self._outcomes[id])
        if answer.endswith("fenced"):
            return Fenced(self.fences[event.session_id], answer.startswith("resumed"))
        return Claimed(answer == "resumed", self._claim_numbers[id], self._plans.get(id))

    def _stale(self, event: ActionEvent) -> bool:
        return self.fences.get(event.session_id, 0) > event.fence

    def _late(self, event: ActionEvent, claim_number: int) -> Asked | None:
        return Asked.LATE if self._claim_numbers[event.action.id] > claim_number else None
