"""When the demonstration counts as one, and what it says when it does not."""

import json
from pathlib import Path
from typing import Any

import pytest

from duplexsla.__main__ import main
from duplexsla.cli.demo import demo_result

DONE: dict[str, Any] = {"ok": True, "actions": [{"state": "done"}]}


def test_it_worked_when_a_device_moved_and_a_reply_was_spoken() -> None:
    assert demo_result(DONE, moved=["kitchen/light"], spoken=True) == DONE


@pytest.mark.parametrize(
    ("result", "moved", "spoken", "reason"),
    [
        ({"ok": False, "reason": "decoder_lost: gone", "actions": []}, [], False, "decoder_lost: gone"),
        ({"ok": True, "actions": [{"state": "failed"}]}, ["kitchen/light"], True, "no action was done"),
        ({"ok": True, "actions": []}, [], True, "no action was done"),
        (DONE, [], True, "no device moved"),
        (DONE, ["kitchen/light"], False, "the reply is silence"),
    ],
)
def test_otherwise_the_reason_is_told(
    result: dict[str, Any], moved: list[str], spoken: bool, reason: str
) -> None:
    told = demo_result(result, moved=moved, spoken=spoken)
    assert (told["ok"], told["reason"]) == (False, reason)


def test_a_missing_recording_is_told_as_json_on_the_last_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--recording", str(tmp_path / "no.wav")]) == 1
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["ok"] is False and "no.wav" in told["reason"]
