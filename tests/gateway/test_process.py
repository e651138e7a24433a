"""The gateway as its own process: discovery of decoders, a clean end, no torch."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import urlopen

import grpc
from tests.support.kubernetes_api import fake_api, slice_of

from duplexsla.local.process import free_port
from duplexsla.v1.session_pb2 import ConverseRequest
from duplexsla.v1.session_pb2_grpc import SessionServiceStub


def test_it_serves_until_sigterm_and_ends_with_0() -> None:
    with _gateway() as (process, address, _):
        with grpc.insecure_channel(address) as channel:
            grpc.channel_ready_future(channel).result(timeout=20)
            answers = list(_answers(SessionServiceStub(channel)))
            assert answers == ["bad_message"]
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=20)
        assert process.returncode == 0
    assert b"stopped sessions_cut=0" in log and b"Traceback" not in log


def test_it_finds_its_decoders_by_their_service_and_says_so() -> None:
    with fake_api() as api:
        api.put(slice_of("a", "10.0.0.1", "10.0.0.2"))
        given = {"DECODER_SERVICE": "calls/decoder", "KUBERNETES_API": api.url}
        with _gateway(**given) as (_, address, control):
            with grpc.insecure_channel(address) as channel:
                grpc.channel_ready_future(channel).result(timeout=20)
            page = _get(f"http://{control}/metrics")
            assert 'duplexsla_gateway_decoders{state="used"} 2.0' in page
            assert "duplexsla_gateway_discovery_away 0.0" in page
            assert json.loads(_get(f"http://{control}/healthz"))["tasks_down"] == []


@contextmanager
def _gateway(**settings: str) -> Iterator[tuple[subprocess.Popen[bytes], str, str]]:
    """The process, where its clients connect, and its control port."""
    address, control = (f"127.0.0.1:{free_port()}" for _ in range(2))
    given = {"LISTEN": address, "CONTROL": control, **settings}
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    environ |= {f"DUPLEXSLA_{name}": text for name, text in given.items()}
    command = [sys.executable, "-m", "duplexsla.gateway"]
    with subprocess.Popen(command, env=environ, stderr=subprocess.PIPE) as process:
        try:
            yield process, address, control
        finally:
            process.kill()


def _get(url: str) -> str:
    with urlopen(url, timeout=10) as answer:
        return str(answer.read(), "utf-8")


def _answers(stub: SessionServiceStub) -> list[str]:
    answers: list[str] = []
    try:
        for answer in stub.Converse(iter([ConverseRequest()])):
            answers.append(answer.error.code)
    except grpc.RpcError:
        pass
    return answers


def test_the_gateway_loads_no_torch() -> None:
    code = "import duplexsla.gateway.__main__, sys; sys.exit('torch' in sys.modules)"
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", code], env=environ, check=False).returncode == 0
