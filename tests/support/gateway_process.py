"""A whole gateway in one process: a real gRPC server, a fake decoder on the wire, actions in memory."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
from tests.support.fake_decoder import FakeDecoder, serving

from duplexsla.client import Client, connect
from duplexsla.errors import UnknownHome
from duplexsla.gateway.actions.bus import ActionBus, MemoryBus
from duplexsla.gateway.call.call import Timeouts
from duplexsla.gateway.edges.grpc.server import GrpcServer
from duplexsla.gateway.edges.opening_streams import OpeningStreams
from duplexsla.gateway.edges.session_port import SessionPort
from duplexsla.gateway.gateway import AnyHome, Gateway
from duplexsla.security.access import AccessControl
from duplexsla.session.journal import JOURNAL_CHUNKS
from duplexsla.session.store.archive import Archive
from duplexsla.session.store.leases import DecoderAddress, Store
from duplexsla.session.store.memory import MemoryStore
from duplexsla.telemetry import setup
from duplexsla.v1.action_pb2 import OUTCOME_STATE_DONE, ActionEvent, ActionOutcome


@dataclass
class World:
    gateway: Gateway
    port: SessionPort
    server: GrpcServer
    client: Client
    decoder: FakeDecoder
    decoders: list[FakeDecoder]

    @property
    def address(self) -> str:
        return self.server.address


class SomeHomes(AnyHome):
    """Homes whose name begins with "no" do not exist."""

    async def check(self, home: str) -> None:
        if home.startswith("no"):
            raise UnknownHome(f"there is no home {home!r}")


async def until(fact: Callable[[], bool]) -> None:
    """Lets everybody work until `fact` holds; TimeoutError when that takes 10 s."""
    async with asyncio.timeout(10):
        while not fact():  # noqa: ASYNC110
            await asyncio.sleep(0.002)


async def done_at_once(event: ActionEvent, traceparent: str) -> ActionOutcome:
    """An executor that succeeds; the result says which home it moved."""
    return ActionOutcome(
        action_id=event.action.id,
        session_id=event.session_id,
        home=event.home,
        function=event.action.function,
        state=OUTCOME_STATE_DONE,
        result_json='{"value":"on"}',
    )


@asynccontextmanager
async def world(
    decoder: FakeDecoder | None = None,
    *,
    bus: ActionBus | None = None,
    store: Store | None = None,
    slots: int = 16,
    timeouts: Timeouts | None = None,
    archive: Archive | None = None,
    journal_chunks: int = JOURNAL_CHUNKS,
    more: Sequence[FakeDecoder] = (),
    trace_file: Path | str = "",
    access: AccessControl | None = None,
    credentials: grpc.ServerCredentials | None = None,
) -> AsyncIterator[World]:
    """`more` decoders stand beside the first one."""
    decoder = decoder or FakeDecoder()
    telemetry = setup("gateway", trace_file=trace_file)
    async with AsyncExitStack() as stack:
        addresses = [await stack.enter_async_context(serving(each)) for each in (decoder, *more)]
        gateway = Gateway(
            "gateway",
            [DecoderAddress(address, slots) for address in addresses],
            store=store or MemoryStore(),
            bus=bus or MemoryBus(done_at_once),
            homes=SomeHomes(),
            telemetry=telemetry,
            timeouts=timeouts,
            archive=archive,
            journal_chunks=journal_chunks,
            access=access,
        )
        port = SessionPort(gateway, OpeningStreams())
        server = GrpcServer(port, "127.0.0.1:0", credentials=credentials)
        await gateway.start()
        await server.start()
        try:
            async with connect(server.address) as client:
                yield World(gateway, port, server, client, decoder, [decoder, *more])
        finally:
            await server.stop(0)
            await gateway.close()
            telemetry.shutdown()
