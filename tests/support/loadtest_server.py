"""A server that speaks the public contract and is late, loses and acts exactly as it is told to."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import grpc

from duplexsla.clock import CHUNK_BYTES, CHUNK_SAMPLES
from duplexsla.v1.action_pb2 import Action, ActionOutcome
from duplexsla.v1.session_pb2 import (
    NOTICE_KIND_AUDIO_GAP,
    Chunk,
    Closed,
    ConverseRequest,
    ConverseResponse,
    Error,
    Notice,
    Opened,
)
from duplexsla.v1.session_pb2_grpc import SessionServiceServicer, add_SessionServiceServicer_to_server

SOUND = bytes(CHUNK_BYTES)


@dataclass(frozen=True)
class Script:
    """What a session does, by number of the chunk that it hears (from 0)."""

    delay_s: Callable[[int], float] = lambda _: 0.0  # from hearing a chunk to its answer
    loses: Callable[[int], bool] = lambda _: False  # drops it, and says so
    sounds: Callable[[int], bool] = lambda _: False
    acts: Callable[[int], int] = lambda _: 0  # actions that this chunk asks for
    outcome_s: float = 0.05  # from an action to its outcome
    outcomes: Callable[[int], int] = lambda _: 1  # how many an action gets: done, failed, ...
    breaks_after: int = 1 << 30  # chunks, then the stream fails; the next one of this home does not
    resumes: bool = False  # after that
    refuses: bool = False


class FakeServer(SessionServiceServicer):
    def __init__(self, scripts: Mapping[str, Script]) -> None:
        self._scripts = scripts
        self._sessions: list[_Session] = []
        self._broken: set[str] = set()

    async def Converse(
        self, requests: AsyncIterator[ConverseRequest], context: grpc.aio.ServicerContext
    ) -> None:
        opening = (await context.read()).open
        if opening.resume_token:
            await self._sessions[int(opening.resume_token) - 1].run(context)
            return
        script = self._scripts.get(opening.home, Script())
        if script.refuses:
            error = Error(code="slots_exhausted", detail="come back", retry_after_ms=100)
            await context.write(ConverseResponse(error=error))
            await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "come back")
        session = _Session(script, len(self._sessions) + 1, opening.home, self._broken)
        self._sessions.append(session)
        await session.run(context)


class _Session:
    def __init__(self, script: Script, number: int, home: str, broken: set[str]) -> None:
        self._script, self._number, self._home, self._broken = script, number, home, broken
        self._answers: asyncio.Queue[tuple[float, ConverseResponse]] = asyncio.Queue()
        self._heard = self._index = 0

    async def run(self, context: grpc.aio.ServicerContext) -> None:
        """One stream of it."""
        opened = Opened(session_id=self._number, home=self._home, next_chunk=self._index)
        if self._script.resumes:
            opened.resume_token, opened.resume_ms = str(self._number).encode(), 10_000
        await context.write(ConverseResponse(opened=opened))
        writing = asyncio.create_task(self._write(context))
        try:
            while (message := await context.read()) is not grpc.aio.EOF and not message.HasField("end"):
                self._hear(message.audio.samples)
                if self._heard == self._script.breaks_after and self._home not in self._broken:
                    self._broken.add(self._home)
                    await context.abort(grpc.StatusCode.UNAVAILABLE, "broken on purpose")
            self._put(0.0, ConverseResponse(closed=Closed(chunks=self._index)))
            await writing
        finally:
            writing.cancel()

    def _hear(self, samples: bytes) -> None:
        assert len(samples) == CHUNK_BYTES
        number, script = self._heard, self._script
        self._heard += 1
        if script.loses(number):
            notice = Notice(
                kind=NOTICE_KIND_AUDIO_GAP, first_chunk=self._index, chunks=0, samples=CHUNK_SAMPLES
            )
            self._put(0.0, ConverseResponse(notice=notice))
            return
        chunk = Chunk(index=self._index, sound=SOUND if script.sounds(number) else b"")
        for ordinal in range(script.acts(number)):
            name = f"{self._number:016x}-{self._index}-{ordinal}"
            chunk.actions.append(Action(id=name, function="open_home_device", arguments_json="{}"))
        self._index += 1
        self._put(script.delay_s(number), ConverseResponse(chunk=chunk))
        for action in chunk.actions:
            for state in range(1, 1 + script.outcomes(number)):
                told = ActionOutcome(action_id=action.id, function=action.function, state=state)
                self._put(script.delay_s(number) + script.outcome_s, ConverseResponse(outcome=told))

    def _put(self, delay_s: float, message: ConverseResponse) -> None:
        self._answers.put_nowait((asyncio.get_running_loop().time() + delay_s, message))

    async def _write(self, context: grpc.aio.ServicerContext) -> None:
        """In order: what is late holds back what follows."""
        while True:
            at, message = await self._answers.get()
            await asyncio.sleep(at - asyncio.get_running_loop().time())
            await context.write(message)
            if message.HasField("closed"):
                return


@contextmanager
def serving(scripts: Mapping[str, Script]) -> Iterator[str]:
    """The address of a server in a thread of its own; `scripts` by home."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def start() -> tuple[grpc.aio.Server, int]:
        server = grpc.aio.server()
        add_SessionServiceServicer_to_server(FakeServer(scripts), server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        return server, port

    server, port = asyncio.run_coroutine_threadsafe(start(), loop).result()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(0), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
