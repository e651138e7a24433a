"""The whole system on this machine: Redis, Kafka, home, decoders, executors and gateways, on free ports.

Of several of a kind the first has the kind's name, the others have a number: "triton", "triton-2".

`up` leaves them running, `down` stops them, also from another process and also after a crash of `up`: what
runs is written to a state file, and every process carries the system's directory in its environment.
"""

import os
import shutil
import signal
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock

from duplexsla.errors import SettingError
from duplexsla.local import health, kafka, redis, services, state, triton
from duplexsla.local.authority import TENANT, access_in, make_access
from duplexsla.local.process import Process, free_port, is_running, processes_with, until
from duplexsla.protocol.topics import PARTITIONS

Say = Callable[[str], None]
Starts = dict[str, Callable[[], Process]]  # by name

ACCESS = "access"  # the folder of a secure system
RUN_VARIABLE = "DUPLEXSLA_RUN"
STOP_ORDER = (("gateway",), ("executor",), ("home", "triton", "kafka", "redis"))  # each group at once
HEALTHY: Mapping[str, Callable[[str], bool]] = {
    "redis": health.redis_answers,
    "kafka": health.listens,
    "triton": health.grpc_serves,
    "home": lambda address: health.http_answers(f"http://{address}/healthz"),
    "executor": lambda address: health.http_answers(f"http://{address}/healthz"),
    "gateway": lambda address: health.http_answers(f"http://{address}/healthz"),
}


@dataclass(frozen=True)
class Options:
    """Options of a start."""

    weights: Path | None = None  # a folder whose files stand in for those beside model.py
    otlp: str = ""  # a collector's host:port
    slots: int = 16  # sessions at once, per decoder
    decoders: int = 1
    executors: int = 1
    gateways: int = 1
    fresh: bool = False  # forget the homes, records and logs of earlier runs
    homes_file: Path | None = None  # which backend holds which home; without one all are simulated
    secure: bool = False  # callers are asked for an API key, over TLS: see `access_in`
    history: Path | None = None  # a folder for what every part does, as `duplexsla check` reads it

    def __post_init__(self) -> None:
        if self.weights and not self.weights.is_dir():
            raise SettingError(f"there is no folder {self.weights} with weights")


@dataclass(frozen=True)
class PartHealth:
    process: Process
    alive: bool
    healthy: bool


def up(directory: Path, *, say: Say, options: Options | None = None) -> dict[str, Process]:
    """Starts everything and returns the processes by name once all of them answer; all or nothing.

    Raises SettingError when this system runs already, and what the part that failed raised.
    """
    with state.locked(directory):
        if any(process.alive() for process in state.read(directory).values()):
            raise SettingError(f"the system in {directory} is up already: `duplexsla down` stops it")
        _stop_all(directory, say=say)
        options = options or Options()
        if options.history:
            options.history.mkdir(parents=True, exist_ok=True)
        if options.fresh:
            _wipe(directory)
        shutil.rmtree(directory / ACCESS, ignore_errors=True)
        if options.secure:
            make_access(directory / ACCESS)
        try:
            with _processes_marked(directory):
                return _Start(directory, say, options).run()
        except BaseException:
            _stop_all(directory, say=say)
            raise


def down(directory: Path, *, say: Say) -> int:
    """Stops what runs, callers first, stores last; returns how many processes there were. Fine when none."""
    with state.locked(directory):
        return _stop_all(directory, say=say)


def status(directory: Path) -> list[PartHealth]:
    """Each part as it is now, in the order in which they were started."""
    parts = []
    for name, process in state.read(directory).items():
        alive = process.alive()
        parts.append(PartHealth(process, alive, alive and HEALTHY[kind(name)](_asked_at(process))))
    return parts


@contextmanager
def running(directory: Path, *, say: Say, options: Options | None = None) -> Iterator[dict[str, Process]]:
    """The system for the length of a `with` block; stopped whatever happens."""
    processes = up(directory, say=say, options=options)
    try:
        yield processes
    finally:
        down(directory, say=say)


def _asked_at(process: Process) -> str:
    """Where a part says how it is: gateways, whose port may be encrypted, on their control port."""
    return process.control if kind(process.name) == "gateway" else process.address


@contextmanager
def _processes_marked(directory: Path) -> Iterator[None]:
    """Every process that is started meanwhile carries the system's mark."""
    os.environ[RUN_VARIABLE] = str(directory)
    try:
        yield
    finally:
        del os.environ[RUN_VARIABLE]


