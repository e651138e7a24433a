"""The parts between a record and its outcome, put together over the ports that they need."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from duplexsla.executor.backends.device import Device
from duplexsla.executor.breaker import Breakers
from duplexsla.executor.broker.ports import OutcomeSink
from duplexsla.executor.calls import DeviceCalls
from duplexsla.executor.codes import Codes, NoCodes
from duplexsla.executor.crash_points import PassPoint, never
from duplexsla.executor.decision import Decider, Decisions
from duplexsla.executor.dispatch import Dispatch
from duplexsla.executor.execution import Execution
from duplexsla.executor.home_plans import HomePlans
from duplexsla.executor.ledger.access import LedgerAccess
from duplexsla.executor.ledger.ledger import Ledger
from duplexsla.executor.ledger.notes import ActionNotes, MemoryNotes
from duplexsla.executor.policies import PolicyFile
from duplexsla.executor.recent_actions import RecentActions
from duplexsla.executor.registries import Registries
from duplexsla.executor.room_events import RoomEvents
from duplexsla.executor.schedules.scheduler import Scheduler
from duplexsla.executor.undo import Undo
from duplexsla.history import NO_HISTORY, HistoryLog
from duplexsla.security.quotas import Quotas, quotas_of
from duplexsla.session.store.room_hints import MemoryRoomHints, RoomHints
from duplexsla.telemetry import Telemetry


class ExecutorParts(NamedTuple):
    dispatch: Dispatch
    decisions: Decisions
    policies: PolicyFile
    ledger: LedgerAccess
    calls: DeviceCalls
    scheduler: Scheduler
    rooms: RoomEvents
    registries: Registries


def assembled(
    ledger: Ledger,
    device: Device,
    telemetry: Telemetry,
    *,
    sink: OutcomeSink,
    now_ms: Callable[[], int],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    notes: ActionNotes | None = None,
    hints: RoomHints | None = None,
    policies: PolicyFile | None = None,
    codes: Codes | None = None,
    decider: Decider | None = None,
    rng: random.Random | None = None,
    crash_point: PassPoint = never,
    breakers: Breakers | None = None,
    history: HistoryLog = NO_HISTORY,
    quotas: Quotas | None = None,
) -> ExecutorParts:
    """`now_ms` is Unix time; `sleep` takes seconds. Without a `decider` the gates decide."""
    access = LedgerAccess(ledger, now_ms=now_ms, sleep=sleep)
    calls = DeviceCalls(
        access,
        device,
        telemetry,
        now_ms=now_ms,
        sleep=sleep,
        rng=rng,
        breakers=breakers,
        history=history,
    )
    registries = Registries(device, now_ms=now_ms, sleep=sleep)
    recent = RecentActions(notes or MemoryNotes(), registries, device, now_ms=now_ms)
    policies = policies or PolicyFile(None, now_ms=now_ms)
    scheduler = Scheduler(sink, access, now_ms=now_ms, sleep=sleep, history=history)
    rooms = RoomEvents(hints or MemoryRoomHints(), sink, registries, now_ms=now_ms, sleep=sleep)
    undo = Undo(access, recent, now_ms=now_ms)
    decisions = Decisions(
        HomePlans(registries, device),
        undo,
        recent,
        scheduler,
        policies,
        codes or NoCodes(),
        quotas or quotas_of({}),
        now_ms=now_ms,
        history=history,
    )
    execution = Execution(
        access, calls, recent, scheduler, rooms, now_ms=now_ms, crash_point=crash_point, history=history
    )
    dispatch = Dispatch(
        access,
        execution,
        decider or decisions,
        recent,
        telemetry,
        scheduler,
        rooms,
        now_ms=now_ms,
        crash_point=crash_point,
    )
    return ExecutorParts(dispatch, decisions, policies, access, calls, scheduler, rooms, registries)
