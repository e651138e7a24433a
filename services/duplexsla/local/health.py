"""Does it answer? One short question per kind of server; False, never an error, when it does not."""

import socket
import urllib.request
from contextlib import closing, suppress

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

TIMEOUT_S = 1.0


def listens(address: str) -> bool:
    """Somebody accepts TCP connections at host:port."""
    with suppress(OSError), closing(_connect(address)):
        return True
    return False


def redis_answers(address: str) -> bool:
    with suppress(OSError), closing(_connect(address)) as connection:
        connection.sendall(b"PING\r\n")
        return connection.recv(16).startswith(b"+PONG")
    return False


def http_answers(url: str) -> bool:
    """GET answers 200."""
    with suppress(OSError, ValueError), urllib.request.urlopen(url, timeout=TIMEOUT_S) as response:
        return bool(response.status == 200)
    return False


def grpc_serves(address: str) -> bool:
    """The standard health service says SERVING for the whole server."""
    with grpc.insecure_channel(address) as channel, suppress(grpc.RpcError):
        answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=TIMEOUT_S)
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)
    return False


def _connect(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=TIMEOUT_S)
