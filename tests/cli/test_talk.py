"""`duplexsla talk` says where it looks for a model."""

from pathlib import Path

import pytest

from duplexsla.__main__ import main
from duplexsla.runtime import checkout


@pytest.mark.parametrize("options", [["--model", "nowhere"], []], ids=["named", "outside a checkout"])
def test_without_a_model_it_says_where_it_looked(
    options: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checkout, "MODEL", tmp_path / "site-packages")
    assert main(["talk", "request.wav", *options]) == 1
    error = capsys.readouterr().err
    assert f"no model in {'nowhere' if options else tmp_path / 'site-packages'}" in error
    assert ("--model" in error) == (not options)
