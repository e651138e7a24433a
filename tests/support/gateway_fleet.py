"""Several gateways in one process: they share decoders, a store, an archive and the way to the devices."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.fake_decoder import FakeDecoder, remember, serving
from tests.support.gateway_process import done_at_once

from duplexsla.client import Client, connect
from duplexsla.gateway.actions.bus import MemoryBus
from duplexsla.gateway.call.call import Timeouts
from duplexsla.gateway.edges.grpc.server import GrpcServer
from duplexsla.gateway.edges.opening_streams import OpeningStreams
from duplexsla.gateway.edges.session_port import SessionPort
from duplexsla.gateway.gateway import AnyHome, Gateway
from duplexsla.history import NO_HISTORY, HistoryFile
from duplexsla.session.store.leases import DecoderAddress
from duplexsla.session.store.memory import MemoryArchive, MemoryStore
from duplexsla.telemetry import setup
from duplexsla.v1.action_pb2 import ActionEvent, ActionOutcome


class Wire:
    """TCP between clients and one gateway; `cut` breaks what is connected, and lets others connect anew."""

    def __init__(self, target: str) -> None:
        self._host, _, self._port = target.rpartition(":")
        self._ends: set[asyncio.StreamWriter] = set()

    @asynccontextmanager
    async def laid(self) -> AsyncIterator[str]:
        """Its own host:port while the block runs."""
        async with await asyncio.start_server(self._connect, "127.0.0.1", 0) as server:
            yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
            self.cut()

    def cut(self) -> None:
        for end in self._ends:
            end.transport.abort()
        self._ends.clear()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(self._host, int(self._port))
        except OSError:
            writer.transport.abort()
            return
        self._ends |= {writer, far_writer}
        await asyncio.gather(_carry(reader, far_writer), _carry(far_reader, writer))
        self._ends -= {writer, far_writer}


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.transport.abort()


@dataclass
class Fleet:
    gateways: list[Gateway]
    servers: list[GrpcServer]
    wires: list[Wire]
    decoders: list[FakeDecoder]
    client: Client
    archive: MemoryArchive
    events: list[ActionEvent] = field(default_factory=list)

    async def kill(self, number: int) -> None:
        """As SIGKILL would: nobody is told, nothing is written any more."""
        gateway = self.gateways[number]
        nowhere = MemoryArchive()  # for what it still writes
        gateway.calls.archive = gateway.journals.archive = nowhere
        gateway.calls.store = MemoryStore()
        for call in gateway.calls:
            call.publish = lambda event, step=None: None  # type: ignore[method-assign, assignment]
        for task in [*gateway.tasks._standing, *gateway.tasks._jobs]:
            task.cancel()
        gateway.calls._calls.clear()
        await self.servers[number].stop(0)

    def holder(self) -> int:
        """Number of the gateway that has the one session."""
        (number,) = [n for n, gateway in enumerate(self.gateways) if len(gateway.calls)]
        return number


@asynccontextmanager
async def fleet(
    *,
    gateways: int = 2,
    decoders: Sequence[FakeDecoder] = (),
    timeouts: Timeouts | None = None,
    journal_chunks: int = 400,
    history: Path | None = None,
) -> AsyncIterator[Fleet]:
    """`history`: a folder for what the gateways do."""
    fakes = list(decoders) or [FakeDecoder(remember), FakeDecoder(remember)]
    store, archive = MemoryStore(), MemoryArchive(shared=True)
    async with AsyncExitStack() as stack:
        addresses = [await stack.enter_async_context(serving(each)) for each in fakes]
        made = Fleet([], [], [], fakes, Client([]), archive)

        async def execute(event: ActionEvent, traceparent: str) -> ActionOutcome:
            made.events.append(event)
            return await done_at_once(event, traceparent)

        for number in range(gateways):
            gateway = Gateway(
                f"g{number}",
                [DecoderAddress(address, 16) for address in addresses],
                store=store,
                bus=MemoryBus(execute),
                homes=AnyHome(),
                telemetry=setup("gateway"),
                timeouts=timeouts,
                archive=archive,
                journal_chunks=journal_chunks,
                history=HistoryFile(history / f"g{number}.jsonl", f"gateway-{number}")
                if history
                else NO_HISTORY,
            )
            stack.callback(lambda closing=gateway: closing.history.close(closing.counts.as_dict()))
            server = GrpcServer(SessionPort(gateway, OpeningStreams()), "127.0.0.1:0")
            await gateway.start()
            await server.start()
            stack.push_async_callback(gateway.close)
            stack.push_async_callback(server.stop, 0)
            made.gateways.append(gateway)
            made.servers.append(server)
        made.wires = [Wire(server.address) for server in made.servers]
        laid = [await stack.enter_async_context(wire.laid()) for wire in made.wires]
        for gateway in made.gateways:
            gateway.calls.others = laid
        made.client = await stack.enter_async_context(connect(*laid))
        yield made
