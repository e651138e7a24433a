"""Runs actions from Kafka on devices: `python -m duplexsla.executor --help`."""

import asyncio
import logging
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

from duplexsla.errors import BrokerLost, HomesFileError, PolicyError, SettingError
from duplexsla.executor.assembly import ExecutorParts, assembled
from duplexsla.executor.backends.configured_homes import ConfiguredHomes
from duplexsla.executor.backends.homes_file import HomesFile
from duplexsla.executor.backends.simulated import SimulatedHomes
from duplexsla.executor.breaker import Breakers
from duplexsla.executor.broker.kafka import KafkaSink, KafkaSource, partition_of
from duplexsla.executor.broker.ports import GROUP, EventSource, Revoked, TableReader
from duplexsla.executor.broker.tables import KafkaTable
from duplexsla.executor.broker.topics import make_topics
from duplexsla.executor.codes import CodeFile, Codes, NoCodes
from duplexsla.executor.consumer import ConsumerLoop
from duplexsla.executor.crash_points import die_at, never
from duplexsla.executor.home_watch import HomeWatch
from duplexsla.executor.ledger.notes import RedisNotes
from duplexsla.executor.ledger.redis import RedisLedger
from duplexsla.executor.metrics_page import LedgerSize, samples
from duplexsla.executor.policies import PolicyFile
from duplexsla.executor.schedules.schedule_pages import SchedulePages
from duplexsla.executor.service import Executor
from duplexsla.executor.steady_clock import SteadyClock
from duplexsla.history import events, open_history
from duplexsla.protocol.topics import ACTIONS_TOPIC, SCHEDULES_TOPIC
from duplexsla.runtime.control import Control, Drain
from duplexsla.runtime.service_settings import ExecutorSettings
from duplexsla.runtime.startup import parser_of, start
from duplexsla.runtime.tasks import RestartPolicy, Supervisor
from duplexsla.security.doors import shown, verb_door
from duplexsla.security.quotas import quotas_of
from duplexsla.session.store.quota_counters import RedisQuotaCounters
from duplexsla.session.store.room_hints import RedisRoomHints
from duplexsla.telemetry import MetricsPage, Telemetry, setup

HELP = """\
Takes actions from Kafka and carries them out on devices: once per action, in order per home, before it
expires, and only for the newest owner of its session. Publishes every outcome on duplexsla.outcomes.v1;
events that cannot be read or were tried in vain go to duplexsla.actions.dead.v1 with the reason.

Start any number: they are members of one consumer group and share the homes. SIGTERM, SIGINT and POST /drain
do the same: running calls end, waiting events go to the other members. Exit status: 0, or 3 when calls were
still running.

An action of a home is resolved in its registry and passes the gates: it must have been said to the service,
clearly, and a policy may deny it, or ask for a yes or a code. A policy file that changes is read again.

Homes are simulated, or stand behind a hub: a file says which, with their tokens in files of their own, and
is read again when it changes.

What is to happen later lies in duplexsla.schedules.v1: whoever has a home's partition does it in time, or
says that its time is over.

While Redis is away, idempotent actions are carried out; those that must not happen twice wait until they
expire. A device that fails five times in a row is not called for 5 s, and then tried by one action.

Watch it, see and change what is to happen later, stop it:
  curl -s localhost:8071/healthz
  curl -s 'localhost:8071/schedules?home=demo'
  curl -s -X PUT 'localhost:8071/schedules?home=demo&id=ID&due_at_ms=1796137200000'
  curl -s -X DELETE 'localhost:8071/schedules?home=demo&id=ID'
  curl -s -X POST localhost:8071/drain
"""
PACKAGE = "duplexsla.executor"
DRAIN_S = 15.0  # running calls have less than this, see consumer.py
SILENT_S = 30.0  # a source that was not polled for so long makes the service unhealthy


async def run(settings: ExecutorSettings) -> int:
    """Until it is asked to drain; then what is under way ends and is committed. The process's exit status."""
    drain = Drain(DRAIN_S)
    drain.on_signals()
    async with AsyncExitStack() as stack:
        clock = SteadyClock()
        executor, parts, ledger, telemetry, sink = await _executor(settings, clock, stack)
        tasks = Supervisor(on_fatal=drain.ask)
        stack.push_async_callback(tasks.close)
        consumer = ConsumerLoop(partial(_source, settings), _schedules(settings), executor)
        size = LedgerSize(ledger)
        tasks.run("ledger size", size.run)
        tasks.run("clock", lambda: clock.follow(ledger.time_ms))
        tasks.run("schedules", parts.scheduler.run)
        if executor.home_watch is not None:
            tasks.run("home changes", executor.home_watch.run)
        tasks.run("actions", executor.watch, RestartPolicy.END)
        page = MetricsPage(
            lambda: samples(
                executor,
                parts,
                consumer,
                size,
                telemetry,
                draining=drain.draining,
                task_deaths=tasks.deaths.total(),
            )
        )
        pages = SchedulePages(
            lambda: _report(consumer, executor, parts, tasks),
            drain,
            page,
            sink=sink,
            ledger=parts.ledger,
            now_ms=clock,
            may_do=verb_door(settings.admin_keys),
        )
        control = Control(pages)
        await control.listen(settings.listen)
        stack.push_async_callback(control.close)
        consumer.start(tasks)
        stack.push_async_callback(consumer.stop)
        await drain.asked.wait()
        await consumer.stop(drain.deadline_s)
        if tasks.fatal is not None:
            raise tasks.fatal
        return drain.done(executor.left)


