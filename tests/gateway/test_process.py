"""The gateway as its own process: a clean end, and no torch."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import closing

import grpc

from duplexsla.v1.session_pb2 import ConverseRequest
from duplexsla.v1.session_pb2_grpc import SessionServiceStub


def test_it_serves_until_sigterm_and_ends_with_0() -> None:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    environ = {**os.environ, "DUPLEXSLA_LISTEN": address, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        [sys.executable, "-m", "duplexsla.gateway"], env=environ, stderr=subprocess.PIPE
    )
    try:
        with grpc.insecure_channel(address) as channel:
            grpc.channel_ready_future(channel).result(timeout=20)
            answers = list(_answers(SessionServiceStub(channel)))
            assert answers == ["bad_message"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
    finally:
        process.kill()
        _, log = process.communicate()
    assert b"stopped sessions_cut=0" in log and b"Traceback" not in log


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
