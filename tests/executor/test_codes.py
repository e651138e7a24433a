"""Codes of homes: the right one for this action and this home, and nothing else."""

from pathlib import Path

import pytest

from duplexsla.errors import SettingError
from duplexsla.executor.codes import CodeFile, NoCodes
from duplexsla.protocol.actions import code_proof

KEY = b"shared"


@pytest.fixture
def codes(tmp_path: Path) -> CodeFile:
    path = tmp_path / "codes.json"
    path.write_text('{"acme/demo": "4711", "other": "0000"}')
    return CodeFile(path, KEY)


def test_the_code_of_the_home_is_right_for_its_action_alone(codes: CodeFile) -> None:
    proof = code_proof(KEY, "a", "4711")
    assert codes.right("acme/demo", "a", proof)
    assert not codes.right("acme/demo", "b", proof)
    assert not codes.right("other", "a", proof)
    assert not codes.right("demo", "a", proof)
    assert not codes.right("acme/demo", "a", code_proof(b"another", "a", "4711"))
    assert not codes.right("acme/demo", "a", b"")


def test_a_home_without_a_code_has_no_right_one(codes: CodeFile) -> None:
    assert not codes.right("unknown", "a", code_proof(KEY, "a", ""))
    assert not NoCodes().right("acme/demo", "a", code_proof(KEY, "a", "4711"))


@pytest.mark.parametrize("text", ["{", "[]", '{"demo": 4711}', '{"demo": ""}'])
def test_what_is_no_file_of_codes_is_a_setting_at_fault_and_is_not_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "codes.json"
    path.write_text(text)
    with pytest.raises(SettingError) as caught:
        CodeFile(path, KEY)
    assert "4711" not in str(caught.value)


def test_without_a_key_there_are_no_codes(tmp_path: Path) -> None:
    path = tmp_path / "codes.json"
    path.write_text('{"demo": "4711"}')
    with pytest.raises(SettingError):
        CodeFile(path, b"")
