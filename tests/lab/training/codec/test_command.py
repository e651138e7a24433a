from pathlib import Path

import pytest

from duplexsla_lab.training.codec import __main__


def test_help_names_every_command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["codec", "--help"])
    with pytest.raises(SystemExit) as stopped:
        __main__.main()
    assert stopped.value.code == 0
    shown = capsys.readouterr().out
    assert all(f"    {name} " in shown for name in ("corpus", "train", "judge", "export"))


@pytest.mark.parametrize("command", ["train", "judge", "export"])
def test_an_empty_work_folder_is_reported_without_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr("sys.argv", ["codec", "--work", str(tmp_path), command])
    assert __main__.main() == 1
    assert str(tmp_path) in capsys.readouterr().err
