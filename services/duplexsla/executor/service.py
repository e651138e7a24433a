"""The executor's turn: a record comes in, its outcome goes out, its offset may be committed."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import NamedTuple

from google.protobuf.message import DecodeError
from opentelemetry.trace import Span, SpanKind

from duplexsla.clock import unix_ms
from duplexsla.errors import BadInput, BrokerLost
from duplexsla.executor import outcomes
from duplexsla.executor.broker.ports import BrokerRecord, Offsets, OutcomeSink, Partition
from duplexsla.executor.commit_watermark import CommitWatermark, Taken
from duplexsla.executor.crash_points import CrashPoint, never
from duplexsla.executor.dispatch import Dispatch, Disposition
from duplexsla.executor.keyed_queue import KeyedQueue
from duplexsla.executor.ledger.access import CLOCKS_MS
from duplexsla.executor.ledger.ledger import Superseded
from duplexsla.history import NO_HISTORY, HistoryLog, events
from duplexsla.protocol.topics import DEAD_LETTERS_TOPIC, OUTCOMES_TOPIC
from duplexsla.telemetry import TRACEPARENT, Histogram, Telemetry, metrics, names
from duplexsla.v1 import action_pb2 as pb

logger = logging.getLogger(__name__)

MAX_UNDER_WAY = 512  # records taken in and not settled; the source is paused above it
MAX_ID_CHARS = 128
WRITE_AGAIN_S = 0.5


class Handover(NamedTuple):
    """What the source is told after it handed records over."""

    marks: Offsets  # to commit
    full: bool  # hand over no more for now


class _Work(NamedTuple):
    record: BrokerRecord
    taken: Taken


class Executor:
    """Takes records from one source and writes to one sink; lives on one event loop."""

    def __init__(
        self,
        dispatch: Dispatch,
        sink: OutcomeSink,
        telemetry: Telemetry,
        *,
        now_ms: Callable[[], int] = unix_ms,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        crash_point: CrashPoint = never,
        history: HistoryLog = NO_HISTORY,
    ) -> None:
        """`now_ms` is Unix time; `sleep` takes seconds."""
        self._dispatch, self._sink, self._telemetry, self._history = dispatch, sink, telemetry, history
        self._now_ms, self._sleep, self._crash_point = now_ms, sleep, crash_point
        self._water = CommitWatermark()
        self._lanes = KeyedQueue(self._work)
        self._started: set[Taken] = set()
        self._leaving: set[Partition] = set()
        self._since_ms: dict[Partition, int] = {}  # when we began to read it
        self._ended = asyncio.Event()
        self.counts: Counter[str] = Counter()  # outcomes by state; records that were dead or moved away
        self.action_s = Histogram(metrics.ACTION_BOUNDS_S)
        self._left = 0

    @property
    def under_way(self) -> int:
        """Records taken in and not settled."""
        return len(self._water)

    @property
    def left(self) -> int:
        """Calls that were still under way when their partitions left, or are under way now."""
        return self._left + len(self._started & self._water.taken)

    @property
    def failed(self) -> asyncio.Future[None]:
        """Holds the error of a lane that broke: a fault of ours, after which the process should end."""
        return self._lanes.failed

    def take(self, records: Iterable[BrokerRecord]) -> Handover:
        """Queues records, in order per home; whoever hands them over heeds the answer."""
        for record in records:
            self._since_ms.setdefault(record.partition, self._now_ms())
            taken = self._water.take(record.partition, record.offset)
            self._lanes.put(record.key, _Work(record, taken))
        return Handover(self._water.marks(), len(self._water) >= MAX_UNDER_WAY)

    async def release(self, partitions: Collection[Partition], *, wait_s: float) -> Offsets:
        """Gives partitions up: what waits is dropped, what is under way has `wait_s` to end.

        Returns how far they may be committed.
        """
        self._leaving |= set(partitions)
        try:
            async with asyncio.timeout(wait_s):
                while any(taken.partition in partitions for taken in self._started):
                    self._ended.clear()
                    await self._ended.wait()
        except TimeoutError:
            self._left += sum(taken.partition in partitions for taken in self._started)
            logger.warning("partitions leave with calls under way: whoever gets them starts with those")
        finally:
            self._leaving -= set(partitions)
            for partition in partitions:
                self._since_ms.pop(partition, None)
        return self._water.give_up(partitions)

    async def idle(self) -> None:
        """Returns once nothing is under way."""
        await self._lanes.drained()

    async def _work(self, work: _Work) -> None:
        record, taken = work
        if taken.partition in self._leaving or not self._water.holds(taken):
            self.counts["moved"] += 1
            return
        self._started.add(taken)
        try:
            await self._process(record, taken)
            self._water.settle(taken)
        finally:
            self._started.discard(taken)
            self._ended.set()

    async def _process(self, record: BrokerRecord, taken: Taken) -> None:
        try:
            event = _event(record)
        except BadInput as error:
            await self._bury(record, str(error), attempts=0)
            return
        parent = record.headers.get(TRACEPARENT)
        attributes = {names.ATTR_HOME: event.home, names.ATTR_SESSION: f"{event.session_id:016x}"}
        with self._telemetry.span(
            names.SPAN_PROCESS, parent=parent, kind=SpanKind.CONSUMER, attributes=attributes
        ) as span:
            self._history.write(_taken(record, event))
            verdict = await self._verdict(event, span, taken)
            if isinstance(verdict, Disposition):
                await self._tell(record, verdict)
                lasted_s = (self._now_ms() - event.emitted_at_ms) / 1e3
                self.action_s.observe(
                    max(0.0, lasted_s), span.get_span_context() if span.is_recording() else None
                )
            else:
                self.counts["moved"] += 1
                self._history.write(events.action_moved(event.action.id))

    async def _verdict(self, event: pb.ActionEvent, span: Span, taken: Taken) -> Disposition | Superseded:
        """Superseded when its partition has gone to another process, which begins anew and tells."""
        since_ms = self._since_ms.get(taken.partition, self._now_ms())
        fresh = event.emitted_at_ms > since_ms + CLOCKS_MS  # else: who read it before us may have done it
        verdict: Disposition | Superseded = Superseded()
        while isinstance(verdict, Superseded) and self._water.holds(taken):
            verdict = await self._run(event, span, fresh=fresh, ours=lambda: self._water.holds(taken))
        return verdict if self._water.holds(taken) else Superseded()

    async def _run(
        self, event: pb.ActionEvent, span: Span, *, fresh: bool, ours: Callable[[], bool]
    ) -> Disposition | Superseded:
        try:
            return await self._dispatch.run(event, span, fresh=fresh, ours=ours)
        except Exception as error:  # a fault of ours must not stop the home's other actions
            logger.exception("action %s broke the executor", event.action.id)
            reason = f"internal error: {type(error).__name__}"
            return Disposition(outcomes.outcome(event, pb.OUTCOME_STATE_UNKNOWN, reason), given_up=True)

    async def _tell(self, record: BrokerRecord, verdict: Disposition) -> None:
        outcome = verdict.outcome
        if verdict.given_up:
            await self._bury(record, outcome.reason, attempts=outcome.attempts, action=outcome.action_id)
        await self._write(OUTCOMES_TOPIC, record, outcome.SerializeToString())
        state = outcomes.name_of(outcome.state)
        self.counts[state] += 1
        self._history.write(events.outcome_published(outcome.action_id, state=state))
        self._crash_point("told")

    async def _bury(self, record: BrokerRecord, reason: str, *, attempts: int, action: str = "") -> None:
        letter = pb.DeadLetter(event=record.value, reason=reason, attempts=attempts, at_ms=self._now_ms())
        await self._write(DEAD_LETTERS_TOPIC, record, letter.SerializeToString())
        self.counts["dead"] += 1
        self._history.write(events.buried(reason, action=action))

    async def _write(self, topic: str, record: BrokerRecord, value: bytes) -> None:
        """Goes on until the brokers have it: an outcome is never lost, its record is not committed before."""
        headers = {key: each for key, each in record.headers.items() if key == TRACEPARENT}
        while True:
            try:
                await self._sink.write(topic, record.key, value, headers)
                return
            except BrokerLost as error:
                logger.warning("an outcome waits for the brokers: %s", error)
                await self._sleep(WRITE_AGAIN_S)


def _taken(record: BrokerRecord, event: pb.ActionEvent) -> events.Row:
    return events.action_taken(
        event.action.id,
        session=event.session_id,
        home=event.home,
        fence=event.fence,
        delivery="idempotent" if event.delivery == pb.DELIVERY_IDEMPOTENT else "at_most_once",
        expires_at_ms=event.expires_at_ms,
        partition=record.partition.number,
        offset=record.offset,
    )


def _event(record: BrokerRecord) -> pb.ActionEvent:
    """Raises BadInput for what is not an action of the home that keys it."""
    try:
        event = pb.ActionEvent.FromString(record.value)
    except DecodeError as error:
        raise BadInput(f"not an ActionEvent: {error}") from error
    if not 0 < len(event.action.id) <= MAX_ID_CHARS:
        raise BadInput(f"an action id has 1 to {MAX_ID_CHARS} characters, not {len(event.action.id)}")
    if not event.home or event.home.encode() != record.key:
        raise BadInput("the record's key is not the event's home")
    return event
