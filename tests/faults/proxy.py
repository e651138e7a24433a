"""A TCP way between two parts on which things go wrong: delay, jitter, loss, low bandwidth, silence, resets.

    async with Proxy(target="127.0.0.1:8001") as proxy:
        ...                                       # connect to proxy.address
        proxy.up.delay_ms = proxy.down.delay_ms = 50
        proxy.blackhole()                         # nothing passes, nobody is told
        proxy.heal()

What TCP makes of a lost segment is a stall, as long as its sender takes to send it again: that is what `loss`
does. Both directions hold at most MAX_WAITING bytes; then the proxy reads no more.
"""

import asyncio
import random
import re
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType

READ_BYTES = 65_536
TIME_ANSWER = re.compile(
    rb"\*2\r\n\$10\r\n(\d{10})\r\n\$\d\r\n"
)  # of Redis to TIME: seconds, then microseconds
MAX_WAITING = 262_144  # bytes on their way in one direction of one connection
SEGMENT_BYTES = 1_448
RESEND_MS = 200.0  # Linux's least time before a segment is sent again
CONNECT_S = 5.0


@dataclass
class Weather:
    """How one direction is now; changes hold for what comes next."""

    delay_ms: float = 0.0
    jitter_ms: float = 0.0  # more or less, evenly
    loss: float = 0.0  # of segments
    bytes_per_s: float = 0.0  # 0: as many as come
    still: bool = False  # nothing passes; the sender sees its buffers fill
    rewrite: Callable[[bytes], bytes] | None = None  # of what is read at once

    def reset(self) -> None:
        for name, value in vars(Weather()).items():
            setattr(self, name, value)

    def lateness_ms(self, size: int, dice: random.Random) -> float:
        """How much later than at once so many bytes arrive, apart from the bandwidth."""
        late_ms = max(0.0, self.delay_ms + dice.uniform(-self.jitter_ms, self.jitter_ms))
        segments = -(-size // SEGMENT_BYTES)
        lost = sum(dice.random() < self.loss for _ in range(segments)) if self.loss else 0
        return late_ms + lost * RESEND_MS


@dataclass
class _Waiting:
    """Bytes on their way, in order."""

    parts: deque[tuple[float, bytes]] = field(default_factory=deque)  # (when due, loop time s; bytes)
    size: int = 0
    over: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)


def shifted_time(seconds: int) -> Callable[[bytes], bytes]:
    """Rewrites what Redis answers to TIME, as if its clock had stepped by so much."""

    def shifted(found: re.Match[bytes]) -> bytes:
        return found[0].replace(found[1], b"%d" % (int(found[1]) + seconds))

    return lambda data: TIME_ANSWER.sub(shifted, data)


class Proxy:
    """Listens on `address` once entered. `up` is from its clients to the target, `down` the way back."""

    def __init__(self, target: str, *, seed: int = 0, listen: str = "127.0.0.1:0") -> None:
        self._target, self._listen = target, listen
        self._dice = random.Random(seed)
        self.up, self.down = Weather(), Weather()
        self._dark = False
        self._cleared = asyncio.Event()  # something is not still any more
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.address = ""
        self.connections = 0

    async def __aenter__(self) -> "Proxy":
        host, _, port = self._listen.rpartition(":")
        self._server = await asyncio.start_server(self._accept, host, int(port))
        self.address = f"{host}:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in self._writers:
            writer.transport.abort()

    def blackhole(self) -> None:
        """Nothing passes in either direction, and new connections are taken and left alone."""
        self._dark = self.up.still = self.down.still = True

    def heal(self) -> None:
        """All is well again; what waited goes on."""
        self._dark = False
        self.up.reset()
        self.down.reset()
        self._cleared.set()
        self._cleared.clear()

    def cut(self) -> None:
        """Every connection is reset."""
        for writer in self._writers:
            writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        self.connections += 1
        try:
            await self._serve(reader, writer)
        except (OSError, TimeoutError):
            pass  # the target is not there, or one of the two has gone
        except asyncio.CancelledError:
            pass  # the proxy closes: asyncio's own callback would take it for an error
        finally:
            self._tasks.discard(task)
            self._writers.discard(writer)
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._until(lambda: not self._dark)
        host, _, port = self._target.rpartition(":")
        async with asyncio.timeout(CONNECT_S):
            far_reader, far_writer = await asyncio.open_connection(host, int(port))
        self._writers.add(far_writer)
        try:
            async with asyncio.TaskGroup() as group:
                for source, sink, weather in (
                    (reader, far_writer, self.up),
                    (far_reader, writer, self.down),
                ):
                    waiting = _Waiting()
                    group.create_task(self._take(source, weather, waiting))
                    group.create_task(self._give(sink, weather, waiting))
        except* OSError:
            pass  # one side is gone: so is the other
        finally:
            self._writers.discard(far_writer)
            far_writer.transport.abort()

    async def _take(self, source: asyncio.StreamReader, weather: Weather, waiting: _Waiting) -> None:
        loop, last = asyncio.get_running_loop(), 0.0
        while data := await source.read(READ_BYTES):
            due = max(last, loop.time() + weather.lateness_ms(len(data), self._dice) / 1e3)
            if weather.bytes_per_s:
                due += len(data) / weather.bytes_per_s
            last = due
            data = data if weather.rewrite is None else weather.rewrite(data)
            waiting.parts.append((due, data))
            waiting.size += len(data)
            waiting.changed.set()
            while waiting.size > MAX_WAITING:
                waiting.changed.clear()
                await waiting.changed.wait()
        waiting.over = True
        waiting.changed.set()

    async def _give(self, sink: asyncio.StreamWriter, weather: Weather, waiting: _Waiting) -> None:
        loop = asyncio.get_running_loop()
        while waiting.parts or not waiting.over:
            if not waiting.parts:
                waiting.changed.clear()
                await waiting.changed.wait()
                continue
            due, data = waiting.parts[0]
            await asyncio.sleep(max(0.0, due - loop.time()))
            await self._until(lambda: not weather.still)
            waiting.parts.popleft()
            waiting.size -= len(data)
            waiting.changed.set()
            sink.write(data)
            await sink.drain()
        with suppress(OSError, RuntimeError):
            sink.write_eof()

    async def _until(self, fact: Callable[[], bool]) -> None:
        while not fact():
            await self._cleared.wait()
