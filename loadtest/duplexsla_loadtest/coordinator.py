"""Many worker processes, one run: shares the plan, starts all at one instant, adds up what they report."""

import math
import multiprocessing
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait

from duplexsla.client.channels import ClientTls
from duplexsla.client.credentials import Token
from duplexsla.errors import DuplexSLAError
from duplexsla_loadtest.caller import CallerSettings
from duplexsla_loadtest.metrics import Metrics, total
from duplexsla_loadtest.mix import Mix
from duplexsla_loadtest.plan import Load, plan
from duplexsla_loadtest.worker import ConversationResult, WorkerPlan, work

CALLERS_PER_WORKER = 150  # what one process paces without being late
LEAD_S = 0.3  # from the last worker's being ready to the beginning of the run
READY_TIMEOUT_S = 60.0  # for the workers to be ready


@dataclass(frozen=True)
class Job:
    """One run."""

    address: str
    mix: Mix
    load: Load
    warm_up_s: float
    homes: str = "load-"
    workers: int = 0  # 0: as many as the callers need
    nice: int = -10  # of the workers, where that is allowed: a caller's chunks leave on time
    settings: CallerSettings = field(default_factory=CallerSettings)
    token: Token = field(default="", repr=False)
    tls: ClientTls | None = None


@dataclass
class LoadRun:
    """What a run measured. `own` holds what each worker measured of itself; `lost_workers` died."""

    job: Job
    seconds: defaultdict[int, Metrics] = field(default_factory=lambda: defaultdict(Metrics))
    results: list[ConversationResult] = field(default_factory=list)
    own: list[Metrics] = field(default_factory=list)
    lost_workers: int = 0
    began_at: float = 0.0  # Unix time, s

    @property
    def measured(self) -> Metrics:
        return total(result.metrics for result in self.results)

    @property
    def window_s(self) -> float:
        return self.job.load.duration_s - self.job.warm_up_s


def play(job: Job, watch: Callable[[LoadRun, float], None]) -> LoadRun:
    """Plays a run; `watch` gets what is known so far, and the second of the run, about once a second."""
    run = LoadRun(job)
    with _workers(job) as pipes:
        _await_ready(pipes)
        origin = time.monotonic() + LEAD_S
        run.began_at = time.time() + LEAD_S
        for pipe in pipes:
            pipe.send(origin)
        _collect(run, pipes, lambda: watch(run, time.monotonic() - origin))
    return run


def worker_plans(job: Job) -> list[WorkerPlan]:
    """The plan divided among the workers, round robin."""
    planned = plan(job.mix, job.load)
    count = job.workers or _worker_count(len({each.home for each in planned}))
    return [
        WorkerPlan(
            address=job.address,
            mix=job.mix,
            planned=planned[rank::count],
            homes=job.homes,
            seed=job.load.seed,
            warm_up_s=job.warm_up_s,
            duration_s=job.load.duration_s,
            nice=job.nice,
            settings=job.settings,
            token=job.token,
            tls=job.tls,
        )
        for rank in range(count)
    ]


def _worker_count(callers: int) -> int:
    cores = len(os.sched_getaffinity(0))
    return max(1, min(cores, math.ceil(callers / CALLERS_PER_WORKER)))


@contextmanager
def _workers(job: Job) -> Iterator[list[Connection]]:
    context = multiprocessing.get_context("spawn")
    processes, pipes = [], []
    try:
        for each in worker_plans(job):
            ours, theirs = context.Pipe()
            process = context.Process(target=work, args=(each, theirs), daemon=True)
            process.start()
            theirs.close()
            processes.append(process)
            pipes.append(ours)
        yield pipes
    finally:
        for process in processes:
            process.kill()
            process.join()
        for pipe in pipes:
            pipe.close()


def _await_ready(pipes: Sequence[Connection]) -> None:
    """DuplexSLAError when a worker does not start."""
    for pipe in pipes:
        try:
            ready = pipe.poll(READY_TIMEOUT_S) and pipe.recv()
        except EOFError:
            ready = False
        if not ready:
            raise DuplexSLAError("a worker process of the load test did not start")


def _collect(run: LoadRun, pipes: Sequence[Connection], tick: Callable[[], None]) -> None:
    """Reads all pipes until each said that it is done, or broke."""
    left, last_s = list(pipes), 0.0
    while left:
        for pipe in wait(left, timeout=0.5):
            assert isinstance(pipe, Connection)
            if not _receive(run, pipe):
                left.remove(pipe)
        if time.monotonic() - last_s >= 1.0:
            last_s = time.monotonic()
            tick()


def _receive(run: LoadRun, pipe: Connection) -> bool:
    """Reads one message; whether more may come."""
    try:
        kind, what = pipe.recv()
    except (EOFError, ConnectionResetError):
        run.lost_workers += 1
        return False
    if kind == "seconds":
        for second, metrics in what.items():
            run.seconds[second].add(metrics)
    elif kind == "conversation":
        run.results.append(what)
    elif kind == "own":
        run.own.append(what)
    return bool(kind != "done")
