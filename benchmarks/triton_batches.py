"""What Triton adds to a step: live sessions that send a chunk every 160 ms, each at its own phase.

    make bench-triton_batches ARGS="[--sessions 1 8 16] [--seconds 10]"

Latency runs from the scheduled send to the reply; a tick is the engine's own time inside it, the rest is
Triton's queue, its copies and the wire. All sessions share one stream of rows, as in the gateway;
`--gather-ms` is how long their rows wait for each other while others are at the decoder. The last line is one
JSON object.
"""

import argparse
import asyncio
import itertools
import json
import random
import tempfile
import time
from pathlib import Path

import numpy as np
from benchmarks.engine import steered_model, vocabulary_at_hand
from benchmarks.live_sessions import noise
from benchmarks.machine import machine

from duplexsla.clock import CHUNK_S
from duplexsla.engine.model_folder import MODEL_FILE, VOCABULARY_FILE, write_config
from duplexsla.gateway.decoders.client import GATHER_S, DecoderClients
from duplexsla.local import triton
from duplexsla.model.checkpoint import save_nano
from duplexsla.model.codec import Codec
from duplexsla.model.codec_file import save_codec
from duplexsla.protocol import tokens
from duplexsla.report.percentile import percentile
from duplexsla.session.store.leases import Lease
from duplexsla.tools import TOOLSETS

SOUND = noise(1)[0].tobytes()
WARM_UP_CHUNKS = 6


def silent_weights(folder: Path) -> Path:
    """Random weights of the default shapes that stay silent."""
    vocabulary = vocabulary_at_hand()
    vocabulary.save(folder / VOCABULARY_FILE)
    write_config(folder, TOOLSETS)
    model = steered_model(vocabulary, tokens.VAD_SILENCE, tokens.ACTION_END)
    save_nano(model, vocabulary, folder / MODEL_FILE)
    save_codec(Codec(), folder)
    return folder


async def live(
    decoders: DecoderClients, lease: Lease, first_s: float, chunks: int
) -> list[tuple[float, float, int]]:
    """(latency ms, tick ms, batch) of each chunk of one session whose clock starts at `first_s`."""
    stream = decoders.stream(lease, "home")

    async def send() -> None:
        for chunk in range(chunks):
            await asyncio.sleep(first_s + chunk * CHUNK_S - time.perf_counter())
            stream.send(chunk, SOUND, forced="", traceparent="")

    sending = asyncio.create_task(send())
    measured: list[tuple[float, float, int]] = []
    for chunk in range(chunks):
        _, step = await stream.receive()
        late_s = time.perf_counter() - first_s - chunk * CHUNK_S
        measured.append((late_s * 1e3, step.tick.duration_us / 1e3, step.tick.batch))
    await sending
    await stream.close()
    return measured[WARM_UP_CHUNKS:]


async def measure(
    address: str, sessions: int, *, chunks: int, together: bool, gather_s: float
) -> dict[str, float]:
    rng, start_s = random.Random(0), time.perf_counter() + 0.3
    phases = [0.0 if together else rng.random() * CHUNK_S for _ in range(sessions)]
    leases = [Lease(rng.getrandbits(62), "bench", 1, address, 1) for _ in phases]
    decoders = DecoderClients(gather_s=gather_s)
    calls = (
        live(decoders, lease, start_s + phase, chunks) for lease, phase in zip(leases, phases, strict=True)
    )
    rows = np.array([row for rows in await asyncio.gather(*calls) for row in rows])
    await decoders.close()
    latency, tick, batch = rows.T
    p50, p99 = (percentile(latency.tolist(), rank) for rank in (50, 99))
    added = percentile((latency - tick).tolist(), 50)
    figures = {"p50_ms": p50, "p99_ms": p99, "tick_p50_ms": np.median(tick), "added_p50_ms": added}
    figures["batch"] = batch.mean()
    return {"sessions": sessions, **{name: round(float(value), 2) for name, value in figures.items()}}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sessions", type=int, nargs="+", default=[1, 8, 16])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--phases", choices=["random", "together"], default="random")
    parser.add_argument("--gather-ms", type=float, nargs="+", default=[GATHER_S * 1e3])
    options = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory() as folder:
        slots = {"slots": str(max(options.sessions))}
        server = triton.start(Path(folder) / "triton", weights=silent_weights(Path(folder)), parameters=slots)
        try:
            for sessions, gather_ms in itertools.product(options.sessions, options.gather_ms):
                chunks = WARM_UP_CHUNKS + int(options.seconds / CHUNK_S)
                together = options.phases == "together"
                found = asyncio.run(
                    measure(
                        server.address, sessions, chunks=chunks, together=together, gather_s=gather_ms / 1e3
                    )
                )
                row = {"gather_ms": gather_ms, **found}
                print("  ".join(f"{key} {value}" for key, value in row.items()), flush=True)
                results.append(row)
        finally:
            server.stop()
    print(json.dumps({"benchmark": "triton", **machine(), "phases": options.phases, "results": results}))


if __name__ == "__main__":
    main()
