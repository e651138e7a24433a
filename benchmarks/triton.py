"""What Triton adds to a step: live sessions that send a chunk every 160 ms, each at its own phase.

    PYTHONPATH=services:. python benchmarks/triton.py [--sessions 1 8 16] [--seconds 10]

Latency runs from the scheduled send to the reply; a tick is the engine's own time inside it, the rest is
Triton's queue, its copies and the wire. One gRPC stream per session, as the gateway has. The last line is one
JSON object.
"""

import argparse
import asyncio
import json
import random
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import numpy as np
from benchmarks.engine import steered_model, vocabulary_at_hand
from benchmarks.machine import machine
from tritonclient.grpc import service_pb2, service_pb2_grpc

from duplexsla.clock import CHUNK_S, CHUNK_SAMPLES
from duplexsla.engine.checkpoint import MODEL_FILE, VOCABULARY_FILE
from duplexsla.local import triton
from duplexsla.model.checkpoint import save_nano
from duplexsla.model.codec import Codec
from duplexsla.model.codec_file import save_codec
from duplexsla.protocol import tokens

SOUND = np.random.default_rng(0).integers(-3_000, 3_000, CHUNK_SAMPLES).astype(np.int16).tobytes()
WARM_UP_CHUNKS = 6


def silent_weights(folder: Path) -> Path:
    """Random weights of the default shapes that stay silent."""
    vocabulary = vocabulary_at_hand()
    vocabulary.save(folder / VOCABULARY_FILE)
    model = steered_model(vocabulary, tokens.VAD_SILENCE, tokens.ACTION_END)
    save_nano(model, vocabulary, folder / MODEL_FILE)
    save_codec(Codec(), folder)
    return folder


def request(session: int, chunk: int, *, end: bool) -> Any:
    message = service_pb2.ModelInferRequest(model_name="duplexsla", id=str(chunk))
    message.parameters["sequence_id"].int64_param = session
    message.parameters["sequence_start"].bool_param = chunk == 0
    message.parameters["sequence_end"].bool_param = end
    number, one = np.uint64(chunk).tobytes(), np.uint64(1).tobytes()
    contents = {"AUDIO": ("INT16", SOUND), "CHUNK": ("UINT64", number), "FENCE": ("UINT64", one)}
    contents |= dict.fromkeys(("FORCED", "PAST"), ("BYTES", bytes(4)))
    for name, (kind, content) in contents.items():
        shape = [1, CHUNK_SAMPLES if name == "AUDIO" else 1]
        message.inputs.add(name=name, datatype=kind, shape=shape)
        message.raw_input_contents.append(content)
    return message


async def live(stub: Any, session: int, first_s: float, chunks: int) -> list[tuple[float, float, int]]:
    """(latency ms, tick ms, batch) of each chunk of one session whose clock starts at `first_s`."""

    async def sends() -> AsyncIterator[Any]:
        for chunk in range(chunks):
            await asyncio.sleep(first_s + chunk * CHUNK_S - time.perf_counter())
            yield request(session, chunk, end=chunk == chunks - 1)

    measured: list[tuple[float, float, int]] = []
    async for reply in stub.ModelStreamInfer(sends()):
        late_s = time.perf_counter() - first_s - len(measured) * CHUNK_S
        assert not reply.error_message, reply.error_message
        _, batch, tick_us, *_ = np.frombuffer(reply.infer_response.raw_output_contents[-1], np.uint32)
        measured.append((late_s * 1e3, tick_us / 1e3, int(batch)))
    return measured[WARM_UP_CHUNKS:]


async def measure(address: str, sessions: int, *, chunks: int, together: bool) -> dict[str, float]:
    rng, start_s = random.Random(0), time.perf_counter() + 0.3
    phases = [0.0 if together else rng.random() * CHUNK_S for _ in range(sessions)]
    ids = [rng.getrandbits(62) for _ in phases]
    async with grpc.aio.insecure_channel(address) as channel:
        stub = service_pb2_grpc.GRPCInferenceServiceStub(channel)
        calls = (live(stub, each, start_s + phase, chunks) for each, phase in zip(ids, phases, strict=True))
        rows = np.array([row for rows in await asyncio.gather(*calls) for row in rows])
    latency, tick, batch = rows.T
    p50, p99 = np.percentile(latency, [50, 99])
    added = np.percentile(latency - tick, 50)
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
    options = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory() as folder:
        server = triton.start(Path(folder) / "triton", weights=silent_weights(Path(folder)))
        try:
            for sessions in options.sessions:
                chunks = WARM_UP_CHUNKS + int(options.seconds / CHUNK_S)
                together = options.phases == "together"
                row = asyncio.run(measure(server.address, sessions, chunks=chunks, together=together))
                print("  ".join(f"{key} {value}" for key, value in row.items()), flush=True)
                results.append(row)
        finally:
            server.stop()
    print(json.dumps({"benchmark": "triton", **machine(), "phases": options.phases, "results": results}))


if __name__ == "__main__":
    main()
