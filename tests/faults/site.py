"""The system under fault: every part a real process, the decoders behind proxies, a history from each."""

import asyncio
import json
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from tests.faults.proxy import Proxy
from tests.faults.scripts import SCRIPTS
from tests.support.scripted_calls import TOOLSETS
from tests.support.scripted_decoder.weights import scripted_weights

from duplexsla.executor.broker.topics import make_topics
from duplexsla.history import HistoryLog, open_history
from duplexsla.history.invariants import CheckReport, check_invariants
from duplexsla.history.reader import HistoryLine, HistoryReader, effect_lines
from duplexsla.local import kafka, redis, services, triton
from duplexsla.local.process import Process, free_port, until

ASK_S = 60.0
MOST_EFFECTS = 1_000


class Size(NamedTuple):
    """How many of each part; `slots` of one decoder. With sentinels, Redis has a replica."""

    decoders: int = 2
    gateways: int = 2
    executors: int = 2
    slots: int = 12
    brokers: int = 1
    sentinels: int = 0
    scripted: bool = False  # decoders that follow the scripts of scripts.py, in place of the weights


class Site:
    """To be entered with `async with`. Parts have names: redis, kafka, home, decoder-1, gateway-1..."""

    def __init__(self, folder: Path, size: Size, *, say: Callable[[str], None] = print) -> None:
        self.folder, self.size, self._say = folder, size, say
        self.parts: dict[str, Process] = {}
        self.ways: dict[str, Proxy] = {}  # to the decoders, by their names
        self.fronts: dict[str, Proxy] = {}  # to the gateways, for clients that are to have bad ones
        self.redis_way = ""  # host:port of a way to Redis, for parts that are started from now on
        self.otlp = ""  # host:port of a collector, for gateways that are started from now on
        self.ports = [free_port() for _ in range(size.gateways)]
        self._brokers = [[free_port() for _ in range(size.brokers)] for _ in range(2)]
        self.histories = folder / "histories"
        self._weights: Path | None = None  # None: those that ship
        self._stack = AsyncExitStack()
        self.history: HistoryLog

    async def __aenter__(self) -> "Site":
        self.histories.mkdir(parents=True, exist_ok=True)
        self.history = open_history(str(self.histories), "client")
        self._stack.callback(self.history.close)
        self._stack.callback(self._stop)
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    @property
    def gateways(self) -> list[str]:
        return [f"127.0.0.1:{port}" for port in self.ports]

    @property
    def kafka(self) -> str:
        """Addresses of the brokers, with commas."""
        return ",".join(part.address for part in self.all("kafka"))

    def all(self, kind: str) -> list[Process]:
        return [self.parts[name] for name in self.names(kind)]

    def names(self, kind: str) -> list[str]:
        return sorted(name for name in self.parts if name.partition("-")[0] == kind)

    async def front(self, name: str) -> str:
        """Address of a bad way to a gateway."""
        if name not in self.fronts:
            self.fronts[name] = Proxy(self.parts[name].address, seed=len(self.fronts))
            await self._stack.enter_async_context(self.fronts[name])
        return self.fronts[name].address

    async def busiest(self) -> str:
        """Name of the decoder with the most sessions; one that starts anew, as after a hang, has none."""
        held = {}
        for name in self.names("decoder"):
            with suppress(OSError):
                held[name] = (await self.ask(name))["sessions"]
        return max(held, key=held.__getitem__)

    async def mend(self) -> None:
        """Every part runs and answers again; what was asked of devices and proxies on purpose is over."""
        for way in (*self.ways.values(), *self.fronts.values()):
            way.heal()
        for name, part in list(self.parts.items()):
            if part.alive():
                self.signal(name, signal.SIGCONT)
            if not part.alive() or self._drains(part):
                part.stop()
                await self.start(name)
        for name in _names("executor", self.size.executors):
            if name not in self.parts:
                await self.start(name)

    async def start(self, name: str, **environ: str) -> Process:
        """Starts a part, anew if it ran before; `environ` are settings without their prefix."""
        with _environ(environ):
            self.parts[name] = await asyncio.to_thread(self._begin, name)
        return self.parts[name]

    def signal(self, name: str, number: int) -> None:
        """To a part and all its processes."""
        os.killpg(self.parts[name].pid, number)

    async def ended(self, name: str, limit_s: float = 60.0) -> bool:
        return await asyncio.to_thread(until, lambda: not self.parts[name].alive(), limit_s)

    async def ask(self, name: str, path: str = "/healthz", method: str = "GET") -> dict[str, Any]:
        """What a part's own port answers."""
        return await asyncio.to_thread(_json, f"http://{self.parts[name].control}{path}", method, None)

    async def make_homes(self, prefix: str, count: int) -> list[str]:
        names = [f"{prefix}-{number}" for number in range(count)]
        for name in names:
            await self.tell_home("PUT", name)
        return names

    async def tell_home(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        url = f"http://{self.parts['home'].address}/homes/{path}"
        return await asyncio.to_thread(_json, url, method, body)

    def checked(self, since_ms: float, homes: Sequence[str]) -> CheckReport:
        """What all histories since then show, and the log of these homes."""
        time.sleep(0.2)  # for the last rows
        effects = [effect for home in homes for effect in self._effects(home)]
        log = effect_lines(sorted(effects, key=lambda effect: effect["at_ms"]), "effects")
        lines = HistoryReader(sorted(self.histories.glob("*.jsonl")), log)
        return check_invariants(_since(lines, since_ms))

    def memory_mb(self, name: str) -> float:
        """Resident memory of a part's main process."""
        status = Path(f"/proc/{self.parts[name].pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    # Starting.

    async def _start(self) -> None:
        size = self.size
        if size.scripted:
            self._weights = scripted_weights(self.folder / "scripts", SCRIPTS, toolsets=TOOLSETS)
        decoders, brokers = _names("decoder", size.decoders), _names("kafka", size.brokers)
        await self._start_all("redis", "home", *decoders, *brokers)
        copies = min(3, size.brokers)
        await asyncio.to_thread(make_topics, self.kafka, copies=copies)
        if size.sentinels:
            await self.start("replica")
            await self._start_all(*_names("sentinel", size.sentinels))
        for seed, name in enumerate(decoders):
            self.ways[name] = Proxy(self.parts[name].address, seed=seed)
            await self._stack.enter_async_context(self.ways[name])
        await self._start_all(*_names("executor", size.executors))
        await self._start_all(*_names("gateway", size.gateways))

    async def _start_all(self, *names: str) -> None:
        """Side by side; an error is raised once all have started or failed, so that none is forgotten."""
        ends = await asyncio.gather(*map(self.start, names), return_exceptions=True)
        for error in filter(None, (end if isinstance(end, BaseException) else None for end in ends)):
            raise error

    def _begin(self, name: str) -> Process:
        folder, port = self.folder / name, _port(self.parts.get(name))
        kind, _, number = name.partition("-")
        match kind:
            case "redis":
                return redis.start(folder, port=port, say=self._say)
            case "replica":
                return redis.start(folder, port=port, replica_of=self.parts["redis"].address, say=self._say)
            case "sentinel":
                quorum = self.size.sentinels // 2 + 1
                return redis.start_sentinel(folder, self.parts["redis"].address, quorum=quorum, port=port)
            case "kafka":
                node = kafka.BrokerNode(int(number) - 1, *map(tuple, self._brokers))
                return kafka.start(folder, node=node, say=self._say)
            case "home":
                return services.start_home(folder, port=port, history=self.histories)
            case "decoder":
                parameters = {"slots": str(self.size.slots), "history": str(self.histories)}
                return triton.start(
                    folder, port=port, parameters=parameters, weights=self._weights, say=self._say
                ).process
            case "executor":
                return services.start_executor(folder, self._addresses(), history=self.histories, name=name)
        return services.start_gateway(
            folder,
            self._addresses(),
            otlp=self.otlp,
            port=self.ports[int(number) - 1],
            slots=self.size.slots,
            gateways=self.gateways,
            history=self.histories,
            name=name,
        )

    def _addresses(self) -> dict[str, str]:
        return {
            "redis": self._redis(),
            "kafka": self.kafka,
            "home": self.parts["home"].address,
            "triton": ",".join(way.address for way in self.ways.values()),
        }

    def _redis(self) -> str:
        sentinels = ",".join(part.address for part in self.all("sentinel"))
        if self.redis_way:
            return self.redis_way
        return f"redis+sentinel://{sentinels}/{redis.MASTER}/0" if sentinels else self.parts["redis"].address

    def _stop(self) -> None:
        for kind in ("gateway", "executor", "home", "decoder", "kafka", "sentinel", "replica", "redis"):
            for part in self.all(kind):
                if part.alive():
                    os.killpg(part.pid, signal.SIGCONT)
                part.stop()

    def _drains(self, part: Process) -> bool:
        if not part.control:
            return False
        try:
            return bool(_json(f"http://{part.control}/healthz", "GET", None).get("draining"))
        except OSError:
            return True

    def _effects(self, home: str) -> list[dict[str, Any]]:
        url = f"http://{self.parts['home'].address}/homes/{home}/effects?limit={MOST_EFFECTS}"
        effects: list[dict[str, Any]] = _json(url, "GET", None)["effects"]
        return effects


def _names(kind: str, count: int) -> list[str]:
    return [f"{kind}-{number}" for number in range(1, count + 1)]


def _since(lines: HistoryReader, since_ms: float) -> Iterator[HistoryLine]:
    """From then on; that a process began is always known."""
    return (line for line in lines if line.row["at"] >= since_ms or line.row["kind"] == "began")


def _port(part: Process | None) -> int:
    """Where it was, so that the others find it again; 0: anywhere."""
    return int(part.address.rpartition(":")[2]) if part else 0


@contextmanager
def _environ(settings: dict[str, str]) -> Iterator[None]:
    """Settings of ours for the processes that are started meanwhile."""
    named = {f"DUPLEXSLA_{key}": value for key, value in settings.items()}
    before = {key: os.environ.get(key) for key in named}
    os.environ.update(named)
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value


def _json(url: str, method: str, body: dict[str, Any] | None) -> dict[str, Any]:
    """The answer's object, also of an error. OSError without an answer."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=ASK_S) as answer:
            found: dict[str, Any] = json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            found = json.load(error)
    return found
