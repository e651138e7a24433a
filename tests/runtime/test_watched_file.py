"""A file that is read again when it changed, and that harms nothing when it is wrong."""

import os
from pathlib import Path

import pytest

from duplexsla.errors import PolicyError
from duplexsla.runtime.watched_file import WatchedFile

LOOK_S = 5.0


def parsed(text: bytes) -> int:
    """Raises ValueError, and PolicyError for a number that is none of ours."""
    if (found := int(text)) < 0:
        raise PolicyError("below zero")
    return found


def test_it_is_read_again_at_the_next_look_also_behind_a_link(tmp_path: Path) -> None:
    for name in ("1", "2"):
        (tmp_path / name).write_text(name)
    link = tmp_path / "file"
    link.symlink_to("1")
    file = WatchedFile(link, parsed, look_s=LOOK_S)
    assert file.current(100.0) == 1
    (tmp_path / "new").symlink_to("2")
    os.replace(tmp_path / "new", link)
    assert file.current(100.0 + LOOK_S / 2) == 1
    assert file.current(100.0 + LOOK_S) == 2
    assert file.current(0.0) == 2, "a clock that went back"


@pytest.mark.parametrize("wrong", ["x", "-1", None])
def test_a_version_that_cannot_be_used_changes_nothing_and_is_counted_once(
    tmp_path: Path, wrong: str | None
) -> None:
    path = tmp_path / "file"
    path.write_text("1")
    file = WatchedFile(path, parsed, look_s=LOOK_S)
    if wrong is None:
        path.unlink()
    else:
        path.write_text(wrong)
    assert [file.current(now * LOOK_S) for now in range(3)] == [1, 1, 1]
    assert file.rejected == 1
    path.write_text("22")
    assert file.current(9 * LOOK_S) == 22 and file.rejected == 1


@pytest.mark.parametrize(("first", "error"), [("x", ValueError), ("-1", PolicyError), (None, OSError)])
def test_the_first_version_must_be_right(tmp_path: Path, first: str | None, error: type[Exception]) -> None:
    path = tmp_path / "file"
    if first is not None:
        path.write_text(first)
    with pytest.raises(error):
        WatchedFile(path, parsed, look_s=LOOK_S)
