"""Rows reach the file whole, in order, from any thread, and none is lost without being counted."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from duplexsla.history import NO_HISTORY, HistoryFile, events, open_history


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_rows_are_written_in_order_between_a_beginning_and_an_end(tmp_path: Path) -> None:
    history = HistoryFile(tmp_path / "h.jsonl", "executor", now_ms=lambda: 12.34567)
    for chunk in range(100):
        history.write(events.chunk_received(7, chunk))
    history.close({"done": 3})
    first, *told, last = rows(tmp_path / "h.jsonl")
    by = f"executor:{os.getpid()}"
    assert first == {"at": 12.346, "by": by, "kind": "began", "service": "executor"}
    assert [row["chunk"] for row in told] == list(range(100))
    assert told[0]["session"] == "0000000000000007"
    assert (last["kind"], last["counts"]) == ("ended", {"done": 3})


def test_what_a_full_buffer_loses_is_counted_in_the_file(tmp_path: Path) -> None:
    history = HistoryFile(tmp_path / "h.jsonl", "gateway", max_waiting=0)
    for chunk in range(50):
        history.write(events.chunk_received(7, chunk))
    history.close()
    [row] = rows(tmp_path / "h.jsonl")
    assert (row["kind"], row["count"]) == ("history.lost", history.lost) == ("history.lost", 52)


def test_many_threads_lose_nothing(tmp_path: Path) -> None:
    history = HistoryFile(tmp_path / "h.jsonl", "gateway")

    def tell(session: int) -> None:
        for chunk in range(500):
            history.write(events.chunk_received(session, chunk))

    threads = [threading.Thread(target=tell, args=(session,)) for session in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    history.close()
    heard = [row for row in rows(tmp_path / "h.jsonl") if row["kind"] == "chunk.received"]
    for session in range(4):
        name = f"{session:016x}"
        assert [row["chunk"] for row in heard if row["session"] == name] == list(range(500))


def test_processes_share_a_file_and_share_a_folder_without_sharing_files(tmp_path: Path) -> None:
    shared, folder = tmp_path / "all.jsonl", tmp_path / "folder"
    folder.mkdir()
    code = (
        "import sys; from duplexsla.history import events, open_history\n"
        "for path in sys.argv[1:]:\n"
        "    h = open_history(path, 'home')\n"
        "    for n in range(2_000): h.write(events.chunk_received(1, n))\n"
        "    h.close()"
    )
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", code, str(shared), str(folder)]
    processes = [subprocess.Popen(command, env=environ) for _ in range(2)]
    assert [process.wait() for process in processes] == [0, 0]
    by = {f"home:{process.pid}" for process in processes}
    assert {row["by"] for row in rows(shared)} == by
    assert len(rows(shared)) == 2 * 2_002
    assert {file.name for file in folder.iterdir()} == {f"home-{process.pid}.jsonl" for process in processes}


def test_a_row_that_is_no_json_does_not_end_the_history(tmp_path: Path) -> None:
    history = HistoryFile(tmp_path / "h.jsonl", "home")
    history.write({"kind": "odd", "what": object()})
    history.write(events.chunk_received(1, 1))
    history.close()
    assert [row["kind"] for row in rows(tmp_path / "h.jsonl")] == ["began", "odd", "chunk.received", "ended"]


def test_without_a_path_nothing_is_written() -> None:
    history = open_history("", "home")
    assert history is NO_HISTORY
    history.write(events.chunk_received(1, 1))
    history.close()


def test_a_path_that_cannot_be_made_is_said_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        open_history(str(tmp_path / "no" / "such" / "folder.jsonl"), "home")


def test_equal_tokens_have_equal_digests_and_others_do_not() -> None:
    digest = events.digest_of(" hi", (1, 2, 3, 4), ("<|action_end|>",))
    assert digest == events.digest_of(" hi", [1, 2, 3, 4], ["<|action_end|>"]) != 0
    assert digest != events.digest_of(" hi", (1, 2, 3, 5), ("<|action_end|>",))
