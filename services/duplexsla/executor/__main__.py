"""Runs actions from Kafka on devices: `python -m duplexsla.executor --help`."""

import argparse
import asyncio
import logging
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from duplexsla.clock import unix_ms
from duplexsla.errors import BrokerLost
from duplexsla.executor.backends.simulated import SimulatedHomes
from duplexsla.executor.breaker import Breakers
from duplexsla.executor.broker.kafka import KafkaSink, KafkaSource
from duplexsla.executor.broker.ports import GROUP, EventSource, Revoked
from duplexsla.executor.broker.topics import make_topics
from duplexsla.executor.consumer import ConsumerLoop
from duplexsla.executor.crash_points import die_at, never
from duplexsla.executor.dispatch import Dispatch
from duplexsla.executor.ledger.redis import RedisLedger
from duplexsla.executor.metrics_page import LedgerSize, readings
from duplexsla.executor.service import Executor
from duplexsla.history import events, open_history
from duplexsla.protocol.topics import ACTIONS_TOPIC
from duplexsla.runtime.control import Control, Drain
from duplexsla.runtime.settings import kafka_security, setting
from duplexsla.telemetry import Page, setup

HELP = """\
Takes actions from Kafka and does them on devices: each one at most once, in order per home, before it
expires, for the newest owner of its session only. Tells every outcome on duplexsla.outcomes.v1; what cannot
be read or was tried in vain goes to duplexsla.actions.dead.v1 with the reason.

Start as many as you like: they share the homes as members of one consumer group. SIGTERM, SIGINT and
POST /drain are one: what is under way ends, the rest goes to the others. Exit status: 0, or 3 when calls were
still under way.

Settings (environment):
  DUPLEXSLA_KAFKA       brokers, host:port, comma separated
  DUPLEXSLA_KAFKA_SECURITY  JSON file with kafka-python's security_protocol, ssl_* and sasl_*; none without it
  DUPLEXSLA_REDIS_URL   ledger and fences, redis://host:port/0 or redis+sentinel://host:port,host:port/master/0
  DUPLEXSLA_HOMES_URL   the simulated homes, http://host:port
  DUPLEXSLA_LISTEN      host:port of GET /healthz, GET /metrics and POST /drain; 127.0.0.1:8071 without it
  DUPLEXSLA_MEMBER      name that stays over restarts (a pod's), so that partitions do too; none without it
  DUPLEXSLA_OTLP        OpenTelemetry collector, host:port; none without it
  DUPLEXSLA_TRACE_FILE  file for spans, one JSON object a line; none without it
  DUPLEXSLA_HISTORY     file or folder for what `duplexsla check` reads; none without it

While Redis is away, idempotent actions are done, and those that must not happen twice wait for it until they
expire. A device that fails five times in a row is left alone for 5 s, and then tried by one action.

Watch it, end it:
  curl -s localhost:8071/healthz
  curl -s -X POST localhost:8071/drain
"""
DRAIN_S = 15.0  # what is under way has less than this; partitions wait for nobody longer than `feed` says
SILENT_S = 30.0  # a source that was not polled for so long makes the service unhealthy


@dataclass(frozen=True)
class Settings:
    kafka: str
    kafka_security: dict[str, Any]
    redis_url: str
    homes_url: str
    listen: str
    member: str
    otlp: str
    trace_file: str
    history: str
    crash_at: str  # for tests of crashes alone: see crash_points

    @classmethod
    def from_environment(cls) -> "Settings":
        return cls(
            kafka=setting("KAFKA", str),
            kafka_security=setting("KAFKA_SECURITY", kafka_security, {}),
            redis_url=setting("REDIS_URL", str),
            homes_url=setting("HOMES_URL", str),
            listen=setting("LISTEN", str, "127.0.0.1:8071"),
            member=setting("MEMBER", str, ""),
            otlp=setting("OTLP", str, ""),
            trace_file=setting("TRACE_FILE", str, ""),
            history=setting("HISTORY", str, ""),
            crash_at=setting("CRASH_AT", str, ""),
        )


async def run(settings: Settings) -> int:
    """Until it is asked to drain; then what is under way ends and is committed. The process's exit status."""
    drain = Drain(DRAIN_S)
    drain.on_signals()
    crash_point = die_at(settings.crash_at) if settings.crash_at else never
    telemetry = setup("duplexsla-executor", otlp_endpoint=settings.otlp, trace_file=settings.trace_file)
    history = open_history(settings.history, "executor")
    breakers = Breakers(changed=lambda target, state: history.write(events.breaker(*target, state=state)))
    async with AsyncExitStack() as stack:
        stack.callback(telemetry.shutdown)
        ledger, homes = RedisLedger(settings.redis_url), SimulatedHomes(settings.homes_url)
        sink = await asyncio.to_thread(KafkaSink, settings.kafka, settings.kafka_security)
        for each in (ledger, homes, sink):
            stack.push_async_callback(each.close)
        await asyncio.gather(ledger.open(), homes.open())
        dispatch = Dispatch(
            ledger,
            homes,
            telemetry,
            now_ms=unix_ms,
            crash_point=crash_point,
            breakers=breakers,
            history=history,
        )
        executor = Executor(
            dispatch, sink, telemetry, now_ms=unix_ms, crash_point=crash_point, history=history
        )
        stack.callback(lambda: history.close(executor.counts))

        def open_source(revoked: Revoked) -> EventSource:
            return KafkaSource(
                settings.kafka,
                ACTIONS_TOPIC,
                group=GROUP,
                member=settings.member,
                revoked=revoked,
                security=settings.kafka_security,
            )

        feed = ConsumerLoop(open_source, executor)
        sizes = LedgerSize(ledger)
        stack.callback(asyncio.create_task(sizes.run()).cancel)
        page = Page(
            lambda: readings(executor, dispatch, feed, sizes, telemetry, draining=drain.asked.is_set())
        )
        control = Control(lambda: _report(feed, executor, dispatch), drain, page)
        await control.listen(settings.listen)
        stack.push_async_callback(control.close)
        feed.start()
        stack.push_async_callback(feed.stop)
        await _asked_or_failed(drain, executor)
        await feed.stop(drain.deadline_s)
        return drain.done(executor.left)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="duplexsla.executor", description=HELP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--make-topics", action="store_true", help="make the topics that are not there, and end"
    )
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("kafka").setLevel(
        logging.CRITICAL
    )  # it tells every attempt of an outage; we tell the outage
    settings = Settings.from_environment()
    return _make_topics(settings) if chosen.make_topics else asyncio.run(run(settings))


def _make_topics(settings: Settings) -> int:
    try:
        made = make_topics(settings.kafka, settings.kafka_security)
    except BrokerLost as error:
        print(f"duplexsla executor: {error}", file=sys.stderr)
        return 1
    print(f"made {', '.join(made)}" if made else "all topics are there")
    return 0


async def _asked_or_failed(drain: Drain, executor: Executor) -> None:
    """Raises the error of a lane that broke."""
    executor.failed.add_done_callback(lambda _: drain.ask())
    await drain.asked.wait()
    if executor.failed.done():
        executor.failed.result()


def _report(feed: ConsumerLoop, executor: Executor, dispatch: Dispatch) -> tuple[bool, dict[str, Any]]:
    healthy = feed.silent_s < SILENT_S
    return healthy, {
        "reads": healthy,
        "under_way": executor.under_way,
        "counts": dict(executor.counts),
        "ledger_away": dispatch.ledger_away,
        "open_breakers": dispatch.open_breakers,
    }


if __name__ == "__main__":
    sys.exit(main())
