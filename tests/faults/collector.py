"""The row in which the collector of traces goes away, with a collector that counts what it is sent."""

import asyncio
import time

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as pb
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as service
from tests.faults.rows import WARM_S, Scene, row, steps_p99_ms

from duplexsla.local.process import free_port

CALLS = 6
WORSE_MS = 1.0
GIVE_UP_S = 12.0  # an exporter tries for 10 s


class Collector(service.TraceServiceServicer):
    """Takes spans by OTLP over gRPC, and counts them."""

    def __init__(self, address: str) -> None:
        self.address, self.spans = address, 0
        self._server: grpc.aio.Server | None = None

    async def Export(
        self, request: pb.ExportTraceServiceRequest, context: grpc.aio.ServicerContext
    ) -> pb.ExportTraceServiceResponse:
        self.spans += sum(
            len(scope.spans) for resource in request.resource_spans for scope in resource.scope_spans
        )
        return pb.ExportTraceServiceResponse()

    async def start(self) -> None:
        self._server = grpc.aio.server()
        service.add_TraceServiceServicer_to_server(self, self._server)
        self._server.add_insecure_port(self.address)
        await self._server.start()

    async def stop(self) -> None:
        assert self._server is not None
        await self._server.stop(None)


@row("collector down", "step p99 at most 1 ms worse; drops counted")
async def collector_down(scene: Scene) -> None:
    collector = Collector(f"127.0.0.1:{free_port()}")
    await collector.start()
    try:
        await _restart_gateways(scene, collector.address)
        await _go_down(scene, collector)
    finally:
        await collector.stop()
        await _restart_gateways(scene, "")


async def _go_down(scene: Scene, collector: Collector) -> None:
    calls = await scene.call(CALLS)
    await asyncio.sleep(WARM_S)
    began = time.monotonic()
    await asyncio.sleep(scene.s(25, 5))
    taken, down = collector.spans, time.monotonic()
    await collector.stop()
    await asyncio.sleep(max(GIVE_UP_S, scene.s(25, 0)))
    up = time.monotonic()
    dropped = await _dropped(scene)
    await collector.start()
    await asyncio.sleep(scene.s(15, 5))
    before, during = steps_p99_ms(calls, began, down), steps_p99_ms(calls, down, up)
    figures = scene.result.figures
    figures["step p99 ms before, during"] = f"{before:.1f}, {during:.1f}"
    figures["spans taken before, dropped and counted"] = f"{taken}, {dropped}"
    figures["spans taken once it was back"] = collector.spans - taken
    await scene.settle()
    scene.result.aim("step p99 worse by", during - before, WORSE_MS, " ms")
    scene.result.must("no drop was counted", dropped > 0)
    scene.result.must("no span came before, or none afterwards", collector.spans > taken > 0)
    scene.result.must("a call ended", not any(call.error for call in calls))


async def _dropped(scene: Scene) -> int:
    answers = [await scene.site.ask(name) for name in scene.site.names("gateway")]
    return sum(int(answer["spans_dropped"]) for answer in answers)


async def _restart_gateways(scene: Scene, otlp: str) -> None:
    site = scene.site
    site.otlp = otlp
    for name in site.names("gateway"):
        await asyncio.to_thread(site.parts[name].stop)
        await site.start(name)
