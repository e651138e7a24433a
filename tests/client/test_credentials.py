"""A token from the command line or from a file that changes."""

from pathlib import Path

import pytest

from duplexsla.client.credentials import token_from
from duplexsla.errors import SettingError


def test_a_file_is_read_whenever_its_token_is_needed(tmp_path: Path) -> None:
    assert token_from("dsla_a_b") == "dsla_a_b"
    file = tmp_path / "token"
    file.write_text("first\n")
    token = token_from(f"@{file}")
    assert callable(token) and token() == "first"
    file.write_text("second\n")
    assert token() == "second"
    with pytest.raises(SettingError, match="gone"):
        token_from(f"@{tmp_path / 'gone'}")
