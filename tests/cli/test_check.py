"""`duplexsla check`: the table, the lines, the exit status."""

import argparse
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from tests.support.history_scenes import (
    HOME,
    SESSION,
    a_chunk_comes_again,
    action_id,
    clean,
    without,
    written,
)

from duplexsla.cli import check
from duplexsla.errors import BadInput
from duplexsla.history.invariants import INVARIANTS

LOG = [
    {
        "action_id": action_id(number),
        "home": HOME,
        "session_id": f"{SESSION:016x}",
        "fence": 100,
        "function": "open_home_device",
        "at_ms": at,
    }
    for number, at in ((1, 2_030), (2, 2_040), (3, 3_030), (4, 6_030))
]


def ran(*words: str) -> int:
    parser = argparse.ArgumentParser()
    check.arguments(parser)
    return check.run(parser.parse_args(words))


def test_a_clean_folder_exits_0_and_says_what_was_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(clean(), tmp_path)
    assert ran(str(tmp_path)) == 0
    out = capsys.readouterr().out
    assert out.count("held") == len(INVARIANTS)
    assert "I1  no device effect twice" in out


def test_a_broken_one_exits_1_and_names_the_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = written(a_chunk_comes_again(), tmp_path)
    assert ran(*map(str, paths)) == 1
    out = capsys.readouterr().out
    assert "BROKEN 1 times" in out
    assert f"    {tmp_path / 'client-4.jsonl'}:" in out


def test_for_programs_it_is_one_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(a_chunk_comes_again(), tmp_path)
    assert ran(str(tmp_path), "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["sound"], told["broken"]["I5"], told["unreadable"]) == (False, 1, 0)


def test_the_last_line_of_a_crash_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(clean(), tmp_path)[0]
    with path.open("a") as file:
        file.write('{"at": 1, "by": "gate')
    assert ran(str(tmp_path)) == 0
    assert "1 not readable" in capsys.readouterr().out


@pytest.mark.parametrize("shape", ["answer", "answers", "lines"])
def test_the_log_of_effects_is_read_as_it_is_told(tmp_path: Path, shape: str) -> None:
    written(without(clean(), "effect"), tmp_path)
    log = tmp_path / "effects.txt"
    texts = {
        "answer": json.dumps({"home": HOME, "effects": LOG}, indent=1),
        "answers": json.dumps([{"effects": LOG[:2]}, {"effects": LOG[2:]}]),
        "lines": "\n".join(map(json.dumps, LOG)),
    }
    log.write_text(texts[shape])
    assert ran(str(tmp_path)) == 1
    assert ran(str(tmp_path), "--effects", str(log)) == 0
    log.write_text(json.dumps(LOG[:3]))
    assert ran(str(tmp_path), "--effects", str(log)) == 1


class HomeService(BaseHTTPRequestHandler):
    def do_GET(self) -> None:  # noqa: N802
        self.send_response(200 if self.path == f"/homes/{HOME}/effects?limit=1000" else 404)
        self.end_headers()
        self.wfile.write(json.dumps({"home": HOME, "effects": LOG}).encode())

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing is printed."""


@pytest.fixture
def url() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), HomeService)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_home_service_is_asked_for_the_homes_that_occur(tmp_path: Path, url: str) -> None:
    written(without(clean(), "effect"), tmp_path)
    assert ran(str(tmp_path), "--effects", url) == 0


def test_what_cannot_be_judged_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no history"):
        ran(str(tmp_path / "nowhere.jsonl"))
    with pytest.raises(BadInput, match="not one row"):
        ran(str(tmp_path))
    written(clean(), tmp_path)
    with pytest.raises(BadInput, match="does not give"):
        ran(str(tmp_path), "--effects", "http://127.0.0.1:1")
    (tmp_path / "odd.json").write_text("[{}]")
    with pytest.raises(BadInput, match="no log of effects"):
        ran(str(tmp_path), "--effects", str(tmp_path / "odd.json"))
