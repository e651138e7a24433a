"""How many live sessions the whole stack holds on this machine, and where its processor time goes: Redis,
Kafka, Triton, home, executor and gateway as processes of their own, each step traced; the load test beside.

    make bench-stack ARGS="[--sessions 1 8 16] [--seconds 20] [--mix mixed]"
    make bench-stack ARGS="--search --sessions 8 128"
    make bench-stack ARGS="--sessions 64 --slots 32"
    make bench-stack ARGS="--sessions 32 --tracing off 0.1 all"

The first form plays each number of sessions, the second searches between the two for the most that hold the
load test's default objectives. The third is an overload: twice as many callers as slots. The fourth plays the
same with each way to trace, the whole stack started anew for each. `--weights silent|speaking` takes random
weights of the default shapes that never or always speak: the bounds of what a trained model costs. `--phases
together` lets all callers begin at one instant. Beside each row: the share of a processor that each part
used. The last line is one JSON object.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from benchmarks.engine import LOADS, steered_model, vocabulary_at_hand
from benchmarks.gateway import cpu_s, shown
from benchmarks.machine import machine

from duplexsla.clock import CHUNK_MS
from duplexsla.engine.model_folder import MODEL_FILE, VOCABULARY_FILE, write_config
from duplexsla.local import kafka, redis, services, triton
from duplexsla.local.process import Process
from duplexsla.model.checkpoint import save_nano
from duplexsla.model.codec import Codec
from duplexsla.model.codec_file import save_codec
from duplexsla.protocol.topics import PARTITIONS
from duplexsla.tools import TOOLSETS
from duplexsla_loadtest import capacity_search
from duplexsla_loadtest.bisection import Bisection
from duplexsla_loadtest.coordinator import Job
from duplexsla_loadtest.mix import read_mix
from duplexsla_loadtest.objectives import read_objectives
from duplexsla_loadtest.plan import Load
from duplexsla_loadtest.report import Report, figures
from duplexsla_loadtest.run import measure

WARM_UP_S, RAMP_S = 8.0, 4.0
RANDOM = {"silent": "idle", "speaking": "speaking"}
FIGURES = (
    "chunks", "step_p50_ms", "step_p90_ms", "step_p99_ms", "step_max_ms", "server_step_p99_ms", "misses",
    "miss_ratio", "concealed_chunks", "lost", "first_sound_p50_ms", "actions", "outcome_done",
    "outcome_confirm", "action_p99_ms", "actions_missing", "actions_extra", "underrun_ratio",
    "conversations", "refused", "refusal_p50_ms", "refusal_p99_ms", "failed", "own_lag_p99_ms",
)  # fmt: skip


def random_weights(folder: Path, load: str) -> Path:
    """Files of a decoder of the default shapes with one behaviour."""
    folder.mkdir(parents=True)
    vocabulary = vocabulary_at_hand()
    vocabulary.save(folder / VOCABULARY_FILE)
    write_config(folder, TOOLSETS)
    anchor, written, _ = LOADS[RANDOM[load]]
    save_nano(steered_model(vocabulary, anchor, written), vocabulary, folder / MODEL_FILE)
    save_codec(Codec(), folder)
    return folder


@contextmanager
def whole(
    folder: Path, *, weights: Path | None, slots: int, tracing: str = "all"
) -> Iterator[dict[str, Process]]:
    """Every part of the system, by name."""
    with ExitStack() as stack:
        parts: dict[str, Process] = {}

        def keep(name: str, process: Process) -> None:
            stack.callback(process.stop)
            parts[name] = process

        keep("redis", redis.start(folder / "redis"))
        keep("kafka", kafka.start(folder / "kafka", topics=PARTITIONS))
        settings = {"slots": str(slots)}
        if tracing != "off":
            settings |= {"trace_file": str(folder / "decoder.jsonl"), "trace_policy": tracing}
        keep("triton", triton.start(folder / "triton", weights=weights, parameters=settings).process)
        keep("home", services.start_home(folder / "home"))
        addresses = {name: part.address for name, part in parts.items()}
        keep("executor", services.start_executor(folder / "executor", addresses))
        keep(
            "gateway",
            services.start_gateway(folder / "gateway", addresses, slots=slots, trace_policy=tracing),
        )
        yield parts


def family(pid: int) -> list[int]:
    """A process and all that it started."""
    listed = (Path(f"/proc/{pid}/task/{task.name}/children") for task in Path(f"/proc/{pid}/task").iterdir())
    return [
        pid,
        *(each for path in listed for child in path.read_text().split() for each in family(int(child))),
    ]


class Bench:
    """One running stack, and runs of the load test against it."""

    def __init__(self, parts: dict[str, Process], options: argparse.Namespace) -> None:
        self._parts, self._objectives = parts, read_objectives()
        ramp_s = 0.0 if options.phases == "together" else RAMP_S
        load = Load(1, WARM_UP_S + options.seconds, ramp_s, seed=1)
        self.job = Job(parts["gateway"].address, read_mix(options.mix), load, WARM_UP_S, homes="bench-")
        self.cores: dict[str, float] = {}

    def play(self, job: Job) -> Report:
        busy, begun_s = self._busy_s(), time.monotonic()
        report = measure(
            job, self._objectives, homes_url=self._parts["home"].address, watch=lambda _r, _n: None
        )
        spent_s = time.monotonic() - begun_s
        self.cores = {name: round((used - busy[name]) / spent_s, 3) for name, used in self._busy_s().items()}
        return report

    def _busy_s(self) -> dict[str, float]:
        """Processor time of each part, with the processes that it started (Triton's model runs in one)."""
        return {name: sum(map(cpu_s, family(part.pid))) for name, part in self._parts.items()}

    def row(self, sessions: int) -> dict[str, object]:
        report = self.play(replace(self.job, load=replace(self.job.load, sessions=sessions)))
        found = {"sessions": sessions, **figures(report.measured, FIGURES)}
        print(report.verdict.word, shown(found), self.cores, flush=True)
        return {**found, "verdict": report.verdict.word, "cores": self.cores}

    def search(self, first: int, most: int) -> dict[str, object]:
        search = Bisection(first=first, most=most, resolution=0.05, repeats=3)

        def on_trial(trial: capacity_search.Trial) -> None:
            print(capacity_search.line(trial), self.cores, flush=True)

        found = capacity_search.search_capacity(self.job, search, self.play, on_trial, rest_s=3.0)
        print(capacity_search.text(found))
        return found.row()


def played(folder: Path, options: argparse.Namespace, tracing: str) -> list[dict[str, object]]:
    """What one start of the stack measured."""
    weights = random_weights(folder / "weights", options.weights) if options.weights in RANDOM else None
    slots = options.slots or max(options.sessions)
    with whole(folder, weights=weights, slots=slots, tracing=tracing) as parts:
        bench = Bench(parts, options)
        if options.search:
            return [bench.search(options.sessions[0], options.sessions[-1])]
        return [{"tracing": tracing, **bench.row(sessions)} for sessions in options.sessions]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sessions", type=int, nargs="+", default=[1, 8, 16])
    parser.add_argument("--search", action="store_true", help="from the first of --sessions to the last")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each run, after the warm-up")
    parser.add_argument("--mix", default="mixed", help="of the load test")
    parser.add_argument("--slots", type=int, default=0, help="of the decoder (0: as many as sessions)")
    parser.add_argument("--weights", choices=("shipped", *RANDOM), default="shipped")
    parser.add_argument("--phases", choices=("random", "together"), default="random")
    parser.add_argument("--tracing", nargs="+", default=["all"], help="off, all, slo or a share, as 0.1")
    options = parser.parse_args()
    results: list[dict[str, object]] = []
    for tracing in options.tracing:
        with tempfile.TemporaryDirectory() as name:
            results += played(Path(name), options, tracing)
    about = {"benchmark": "stack", **machine(), "mix": options.mix, "seconds": options.seconds}
    about |= {"weights": options.weights, "phases": options.phases, "deadline_ms": CHUNK_MS}
    print(json.dumps({**about, "results": results}))


if __name__ == "__main__":
    main()
