"""An executor over the home service in this process: real gates and resolver, ledger and notes in memory."""

import asyncio
import json
from collections.abc import Coroutine
from typing import Any, TypeVar

import httpx
from tests.support.action_events import NOW_MS, Clock, event
from tests.support.memory_broker import MemoryLog, MemorySink
from tests.support.memory_ledger import MemoryLedger

from duplexsla.enum_names import enum_name
from duplexsla.executor.assembly import ExecutorParts, assembled
from duplexsla.executor.backends.simulated import SimulatedHomes
from duplexsla.executor.calls import ActionResult
from duplexsla.executor.codes import Codes
from duplexsla.executor.crash_points import PassPoint, never
from duplexsla.executor.policies import PolicyFile
from duplexsla.history import NO_HISTORY, HistoryLog
from duplexsla.home.app import create_app
from duplexsla.home.store import HomeStore
from duplexsla.protocol.topics import ACTIONS_TOPIC, OUTCOMES_TOPIC, SCHEDULES_TOPIC
from duplexsla.security.quotas import quotas_of
from duplexsla.session.store.room_hints import MemoryRoomHints, SessionPlace
from duplexsla.telemetry import setup
from duplexsla.tools import NEWEST
from duplexsla.v1 import action_pb2 as pb

HOME = "demo"
T = TypeVar("T")


class HomeSite:
    """Speakers of one home. Each call of `say` is one action, with its outcome."""

    def __init__(
        self,
        *,
        codes: Codes | None = None,
        policies: PolicyFile | None = None,
        clock: Clock | None = None,
        history: HistoryLog = NO_HISTORY,
        quotas: dict[str, int] | None = None,
    ) -> None:
        self.quotas = quotas_of(quotas or {})
        self.policies, self.history = policies, history
        self.crash_point: PassPoint = never
        self.clock = clock or Clock()
        self.store = HomeStore(":memory:")
        self.store.create(HOME, NOW_MS)
        app = create_app(self.store, clock_ms=self.clock)
        self.homes = SimulatedHomes("http://homes", transport=httpx.ASGITransport(app))
        self.ledger, self.hints = MemoryLedger(), MemoryRoomHints()
        self.log = MemoryLog({ACTIONS_TOPIC: 1, OUTCOMES_TOPIC: 16, SCHEDULES_TOPIC: 1})
        self.parts = self._assembled(codes)
        self._service = app.state.service
        self._count = 0
        self._loop = asyncio.Runner()

    def _assembled(self, codes: Codes | None) -> ExecutorParts:
        return assembled(
            self.ledger,
            self.homes,
            setup("test"),
            sink=MemorySink(self.log),
            hints=self.hints,
            now_ms=self.clock,
            sleep=self.clock.sleep,
            codes=codes,
            policies=self.policies,
            crash_point=self.crash_point,
            history=self.history,
            quotas=self.quotas,
        )

    def restart(self) -> None:
        """Another executor has the home from now on: it knows what lies in the topics and in the ledger."""
        self.crash_point = never
        self.parts = self._assembled(None)
        self.parts.scheduler.load([0], self.log.records(SCHEDULES_TOPIC))

    def enter(self, partition: int, room: str) -> None:
        """A session is in this room, at the gateway of this partition."""
        place = {partition: SessionPlace(partition, room)}
        self.do(self.hints.enter(HOME, place, now_ms=self.clock()))

    def told(self) -> list[tuple[int, pb.RoomEvent]]:
        """What happened, by the partition that it was written to."""
        outcomes = [
            (each.partition.number, pb.ActionOutcome.FromString(each.value))
            for each in self.log.records(OUTCOMES_TOPIC)
        ]
        return [(number, each.room_event) for number, each in outcomes if each.HasField("room_event")]

    def kept(self) -> list[pb.RoomEvent]:
        """What waits for the next session."""
        return [pb.RoomEvent.FromString(raw) for raw in self.do(self.hints.take(HOME))]

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run(work)

    def due(self, *, in_ms: float = 0) -> list[pb.ActionOutcome]:
        """Time passes; what is due then is produced and run."""
        self.clock.now_ms += in_ms
        before = len(self.log.records(ACTIONS_TOPIC))
        self._loop.run(self.parts.scheduler.produce_due())
        fresh = self.log.records(ACTIONS_TOPIC)[before:]
        return [self.run(pb.ActionEvent.FromString(each.value)) for each in fresh]

    def close(self) -> None:
        self._loop.run(self.homes.close())
        self._loop.close()

    def event(
        self,
        function: str,
        arguments: dict[str, Any] | None = None,
        *,
        heard: str = "",
        session: int = 1,
        confidence: float | None = 0.99,
        attended: bool = True,
        **changes: Any,
    ) -> pb.ActionEvent:
        self._count += 1
        self.clock.now_ms += 10
        known = NEWEST[changes.get("toolset", "home")].by_name.get(function)
        once = known is not None and known.delivery == "at_most_once"
        evidence = pb.Evidence(
            attended=attended,
            transcript=heard,
            calibrated=confidence is not None,
            confidence=confidence or 0.0,
        )
        fields: dict[str, Any] = {
            "action": pb.Action(
                id=f"{session:016x}-{self._count}-0",
                function=function,
                arguments_json=json.dumps(arguments or {}),
            ),
            "session_id": session,
            "emitted_at_ms": self.clock(),
            "expires_at_ms": self.clock() + 5_000,
            "evidence": evidence,
            "delivery": pb.DELIVERY_AT_MOST_ONCE if once else pb.DELIVERY_IDEMPOTENT,
            "intent": pb.INTENT_DO,
        }
        return event(**(fields | changes))

    def say(self, function: str, arguments: dict[str, Any] | None = None, **changes: Any) -> pb.ActionOutcome:
        return self.run(self.event(function, arguments, **changes))

    def answer(
        self, intent: pb.Intent, about: pb.ActionOutcome, *, heard: str = "yes", **changes: Any
    ) -> pb.ActionOutcome:
        return self.run(
            self.event(
                "",
                heard=heard,
                intent=intent,
                refers_to=about.action_id,
                **({"session": about.session_id} | changes),
            )
        )

    def run(self, each: pb.ActionEvent) -> pb.ActionOutcome:
        async def run() -> pb.ActionOutcome:
            self.parts.dispatch.read_ahead(each)
            result = await self.parts.dispatch.run(each, "")
            assert isinstance(result, ActionResult)
            return result.outcome

        return self._loop.run(run())

    def by_hand(self, entity: str, **properties: Any) -> None:
        self.clock.now_ms += 10
        self._service.set_by_hand(HOME, entity, properties)

    def state(self, entity: str) -> dict[str, Any]:
        found = next(each for each in self._service.states(HOME) if each["entity"] == entity)
        state: dict[str, Any] = json.loads(found["state_json"])
        return state

    @property
    def effects(self) -> list[str]:
        """Ids of what moved a device, oldest first; questions are left out."""
        return [each.action_id for each in self.store.effects(HOME, limit=100) if each.function != "query"]


def state_of(outcome: pb.ActionOutcome) -> str:
    return enum_name(pb.OutcomeState, outcome.state)
