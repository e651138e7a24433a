"""What comes back in small files is what was sent, or is refused by name."""

from pathlib import Path

import pytest

from duplexsla.errors import CheckpointError
from duplexsla_lab.training.short_gpu.parcels import MANIFEST, MAX_FILES, receive, send

CONTENTS = {"weights": bytes(range(256)) * 5, "vocabulary.json": b"[]", "empty": b""}


def sent(folder: Path, *, max_bytes: int = 500) -> Path:
    folder.mkdir()
    for name, content in CONTENTS.items():
        (folder / name).write_bytes(content)
    send([folder / name for name in CONTENTS], folder / "out", {"steps": 7}, max_bytes=max_bytes)
    return folder / "out"


def test_files_come_back_whole_from_parts_of_a_bounded_size(tmp_path: Path) -> None:
    out = sent(tmp_path / "there")
    parts = list(out.iterdir())
    assert len(parts) <= MAX_FILES and all(part.stat().st_size <= 500 for part in parts)
    assert receive(out, tmp_path / "here")["steps"] == 7
    assert {path.name: path.read_bytes() for path in (tmp_path / "here").iterdir()} == CONTENTS


def test_more_files_than_may_come_back_are_refused_before_any_is_written(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=f"{MAX_FILES} come back"):
        sent(tmp_path / "there", max_bytes=100)
    assert not (tmp_path / "there" / "out").exists()


@pytest.mark.parametrize("spoilt", ["weights.1", "vocabulary.json.0", MANIFEST])
@pytest.mark.parametrize("how", ["missing", "cut", "other"])
def test_a_part_that_is_missing_or_damaged_is_named_and_nothing_is_written(
    tmp_path: Path, spoilt: str, how: str
) -> None:
    out = sent(tmp_path / "there")
    path = out / spoilt
    content = path.read_bytes()
    path.unlink()
    if how != "missing":
        path.write_bytes(content[:-3] if how == "cut" else b"x" + content[1:])
    with pytest.raises(CheckpointError, match="fetch it again"):
        receive(out, tmp_path / "here")
    assert not (tmp_path / "here").exists()
