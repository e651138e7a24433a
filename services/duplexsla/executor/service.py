"""One executor: a record comes in, its outcome goes out, its offset may be committed."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable
from contextlib import suppress
from typing import NamedTuple

from opentelemetry.trace import Span, SpanKind

from duplexsla.clock import unix_ms
from duplexsla.errors import BadInput, BrokerLost
from duplexsla.executor import messages
from duplexsla.executor.broker.ports import BrokerRecord, Offsets, OutcomeSink, Partition
from duplexsla.executor.calls import ActionResult
from duplexsla.executor.crash_points import PassPoint, never
from duplexsla.executor.dispatch import Dispatch
from duplexsla.executor.home_watch import HomeWatch
from duplexsla.executor.ledger.access import MAX_CLOCK_SKEW_MS
from duplexsla.executor.ledger.ledger import ClaimLost
from duplexsla.executor.schedules.scheduler import Scheduler
from duplexsla.executor.scheduling import CommitWatermark, KeyedQueue, RecordInProgress
from duplexsla.history import NO_HISTORY, HistoryLog, events
from duplexsla.protocol.topics import DEAD_LETTERS_TOPIC, OUTCOMES_TOPIC
from duplexsla.telemetry import TRACEPARENT, Histogram, Telemetry, metrics, names
from duplexsla.v1 import action_pb2 as pb

logger = logging.getLogger(__name__)

MAX_IN_PROGRESS = 512  # records; the source is paused above it
WRITE_RETRY_S = 0.5


class FlowControl(NamedTuple):
    """What a source does after it handed records over."""

    commit: Offsets
    pause: bool


class _Work(NamedTuple):
    record: BrokerRecord
    progress: RecordInProgress


class Executor:
    """Takes records from one source and writes to one sink; runs on one event loop."""

    def __init__(
        self,
        dispatch: Dispatch,
        scheduler: Scheduler,
        sink: OutcomeSink,
        telemetry: Telemetry,
        *,
        now_ms: Callable[[], int] = unix_ms,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        crash_point: PassPoint = never,
        history: HistoryLog = NO_HISTORY,
        watch: HomeWatch | None = None,
    ) -> None:
        """`now_ms` is Unix time; `sleep` takes seconds; `watch` is told whose homes are ours."""
        self._dispatch, self._scheduler, self._sink = dispatch, scheduler, sink
        self._telemetry, self._history, self.home_watch = telemetry, history, watch
        self._now_ms, self._sleep, self._crash_point = now_ms, sleep, crash_point
        self._watermark = CommitWatermark()
        self._queue = KeyedQueue(self._work)
        self._started: set[RecordInProgress] = set()
        self._leaving: set[Partition] = set()
        self._assigned_ms: dict[Partition, int] = {}  # when we began to read it
        self._finished = asyncio.Event()
        self.counts: Counter[str] = Counter()  # outcomes by state; records that were dead or moved away
        self.action_s = Histogram(metrics.ACTION_BOUNDS_S)
        self._abandoned = 0

    @property
    def under_way(self) -> int:
        """Records taken in and not finished."""
        return len(self._watermark)

    @property
    def left(self) -> int:
        """Calls that were still under way when their partitions left, or are under way now."""
        return self._abandoned + len(self._started & self._watermark.in_progress)

    async def watch(self) -> None:
        """Raises the error of a home's task that broke, else never returns. Cancelling is safe."""
        await asyncio.shield(self._queue.failed)

    def accept(self, records: Iterable[BrokerRecord]) -> FlowControl:
        """Queues records, in order per home; whoever hands them over heeds the answer."""
        for record in records:
            self._assigned_ms.setdefault(record.partition, self._now_ms())
            progress = self._watermark.begin(record.partition, record.offset)
            self._read_ahead(record)
            self._queue.put(record.key, _Work(record, progress))
        return FlowControl(self._watermark.advanced(), len(self._watermark) >= MAX_IN_PROGRESS)

    def take_over(self, partitions: Collection[Partition], schedules: Iterable[BrokerRecord]) -> None:
        """These partitions are ours from now on, and this is what is to happen later in their homes.

        Called before any of their records is handed over.
        """
        numbers = {each.number for each in partitions}
        self._scheduler.load(numbers, schedules)
        if self.home_watch is not None:
            self.home_watch.hold(numbers)

    def _read_ahead(self, record: BrokerRecord) -> None:
        with suppress(BadInput):  # its turn will tell
            self._dispatch.read_ahead(messages.read_event(record.key, record.value))

    async def release(self, partitions: Collection[Partition], *, wait_s: float) -> Offsets:
        """Gives partitions up: what waits is dropped, what is under way has `wait_s` to end.

        Returns how far they may be committed. Cancelling it keeps the partitions.
        """
        self._leaving |= set(partitions)
        try:
            async with asyncio.timeout(wait_s):
                while any(progress.partition in partitions for progress in self._started):
                    self._finished.clear()
                    await self._finished.wait()
        except TimeoutError:
            abandoned = sum(progress.partition in partitions for progress in self._started)
            self._abandoned += abandoned
            logger.warning("partitions_left_with_calls count=%d wait_s=%g", abandoned, wait_s)
        finally:
            self._leaving -= set(partitions)
            for partition in partitions:
                self._assigned_ms.pop(partition, None)
            numbers = {each.number for each in partitions}
            self._scheduler.forget(numbers)
            if self.home_watch is not None:
                self.home_watch.let_go(numbers)
        return self._watermark.forget(partitions)

    async def drained(self) -> None:
        """Returns once nothing is under way."""
        await self._queue.drained()

    async def _work(self, work: _Work) -> None:
        record, progress = work
        if progress.partition in self._leaving or not self._watermark.holds(progress):
            self.counts["moved"] += 1
            return
        self._started.add(progress)
        try:
            await self._process(record, progress)
            self._watermark.finish(progress)
        finally:
            self._started.discard(progress)
            self._finished.set()

    async def _process(self, record: BrokerRecord, progress: RecordInProgress) -> None:
        try:
            event = messages.read_event(record.key, record.value)
        except BadInput as error:
            await self._write_dead_letter(record, str(error), attempts=0)
            return
        parent = record.headers.get(TRACEPARENT)
        attributes = {names.ATTR_HOME: event.home, names.ATTR_SESSION: f"{event.session_id:016x}"}
        with self._telemetry.span(
            names.SPAN_PROCESS, parent=parent, kind=SpanKind.CONSUMER, attributes=attributes
        ) as span:
            self._history.write(_read_row(record, event))
            result = await self._result(event, span, progress)
            if isinstance(result, ClaimLost):
                self.counts["moved"] += 1
                self._history.write(events.action_moved(event.action.id))
                return
            await self._publish(record, event, result)
            lasted_s = (self._now_ms() - event.emitted_at_ms) / 1e3
            exemplar = span.get_span_context() if span.is_recording() else None
            self.action_s.observe(max(0.0, lasted_s), exemplar)

    async def _result(
        self, event: pb.ActionEvent, span: Span, progress: RecordInProgress
    ) -> ActionResult | ClaimLost:
        """ClaimLost when its partition has gone to another process, which begins anew and publishes."""
        assigned_ms = self._assigned_ms.get(progress.partition, self._now_ms())
        # else: whoever read the partition before us may have done it
        first_reader = event.emitted_at_ms > assigned_ms + MAX_CLOCK_SKEW_MS
        result: ActionResult | ClaimLost = ClaimLost()
        while isinstance(result, ClaimLost) and self._watermark.holds(progress):
            result = await self._run(
                event,
                span,
                first_reader=first_reader,
                still_ours=lambda: self._watermark.holds(progress),
                partition=progress.partition.number,
            )
        return result if self._watermark.holds(progress) else ClaimLost()

    async def _run(
        self,
        event: pb.ActionEvent,
        span: Span,
        *,
        first_reader: bool,
        still_ours: Callable[[], bool],
        partition: int,
    ) -> ActionResult | ClaimLost:
        try:
            return await self._dispatch.run(
                event, span, first_reader=first_reader, still_ours=still_ours, partition=partition
            )
        except Exception as error:  # a fault of ours must not stop the home's other actions
            logger.exception("action_failed_internally action=%s", event.action.id)
            reason = f"internal error: {type(error).__name__}"
            outcome = messages.outcome(event, pb.OUTCOME_STATE_UNKNOWN, reason)
            return ActionResult(outcome, dead_letter=True)

    async def _publish(self, record: BrokerRecord, event: pb.ActionEvent, result: ActionResult) -> None:
        outcome = result.outcome
        if result.dead_letter:
            await self._write_dead_letter(
                record, outcome.reason, attempts=outcome.attempts, action=outcome.action_id
            )
        told = messages.published(outcome).SerializeToString()
        reply_to = event.reply_to if event.HasField("reply_to") else None
        if not await self._write(OUTCOMES_TOPIC, record, told, partition=reply_to):
            self.counts["misaddressed"] += 1
            logger.warning("outcome_misaddressed action=%s partition=%s", outcome.action_id, reply_to)
        state = messages.state_name(outcome.state)
        self.counts[state] += 1
        self._history.write(
            events.outcome_published(
                outcome.action_id,
                state=state,
                attempts=outcome.attempts,
                refers_to=outcome.refers_to,
                reason=outcome.reason,
            )
        )
        self._crash_point("published")

    async def _write_dead_letter(
        self, record: BrokerRecord, reason: str, *, attempts: int, action: str = ""
    ) -> None:
        letter = pb.DeadLetter(event=record.value, reason=reason, attempts=attempts, at_ms=self._now_ms())
        await self._write(DEAD_LETTERS_TOPIC, record, letter.SerializeToString())
        self.counts["dead"] += 1
        self._history.write(events.dead_lettered(reason, action=action))

    async def _write(
        self, topic: str, record: BrokerRecord, value: bytes, *, partition: int | None = None
    ) -> bool:
        """Goes on until the brokers have it: an outcome is never lost, its record is not committed before.

        False when the topic has no such partition.
        """
        headers = {key: each for key, each in record.headers.items() if key == TRACEPARENT}
        while True:
            try:
                return await self._sink.write(topic, record.key, value, headers, partition=partition)
            except BrokerLost as error:
                logger.warning("record_not_written topic=%s retry_s=%g error=%s", topic, WRITE_RETRY_S, error)
                await self._sleep(WRITE_RETRY_S)


def _read_row(record: BrokerRecord, event: pb.ActionEvent) -> events.Row:
    return events.action_read(
        event.action.id,
        session=event.session_id,
        home=event.home,
        fence=event.fence,
        delivery=messages.delivery_name(event),
        expires_at_ms=event.expires_at_ms,
        partition=record.partition.number,
        offset=record.offset,
        trace=_trace_of(record),
    )


def _trace_of(record: BrokerRecord) -> str:
    """The trace id of W3C's traceparent; empty without one."""
    _, _, rest = record.headers.get(TRACEPARENT, b"").decode("ascii", "replace").partition("-")
    return rest.partition("-")[0]
