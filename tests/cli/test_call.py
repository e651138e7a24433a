"""`duplexsla call` against a small gateway of its own."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest

from duplexsla.__main__ import main
from duplexsla.audio.wav import read_wav, write_wav
from duplexsla.clock import CHUNK_BYTES
from duplexsla.v1.session_pb2 import Chunk, Clock, Closed, ConverseRequest, ConverseResponse, Opened
from duplexsla.v1.session_pb2_grpc import SessionServiceServicer, add_SessionServiceServicer_to_server

SOUND = b"\3\0" * (CHUNK_BYTES // 2)


class Parrot(SessionServiceServicer):
    """Says what it hears, chunk by chunk; refuses the home "nowhere"."""

    def Converse(  # noqa: N802
        self, requests: Iterator[ConverseRequest], context: grpc.ServicerContext
    ) -> Iterator[ConverseResponse]:
        self.open = next(requests).open
        if self.open.home == "nowhere":
            context.abort(grpc.StatusCode.NOT_FOUND, "there is no home nowhere")
        yield ConverseResponse(opened=Opened(session_id=0xAB, home=self.open.home))
        heard = b"".join(request.audio.samples for request in requests)
        chunks = [heard[at : at + CHUNK_BYTES] for at in range(0, len(heard), CHUNK_BYTES)]
        for index, sound in enumerate(chunks):
            yield ConverseResponse(chunk=Chunk(index=index, sound=sound, text=" la", step_us=5_000))
        yield ConverseResponse(closed=Closed(chunks=len(chunks)))


@pytest.fixture
def parrot() -> Iterator[tuple[str, Parrot]]:
    with ThreadPoolExecutor(2) as pool:
        server, servicer = grpc.server(pool), Parrot()
        add_SessionServiceServicer_to_server(servicer, server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        yield f"127.0.0.1:{port}", servicer
        server.stop(None).wait()


def test_json_lines_end_with_a_summary(
    parrot: tuple[str, Parrot], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _call(parrot, tmp_path, "--json", "--clock", "file") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line.get("chunk") for line in lines] == [None, 0, 1, None, None]
    assert lines[0] == {"opened": "00000000000000ab", "home": "demo"}
    assert (lines[-1]["ok"], lines[-1]["said"]) == (True, "la la")
    assert lines[-1]["step_ms"] == {"p50": 5.0, "p99": 5.0}
    assert read_wav(Path(lines[-1]["reply_wav"])) == SOUND * 2


def test_a_reader_sees_one_row_per_chunk(
    parrot: tuple[str, Parrot], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _call(parrot, tmp_path) == 0
    out = capsys.readouterr().out
    assert "  0.16 s   5.0 ms" in out and "action channel" in out and "said    la la" in out
    assert parrot[1].open.clock == Clock.CLOCK_LIVE


def test_a_refused_call_is_told_and_exits_1(
    parrot: tuple[str, Parrot], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _call(parrot, tmp_path, "--home", "nowhere") == 1
    assert "there is no home nowhere" in capsys.readouterr().out


def test_no_gateway_is_told_and_exits_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_wav(tmp_path / "in.wav", SOUND)
    assert main(["call", str(tmp_path / "in.wav"), "--name", "never-started"]) == 1
    assert "duplexsla up" in capsys.readouterr().err


def _call(parrot: tuple[str, Parrot], tmp_path: Path, *options: str) -> int:
    write_wav(tmp_path / "in.wav", SOUND * 2)
    reply = str(tmp_path / "reply.wav")
    return main(
        ["call", str(tmp_path / "in.wav"), "--address", parrot[0], "--tail", "0", "--reply", reply, *options]
    )
