"""The gateway beside a bare grpc.aio echo of the same bytes, in one run; the decoder is an echo on the wire.

    make bench-gateway ARGS="[--sessions 1 8 16] [--seconds 8] [--flood 8]"

Two measures. Flood: some sessions send as fast as they are answered; steps per second and the server's own
processor time per step (a gateway's step crosses two hops, the echo's one; a relay that does nothing is shown
beside, with a stream to the decoder for each session, where the gateway has one for all). Live: paced
callers, latency from the scheduled send. Rounds of the servers alternate, medians are shown. The last line is
one JSON object.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager
from pathlib import Path

from benchmarks.machine import machine

from duplexsla.client import Conversation, connect, play
from duplexsla.clock import CHUNK_BYTES, CHUNK_SAMPLES
from duplexsla.local.health import listens
from duplexsla.local.process import Process, await_ready, free_port, launch
from duplexsla_loadtest.coordinator import Job
from duplexsla_loadtest.coordinator import play as play_run
from duplexsla_loadtest.mix import read_mix
from duplexsla_loadtest.plan import Load

ROUNDS = 3
WARM_UP_S = 2.0
FLOOD_CHUNKS = 300
MANY_SLOTS = "1024"
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@contextmanager
def started(name: str, folder: Path, command: Sequence[str], address: str, **more: str) -> Iterator[Process]:
    environ = {"PYTHONPATH": os.environ.get("PYTHONPATH", "services:lab:loadtest:.")} | more
    process = launch(
        name, [sys.executable, *command], log=folder / f"{name}.log", address=address, environ=environ
    )
    try:
        yield await_ready(process, lambda: listens(address), timeout_s=30)
    finally:
        process.stop()


def gateway_settings(address: str, decoder: str, folder: Path, *, traced: bool) -> Mapping[str, str]:
    settings = {"LISTEN": address, "DECODERS": decoder, "SLOTS": MANY_SLOTS, "LOG": "warning"}
    settings |= {"TRACE_FILE": str(folder / "trace.jsonl")} if traced else {}
    return {f"DUPLEXSLA_{name}": value for name, value in settings.items()}


def servers(folder: Path, stack: ExitStack) -> dict[str, Process]:
    """bare, relay, gateway, and a gateway that traces every step."""
    names = ("bare", "decoder", "relay", "gateway", "traced")
    addresses = {name: f"127.0.0.1:{free_port()}" for name in names}
    found: dict[str, Process] = {}
    for kind, *behind in (("bare",), ("decoder",), ("relay", addresses["decoder"])):
        command = ["-m", "benchmarks.echo_servers", kind, addresses[kind], *behind]
        found[kind] = stack.enter_context(started(kind, folder, command, addresses[kind]))
    for name in ("gateway", "traced"):
        settings = gateway_settings(addresses[name], addresses["decoder"], folder, traced=name == "traced")
        command = ["-m", "duplexsla.gateway"]
        found[name] = stack.enter_context(started(name, folder, command, addresses[name], **settings))
    del found["decoder"]
    return found


def cpu_s(pid: int) -> float:
    """Processor time that a process has used, s."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


async def flood(address: str, sessions: int) -> int:
    """Steps that these sessions got answered, as fast as they went."""

    async def one(conversation: Conversation) -> int:
        samples = random.Random(0).randbytes(FLOOD_CHUNKS * CHUNK_BYTES)
        sending = asyncio.create_task(play(conversation, samples, paced=False, frame_samples=CHUNK_SAMPLES))
        count = 0
        async for response in conversation:
            count += response.HasField("chunk")
        await sending
        return count

    async with connect(address) as client, AsyncExitStack() as stack:
        calls = [client.converse(f"h{n}", clock="file") for n in range(sessions)]
        opened = [await stack.enter_async_context(call) for call in calls]
        return sum(await asyncio.gather(*map(one, opened)))


def flood_row(server: Process, sessions: int) -> dict[str, float]:
    cpu, start = cpu_s(server.pid), time.perf_counter()
    steps = asyncio.run(flood(server.address, sessions))
    took_s, used_s = time.perf_counter() - start, cpu_s(server.pid) - cpu
    return {"steps_per_s": steps / took_s, "cpu_us_per_step": 1e6 * used_s / steps}


def live_row(server: Process, sessions: int, seconds: float) -> dict[str, float]:
    load = Load(sessions, WARM_UP_S + seconds, ramp_s=1.0, seed=1)
    job = Job(server.address, read_mix("silence"), load, WARM_UP_S, homes="h", workers=1)
    cpu = cpu_s(server.pid)
    run = play_run(job, lambda _run, _now: None)
    used_s, steps = cpu_s(server.pid) - cpu, sum(each.counts["chunks"] for each in run.seconds.values())
    steps_ms = run.measured.times["step"]
    percentiles = {f"p{rank}_ms": round(steps_ms.percentile(rank), 2) for rank in (50, 90, 99)}
    misses = run.measured.counts["misses"]
    return {
        "sessions": sessions,
        **percentiles,
        "misses": misses,
        "cpu_us_per_step": round(1e6 * used_s / steps),
    }


def floods(found: Mapping[str, Process], sessions: int) -> dict[str, dict[str, float]]:
    """Medians over alternating rounds."""
    rows: dict[str, list[dict[str, float]]] = {name: [] for name in found}
    for _ in range(ROUNDS):
        for name, server in found.items():
            rows[name].append(flood_row(server, sessions))
    return {
        name: {key: round(statistics.median(row[key] for row in each)) for key in each[0]}
        for name, each in rows.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sessions", type=int, nargs="+", default=[1, 8, 16], help="live callers")
    parser.add_argument("--seconds", type=float, default=8.0, help="of each live call")
    parser.add_argument("--flood", type=int, default=8, help="sessions of the flood")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        found = servers(Path(folder), stack)
        flooded = floods(found, options.flood)
        for name, row in flooded.items():
            print(f"flood  {name:<8} {options.flood} sessions  {shown(row)}", flush=True)
        live = []
        for sessions in options.sessions:
            for name, server in found.items():
                row = live_row(server, sessions, options.seconds)
                print(f"live   {name:<8} {shown(row)}", flush=True)
                live.append({"server": name} | row)
    ratios = {
        f"{name}/{floor}": round(flooded[name]["steps_per_s"] / flooded[floor]["steps_per_s"], 2)
        for name, floor in (
            ("gateway", "bare"),
            ("relay", "bare"),
            ("gateway", "relay"),
            ("traced", "gateway"),
        )
    }
    print(json.dumps({"benchmark": "gateway", **machine(), "ratios": ratios, "flood": flooded, "live": live}))


def shown(row: Mapping[str, float]) -> str:
    return "  ".join(f"{key} {value:g}" for key, value in row.items())


if __name__ == "__main__":
    main()