class _Start:
    """One start: parts that do not need each other come up side by side."""

    def __init__(self, directory: Path, say: Say, options: Options) -> None:
        self._directory, self._say, self._options = directory, say, options
        self._processes: dict[str, Process] = {}
        self._lock = Lock()

    def run(self) -> dict[str, Process]:
        options = self._options
        stores: Starts = {"redis": self._redis, "kafka": self._kafka, "home": self._home}
        self._together(stores | _each("triton", options.decoders, self._triton))
        ports = [free_port() for _ in range(options.gateways)]
        gateways = _each("gateway", options.gateways, lambda name: self._gateway(name, ports))
        self._together(_each("executor", options.executors, self._executor) | gateways)
        return self._processes

    def _together(self, starts: "Starts") -> None:
        with ThreadPoolExecutor(len(starts)) as pool:
            futures = [pool.submit(self._one, name, start) for name, start in starts.items()]
        _raise_first(futures)

    def _one(self, name: str, start: Callable[[], Process]) -> None:
        process = start()
        with self._lock:
            self._processes[name] = process
            state.write(self._directory, self._processes)
        self._say(f"{name:<10}  ready at {process.address}, process {process.pid}")

    def _redis(self) -> Process:
        return redis.start(self._workdir("redis"), say=self._say)

    def _kafka(self) -> Process:
        return kafka.start(self._workdir("kafka"), topics=PARTITIONS, say=self._say)

    def _triton(self, name: str) -> Process:
        workdir = self._workdir(name)
        parameters = {
            "slots": str(self._options.slots),
            "otlp": self._options.otlp,
            "trace_file": str(services.trace_file(workdir, "decoder")),
            "history": str(self._options.history or ""),
        }
        weights = self._options.weights
        return triton.start(workdir, parameters=parameters, weights=weights, name=name, say=self._say).process

    def _home(self) -> Process:
        homes = f"{TENANT}~demo" if self._options.secure else "demo"
        return services.start_home(self._workdir("home"), history=self._options.history, homes=homes)

    def _executor(self, name: str) -> Process:
        return services.start_executor(
            self._workdir(name),
            self._addresses(),
            otlp=self._options.otlp,
            history=self._options.history,
            homes_file=self._options.homes_file,
            name=name,
        )

    def _gateway(self, name: str, ports: Sequence[int]) -> Process:
        return services.start_gateway(
            self._workdir(name),
            self._addresses(),
            otlp=self._options.otlp,
            port=ports[number(name) - 1],
            slots=self._options.slots,
            history=self._options.history,
            gateways=[f"127.0.0.1:{port}" for port in ports] if len(ports) > 1 else (),
            access=access_in(self._directory / ACCESS),
            name=name,
        )

    def _addresses(self) -> dict[str, str]:
        """By kind; of several of a kind all of them, with commas."""
        with self._lock:
            found: dict[str, list[str]] = defaultdict(list)
            for name, process in self._processes.items():
                found[kind(name)].append(process.address)
            return {each: ",".join(addresses) for each, addresses in found.items()}

    def _workdir(self, part: str) -> Path:
        return self._directory / part


def _raise_first(futures: list[Future[None]]) -> None:
    for future in futures:
        future.result()


def kind(name: str) -> str:
    """Of a part: "gateway" of "gateway-2"."""
    return name.partition("-")[0]


def number(name: str) -> int:
    return int(name.partition("-")[2] or 1)


def _each(kind: str, count: int, start: Callable[[str], Process]) -> "Starts":
    names = [kind if n == 1 else f"{kind}-{n}" for n in range(1, count + 1)]
    return {name: partial(start, name) for name in names}


def _wipe(directory: Path) -> None:
    for folder in directory.glob("*"):
        if kind(folder.name) in HEALTHY:
            shutil.rmtree(folder, ignore_errors=True)


def _stop_all(directory: Path, *, say: Say) -> int:
    processes = state.read(directory)
    alive = {name: process for name, process in processes.items() if process.alive()}
    for group in STOP_ORDER:
        stopping = [process for each in group for name, process in alive.items() if kind(name) == each]
        _stop_together(stopping, say)
    stray = _stop_strays(directory)
    if stray:
        say(f"{stray} more left behind by a crash, stopped")
    state.forget(directory)
    return len(alive) + stray


def _stop_together(processes: list[Process], say: Say) -> None:
    if not processes:
        return
    with ThreadPoolExecutor(len(processes)) as pool:
        list(pool.map(Process.stop, processes))
    say(f"{', '.join(process.name for process in processes)}: stopped")


def _stop_strays(directory: Path) -> int:
    """Ends what carries this system's mark and is in no state file."""
    strays = processes_with(RUN_VARIABLE, str(directory))
    for pid in strays:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    until(lambda: not any(map(is_running, strays)), 5.0)
    return len(strays)
