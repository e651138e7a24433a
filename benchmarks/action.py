"""From an action's closing token to the device's effect: Kafka, executor, ledger and home, all real.

    make bench-action ARGS="[--events 500] [--per-second 20] [--spinners 1]"

The clock starts when the event is handed to a producer set up as the gateway's is, and stops at the instant
of the effect that the home writes into its log (whole milliseconds). Each spinner keeps one core busy, as a
decoder does. "outcome" is when the outcome can be read again. The last line is one JSON object.
"""

import argparse
import json
import multiprocessing
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
from benchmarks.machine import machine
from kafka import KafkaConsumer, KafkaProducer

from duplexsla.local import kafka, redis, services
from duplexsla.local.process import Process
from duplexsla.protocol.topics import ACTIONS_TOPIC, OUTCOMES_TOPIC, PARTITIONS
from duplexsla.report.percentile import percentile
from duplexsla.v1 import action_pb2 as pb

WARM_UP = 100  # events: the broker compiles its code meanwhile
AIM_MS = 50.0
EXPIRES_MS = 30_000


def main() -> None:
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        parts = _start(Path(folder), stack)
        for _ in range(arguments.spinners):
            stack.enter_context(_spinner())
        load = Load(parts, arguments.homes)
        load.run(WARM_UP, arguments.per_second)
        times = load.run(arguments.events, arguments.per_second)
    _show(times, arguments)


class Load:
    """Events at a steady pace, round robin over the homes, and when their effects and outcomes came."""

    def __init__(self, parts: dict[str, Process], homes: int) -> None:
        self._homes = [f"bench-{number}" for number in range(homes)]
        for home in self._homes:
            httpx.put(f"http://{parts['home'].address}/homes/{home}").raise_for_status()
        servers = parts["kafka"].address
        self._producer = KafkaProducer(bootstrap_servers=servers, acks="all", linger_ms=0)
        self._outcomes = KafkaConsumer(
            OUTCOMES_TOPIC, bootstrap_servers=servers, auto_offset_reset="earliest"
        )
        self._sent = 0

    def run(self, events: int, per_second: float) -> dict[str, list[float]]:
        """Milliseconds from the send to the effect and to the outcome, one per event."""
        sent_ms: dict[str, float] = {}
        times: dict[str, list[float]] = {"effect": [], "outcome": []}
        start = time.monotonic()
        while len(times["effect"]) < events:
            due = start + len(sent_ms) / per_second
            if len(sent_ms) < events and time.monotonic() >= due:
                sent_ms |= self._send()
            wait_s = due - time.monotonic() if len(sent_ms) < events else 1.0
            self._collect(sent_ms, times, wait_ms=max(0, int(wait_s * 1000)))
        return times

    def _send(self) -> dict[str, float]:
        self._sent += 1
        home, now_ms = self._homes[self._sent % len(self._homes)], time.time() * 1000
        function = "open_home_device" if self._sent % 2 else "close_home_device"
        action = pb.Action(
            id=f"{os.getpid():016x}-{self._sent}-0",
            function=function,
            arguments_json='{"device":"light","room":"kitchen"}',
        )
        event = pb.ActionEvent(
            action=action,
            session_id=os.getpid(),
            home=home,
            toolset="home",
            fence=1,
            emitted_at_ms=int(now_ms),
            expires_at_ms=int(now_ms) + EXPIRES_MS,
            delivery=pb.DELIVERY_IDEMPOTENT,
        )
        self._producer.send(ACTIONS_TOPIC, key=home.encode(), value=event.SerializeToString())
        return {action.id: now_ms}

    def _collect(self, sent_ms: dict[str, float], times: dict[str, list[float]], *, wait_ms: int) -> None:
        for batch in self._outcomes.poll(timeout_ms=wait_ms).values():
            for record in batch:
                outcome, now_ms = pb.ActionOutcome.FromString(record.value), time.time() * 1000
                if outcome.state != pb.OUTCOME_STATE_DONE:
                    raise SystemExit(f"an action was not done:\n{outcome}")
                times["effect"].append(outcome.effect_at_ms - sent_ms[outcome.action_id])
                times["outcome"].append(now_ms - sent_ms[outcome.action_id])


def _start(workdir: Path, stack: ExitStack) -> dict[str, Process]:
    parts: dict[str, Process] = {}
    for name, start in (
        ("kafka", lambda: kafka.start(workdir / "kafka", topics=PARTITIONS)),
        ("redis", lambda: redis.start(workdir / "redis")),
        ("home", lambda: services.start_home(workdir / "home")),
        ("executor", lambda: services.start_executor(workdir / "executor", _addresses(parts))),
    ):
        parts[name] = start()
        stack.callback(parts[name].stop)
    return parts


def _addresses(parts: dict[str, Process]) -> dict[str, str]:
    return {name: part.address for name, part in parts.items()}


@contextmanager
def _spinner() -> Iterator[None]:
    process = multiprocessing.get_context("spawn").Process(target=_spin, daemon=True)
    process.start()
    try:
        yield
    finally:
        process.kill()
        process.join()


def _spin() -> None:
    while True:
        pass


def _show(times: dict[str, list[float]], arguments: argparse.Namespace) -> None:
    figures = {
        name: {f"p{rank:g}": round(float(percentile(values, rank)), 1) for rank in (50, 90, 99, 100)}
        for name, values in times.items()
    }
    print(f"{'ms after the closing token':<28}{'p50':>8}{'p90':>8}{'p99':>8}{'max':>8}")
    for name, row in figures.items():
        print(f"{name:<28}" + "".join(f"{value:8.1f}" for value in row.values()))
    print(f"aim: p99 of the effect under {AIM_MS:.0f} ms")
    shape = {key: getattr(arguments, key) for key in ("events", "per_second", "homes", "spinners")}
    load = round(os.getloadavg()[0], 1)
    about = {"benchmark": "action", "aim_ms": AIM_MS, **shape, **figures, "load": load, "machine": machine()}
    print(json.dumps(about))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=500)
    parser.add_argument("--per-second", type=float, default=20.0)
    parser.add_argument("--homes", type=int, default=8)
    parser.add_argument("--spinners", type=int, default=1, help="busy cores beside it")
    return parser.parse_args()


if __name__ == "__main__":
    main()
