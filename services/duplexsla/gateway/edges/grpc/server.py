"""The gRPC server: the session service, the standard health service and reflection."""

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio as health_aio
from grpc_reflection.v1alpha import reflection

from duplexsla.gateway.edges.grpc.converse import ConverseServicer
from duplexsla.gateway.edges.session_port import SessionPort
from duplexsla.v1 import session_pb2
from duplexsla.v1.session_pb2_grpc import add_SessionServiceServicer_to_server

SERVICE = session_pb2.DESCRIPTOR.services_by_name["SessionService"].full_name
MESSAGE_BYTES = 2 << 20  # above the largest frame, so that a frame that is too large gets a typed error
WINDOW_BYTES = 65_536  # of one stream, in each direction

OPTIONS = (
    ("grpc.so_reuseport", 0),
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.http2.ping_timeout_ms", 5_000),  # else a minute, whatever the line above says
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
    ("grpc.http2.bdp_probe", 0),  # or windows grow, and with them what a client that never reads can hold
    ("grpc.http2.lookahead_bytes", WINDOW_BYTES),
)


class GrpcServer:
    """Listens for a gateway's clients."""

    def __init__(
        self,
        port: SessionPort,
        listen: str,
        *,
        credentials: grpc.ServerCredentials | None = None,
        message_bytes: int = MESSAGE_BYTES,
    ) -> None:
        """`listen` is host:port (port 0: any free one); OSError when it is taken. Without `credentials` what
        is said travels in clear.

        There is no limit of RPCs in all: one would refuse health checks too. Streams with a session are as
        few as slots, those without as `port.opening` says.
        """
        self._server = grpc.aio.server(options=(*OPTIONS, ("grpc.max_receive_message_length", message_bytes)))
        self.started = False
        add_SessionServiceServicer_to_server(ConverseServicer(port), self._server)
        self._health = health_aio.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        known = (SERVICE, health_pb2.DESCRIPTOR.services_by_name["Health"].full_name)
        reflection.enable_server_reflection((*known, reflection.SERVICE_NAME), self._server)
        try:
            if credentials is None:
                self._port = self._server.add_insecure_port(listen)
            else:
                self._port = self._server.add_secure_port(listen, credentials)
        except RuntimeError as error:
            raise OSError(f"cannot listen on {listen}: {error}") from error
        self.address = f"{listen.rpartition(':')[0]}:{self._port}"

    async def start(self) -> None:
        await self._server.start()
        self.started = True
        await self._say(health_pb2.HealthCheckResponse.SERVING)

    async def refuse_new(self) -> None:
        """Health turns to NOT_SERVING, so that nobody is sent here any more."""
        await self._say(health_pb2.HealthCheckResponse.NOT_SERVING)

    async def stop(self, grace_s: float) -> None:
        await self._server.stop(grace_s)

    async def _say(self, serving: health_pb2.HealthCheckResponse.ServingStatus) -> None:
        for service in ("", SERVICE):
            await self._health.set(service, serving)
