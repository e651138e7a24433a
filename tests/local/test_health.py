"""Questions to servers that are not there, that are deaf, or that answer."""

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from duplexsla.local import health
from duplexsla.local.process import free_port


@pytest.fixture
def deaf() -> Iterator[str]:
    """host:port of a server that takes connections and says nothing."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def test_nobody_there_is_no_error() -> None:
    address = f"127.0.0.1:{free_port()}"
    assert not health.listens(address)
    assert not health.redis_answers(address)
    assert not health.grpc_serves(address)
    assert not health.http_answers(f"http://{address}/healthz")


def test_a_server_that_says_nothing_is_not_healthy(deaf: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "TIMEOUT_S", 0.1)
    assert health.listens(deaf)
    assert not health.redis_answers(deaf)
    assert not health.grpc_serves(deaf)
    assert not health.http_answers(f"http://{deaf}/healthz")
