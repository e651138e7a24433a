import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.support.bench_cases import AUDIO, all_kinds, normal

from duplexsla.audio.wav import write_wav
from duplexsla_lab.bench.case import Case, CaseError, CaseTurn
from duplexsla_lab.bench.case_files import read_cases, write_cases

ROW = {
    "id": "n1",
    "scenario": "normal",
    "toolset": "home",
    "samples": "AAAAAAAA",
    "anchors": {"user_end_s": 1.5},
}


def _file(folder: Path, *rows: Any) -> Path:
    path = folder / "cases.jsonl"
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return path


def _wav(path: Path, samples: np.ndarray) -> Path:
    write_wav(path, samples.tobytes())
    return path


def test_cases_written_and_read_back_are_equal(tmp_path: Path) -> None:
    written = all_kinds()
    write_cases(tmp_path / "cases.jsonl", written)
    for before, after in zip(written, read_cases(tmp_path / "cases.jsonl"), strict=True):
        assert (before.id, before.scenario, before.anchors, before.wanted) == (
            after.id,
            after.scenario,
            after.anchors,
            after.wanted,
        )
        assert np.array_equal(before.samples(), after.samples())


def test_audio_and_history_are_found_beside_the_file_of_cases(tmp_path: Path) -> None:
    user, before = np.arange(500, dtype=np.int16), np.arange(300, dtype=np.int16)
    turn = CaseTurn("hello", "good evening", _wav(tmp_path / "before.wav", before))
    case = Case("a", "normal", "car", _wav(tmp_path / "user.wav", user), {"user_end_s": 0.1}, history=(turn,))
    write_cases(tmp_path / "cases.jsonl", [case])
    assert '"user.wav"' in (tmp_path / "cases.jsonl").read_text()
    (read,) = read_cases(tmp_path / "cases.jsonl")
    assert np.array_equal(read.samples(), user)
    assert np.array_equal(read.history[0].samples(), before) and read.history[0].assistant == "good evening"


def test_a_history_without_audio_is_empty_sound() -> None:
    assert len(CaseTurn("hello", "good evening").samples()) == 0


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("{", "no case"),
        ("[]", "no case"),
        ({**ROW, "scenario": "shouting"}, "no scenario 'shouting'"),
        ({**ROW, "toolset": "boat"}, "no toolset 'boat'"),
        ({**ROW, "anchors": {}}, "needs the anchor user_end_s"),
        ({**ROW, "anchors": {"user_end_s": "soon"}}, "user_end_s is no time"),
        ({**ROW, "anchors": {"user_end_s": float("nan")}}, "user_end_s is no time"),
        ({**ROW, "anchors": [1.5]}, "no case"),
        ({**ROW, "scenario": "single"}, "needs a wanted call"),
        ({**ROW, "wanted": [{"function": "fly", "arguments": {}, "offset_s": 1}]}, "no function 'fly'"),
        ({**ROW, "wanted": [{"function": "disarm_home_alarm", "arguments": {}}]}, "'offset_s' is missing"),
        ({**ROW, "samples": "AA!"}, "no base64"),
        ({**ROW, "samples": "AAAA"}, "no base64 of 16-bit"),
        ({key: value for key, value in ROW.items() if key != "samples"}, "neither audio nor samples"),
        ({key: value for key, value in ROW.items() if key != "id"}, "'id' is missing"),
        ({**ROW, "sampels": "AAAA"}, "unknown field 'sampels'"),
    ],
)
def test_what_is_no_case_is_named_with_its_line(tmp_path: Path, row: Any, complaint: str) -> None:
    with pytest.raises(CaseError, match=complaint) as caught:
        read_cases(_file(tmp_path, ROW, row))
    assert "cases.jsonl:2: " in str(caught.value)


def test_a_case_that_is_there_twice_is_named(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match=r":2: case n1 is there twice"):
        read_cases(_file(tmp_path, ROW, ROW))


def test_no_file_and_no_case_are_errors(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="cannot be read"):
        read_cases(tmp_path / "none.jsonl")
    with pytest.raises(CaseError, match="holds no case"):
        read_cases(_file(tmp_path))


def test_missing_audio_is_an_error_of_the_case_when_it_is_played(tmp_path: Path) -> None:
    row = {key: value for key, value in ROW.items() if key != "samples"} | {"audio": "gone.wav"}
    (case,) = read_cases(_file(tmp_path, row))
    with pytest.raises(CaseError, match=r"gone\.wav"):
        case.samples()


def test_samples_in_memory_are_taken_as_they_are() -> None:
    assert normal().samples() is AUDIO
