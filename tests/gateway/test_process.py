"""The gateway as its own process: help, wrong settings, a clean end."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import closing

import grpc
import pytest

from duplexsla.gateway.__main__ import EXIT_WRONG_SETTING, main
from duplexsla.v1.session_pb2 import ConverseRequest
from duplexsla.v1.session_pb2_grpc import SessionServiceStub


def test_help_teaches_every_setting(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    text = capsys.readouterr().out
    assert end.value.code == 0
    for name in (
        "CONTROL",
        "GATEWAYS",
        "RESUME_S",
        "JOURNAL_CHUNKS",
        "LISTEN",
        "DECODERS",
        "SLOTS",
        "REDIS_URL",
        "KAFKA",
        "HOMES_URL",
        "OTLP",
        "TRACE_FILE",
    ):
        assert f"DUPLEXSLA_{name} " in text


def test_a_wrong_setting_stops_the_process_and_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DUPLEXSLA_SLOTS", "none")
    assert main([]) == EXIT_WRONG_SETTING
    assert "DUPLEXSLA_SLOTS" in capsys.readouterr().err


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
    assert b"0 sessions cut" in log and b"Traceback" not in log


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
