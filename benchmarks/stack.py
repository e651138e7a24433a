"""The whole stack's step time, from the scheduled send to the reply, with live sessions: Redis, Kafka,
Triton, home, executor and gateway as processes of their own, each step traced.

    PYTHONPATH=services:. python benchmarks/stack.py [--sessions 1 8 16] [--seconds 20] [--weights speaking]

Callers hear the shipped recordings over and over, each from another place, with silence between them, into
a home each. `--weights silent|speaking` takes random weights of the default shapes that never or always
speak: the bounds of what a trained model costs. The callers run on the same machine. The last line is one
JSON object.
"""

import argparse
import asyncio
import itertools
import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.engine import LOADS, steered_model, vocabulary_at_hand
from benchmarks.gateway import cpu_s, shown
from benchmarks.machine import machine
from benchmarks.paced_calls import cut, figures, live_calls

from duplexsla.cli.home_view import HomeView
from duplexsla.cli.wav import read_wav
from duplexsla.clock import CHUNK_BYTES, CHUNK_MS, CHUNK_S
from duplexsla.engine.checkpoint import MODEL_FILE, VOCABULARY_FILE
from duplexsla.local import kafka, redis, services, triton
from duplexsla.local.process import Process
from duplexsla.model.checkpoint import save_nano
from duplexsla.model.codec import Codec
from duplexsla.model.codec_file import save_codec

RECORDINGS = Path(__file__).parents[1] / "examples"
PAUSE_CHUNKS = 25  # 4 s after each recording, in which the reply is said
RANDOM = {"silent": "idle", "speaking": "speaking"}


def random_weights(folder: Path, load: str) -> Path:
    """Files of a decoder of the default shapes with one behaviour."""
    folder.mkdir(parents=True)
    vocabulary = vocabulary_at_hand()
    vocabulary.save(folder / VOCABULARY_FILE)
    anchor, written, _ = LOADS[RANDOM[load]]
    save_nano(steered_model(vocabulary, anchor, written), vocabulary, folder / MODEL_FILE)
    save_codec(Codec(), folder)
    return folder


@contextmanager
def whole(folder: Path, *, weights: Path | None, slots: int) -> Iterator[dict[str, Process]]:
    """Every part of the system, by name."""
    with ExitStack() as stack:
        parts: dict[str, Process] = {}

        def keep(name: str, process: Process) -> None:
            stack.callback(process.stop)
            parts[name] = process

        keep("redis", redis.start(folder / "redis"))
        keep("kafka", kafka.start(folder / "kafka", topics=kafka.TOPICS))
        settings = {"slots": str(slots), "trace_file": str(folder / "decoder.jsonl")}
        keep("triton", triton.start(folder / "triton", weights=weights, parameters=settings).process)
        keep("home", services.start_home(folder / "home"))
        addresses = {name: part.address for name, part in parts.items()}
        keep("executor", services.start_executor(folder / "executor", addresses))
        keep("gateway", services.start_gateway(folder / "gateway", addresses, slots=slots))
        yield parts


def sounds(callers: int, chunks: int) -> list[list[bytes]]:
    """What each caller says: all recordings in turn, begun at another one, `chunks` long."""
    pause = [bytes(CHUNK_BYTES)] * PAUSE_CHUNKS
    recordings = [cut(read_wav(path)) + pause for path in sorted(RECORDINGS.glob("*.wav"))]
    turns = [recordings[at % len(recordings) :] + recordings[: at % len(recordings)] for at in range(callers)]
    return [list(itertools.islice(itertools.cycle(itertools.chain(*turn)), chunks)) for turn in turns]


def measure(parts: dict[str, Process], callers: int, seconds: float, *, together: bool) -> dict[str, float]:
    homes = [f"bench-{callers}-{number}" for number in range(callers)]
    for home in homes:
        HomeView(parts["home"].address, home).create()
    busy = {name: cpu_s(part) for name, part in parts.items()}
    spoken = sounds(callers, int(seconds / CHUNK_S))
    calls = asyncio.run(live_calls(parts["gateway"].address, spoken, homes=homes, together=together))
    cores = {name: (cpu_s(part) - busy[name]) / seconds for name, part in parts.items()}
    return figures(calls) | {
        "gateway_p99_ms": _p99([ms for call in calls for ms in call.step_ms]),
        "actions": sum(call.calls for call in calls),
        "gateway_cores": round(cores["gateway"], 3),
    }


def _p99(values: list[float]) -> float:
    return round(sorted(values)[int(0.99 * (len(values) - 1))], 2) if values else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sessions", type=int, nargs="+", default=[1, 8, 16])
    parser.add_argument("--seconds", type=float, default=20.0, help="of each call")
    parser.add_argument("--weights", choices=("shipped", *RANDOM), default="shipped")
    parser.add_argument("--phases", choices=("random", "together"), default="random")
    options = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        weights = random_weights(folder / "weights", options.weights) if options.weights in RANDOM else None
        with whole(folder, weights=weights, slots=max(options.sessions)) as parts:
            for callers in options.sessions:
                row = measure(parts, callers, options.seconds, together=options.phases == "together")
                print(shown(row), flush=True)
                results.append(row)
    in_time = all(row["p99_ms"] < CHUNK_MS for row in results)
    about = {"benchmark": "stack", **machine(), "weights": options.weights, "phases": options.phases}
    print(json.dumps({**about, "p99_in_time": in_time, "results": results}))


if __name__ == "__main__":
    main()