async def _executor(
    settings: ExecutorSettings, clock: SteadyClock, stack: AsyncExitStack
) -> tuple[Executor, ExecutorParts, RedisLedger, Telemetry, KafkaSink]:
    """Connected to what it needs; `stack` closes all of it."""
    crash_point = _crash_point(settings.crash_at)
    telemetry = setup(
        "duplexsla-executor",
        otlp_endpoint=settings.otlp,
        trace_file=settings.trace_file,
        policy=settings.trace_policy,
    )
    stack.callback(telemetry.shutdown)
    history = open_history(settings.history, "executor")
    ledger, notes = RedisLedger(settings.redis_url), RedisNotes(settings.redis_url)
    hints = RedisRoomHints(settings.redis_url)
    counters = RedisQuotaCounters(settings.redis_url, servers_clock=True)
    quotas = quotas_of(settings.quotas, counters)
    homes = await _homes(settings, clock)
    sink = await asyncio.to_thread(KafkaSink, settings.kafka, settings.kafka_security)
    for each in (ledger, notes, hints, homes, sink, counters):
        stack.push_async_callback(each.close)
    await ledger.open()
    await clock.measure(ledger.time_ms)
    parts = assembled(
        ledger,
        homes,
        telemetry,
        sink=sink,
        now_ms=clock,
        notes=notes,
        hints=hints,
        policies=_policies(settings, clock),
        codes=_codes(settings),
        crash_point=crash_point,
        breakers=Breakers(changed=lambda target, state: history.write(events.breaker(*target, state=state))),
        history=history,
        quotas=quotas,
    )
    watch = HomeWatch(homes, parts.rooms, parts.registries, partition_of=partition_of, now_ms=clock)
    executor = Executor(
        parts.dispatch,
        parts.scheduler,
        sink,
        telemetry,
        now_ms=clock,
        crash_point=crash_point,
        history=history,
        watch=watch,
    )
    stack.callback(lambda: history.close(executor.counts))
    return executor, parts, ledger, telemetry, sink


def _source(settings: ExecutorSettings, revoked: Revoked) -> EventSource:
    return KafkaSource(
        settings.kafka,
        ACTIONS_TOPIC,
        group=GROUP,
        member=settings.member,
        revoked=revoked,
        security=settings.kafka_security,
    )


def _schedules(settings: ExecutorSettings) -> TableReader:
    return KafkaTable(settings.kafka, SCHEDULES_TOPIC, settings.kafka_security)


def _policies(settings: ExecutorSettings, now_ms: Callable[[], int]) -> PolicyFile:
    path = Path(settings.policy_file) if settings.policy_file else None
    try:
        return PolicyFile(path, now_ms=now_ms)
    except PolicyError as error:
        raise SettingError(f"environment variable DUPLEXSLA_POLICY_FILE: {error}") from error


async def _homes(settings: ExecutorSettings, now_ms: Callable[[], int]) -> ConfiguredHomes:
    path = Path(settings.homes_file) if settings.homes_file else None
    if path is None and not settings.homes_url:
        raise SettingError("one of DUPLEXSLA_HOMES_FILE and DUPLEXSLA_HOMES_URL must be set")
    try:
        homes = HomesFile(path, now_ms=now_ms)
    except HomesFileError as error:
        raise SettingError(f"environment variable DUPLEXSLA_HOMES_FILE: {error}") from error
    url, token = settings.homes_url, shown(settings.homes_token)
    simulation = SimulatedHomes(url, token) if url else None
    if simulation is not None:
        await simulation.open()
    return ConfiguredHomes(homes, simulation, now_ms=now_ms)


def _codes(settings: ExecutorSettings) -> Codes:
    if not settings.codes_file:
        return NoCodes()
    return CodeFile(Path(settings.codes_file), settings.code_key.encode())


def _crash_point(name: str) -> Callable[[str], None]:
    try:
        return die_at(name) if name else never
    except ValueError as error:
        raise SettingError(f"environment variable DUPLEXSLA_CRASH_AT: {error}") from error


def main() -> int:
    parser = parser_of(PACKAGE, HELP, ExecutorSettings)
    parser.add_argument(
        "--make-topics", action="store_true", help="make the topics that are not there, and end"
    )
    make = parser.parse_args().make_topics
    return start(PACKAGE, ExecutorSettings, _make_topics if make else _serve)


def _serve(settings: ExecutorSettings) -> int:
    # kafka-python logs every attempt of an outage; the executor logs the outage.
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    return asyncio.run(run(settings))


def _make_topics(settings: ExecutorSettings) -> int:
    try:
        made = make_topics(settings.kafka, settings.kafka_security)
    except BrokerLost as error:
        print(f"{PACKAGE}: {error}", file=sys.stderr)
        return 1
    print(f"made {', '.join(made)}" if made else "all topics are there")
    return 0


def _report(
    consumer: ConsumerLoop, executor: Executor, parts: ExecutorParts, tasks: Supervisor
) -> tuple[bool, dict[str, Any]]:
    reads = consumer.silent_s < SILENT_S
    well, background = tasks.well()
    return reads and well, {
        "reads": reads,
        **background,
        "under_way": executor.under_way,
        "counts": dict(executor.counts),
        "policy": parts.policies.current().version,
        "refused_by_gate": dict(parts.decisions.refused),
        "schedules": parts.scheduler.held,
        "ledger_away": parts.ledger.away,
        "open_breakers": parts.calls.open_breakers,
    }


if __name__ == "__main__":
    sys.exit(main())
