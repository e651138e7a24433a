"""Any files are histories: what is no row is counted, and times never fall within a file."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duplexsla.errors import BadInput
from duplexsla.history.reader import HistoryReader, files

ROWS = st.builds(
    lambda at: json.dumps({"at": at, "by": "home:1", "kind": "began", "service": "home"}).encode(),
    st.floats(0, 1e13),
)
LINES = st.lists(ROWS | st.binary(max_size=40).filter(lambda line: b"\n" not in line), max_size=12)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("histories")


@given(written=st.lists(LINES, max_size=3))
def test_every_line_is_a_row_or_counted_and_each_file_keeps_its_order(
    folder: Path, written: list[list[bytes]]
) -> None:
    paths = [folder / f"{number}.jsonl" for number in range(len(written))]
    for path, lines in zip(paths, written, strict=True):
        path.write_bytes(b"".join(line + b"\n" for line in lines))
    reader = HistoryReader(paths)
    read = list(reader)
    assert len(read) + reader.unreadable == sum(map(len, written))
    for path in paths:
        places = [int(line.where.rpartition(":")[2]) for line in read if line.where.startswith(f"{path}:")]
        assert all(earlier < later for earlier, later in pairwise(places))


def test_a_history_that_is_not_there_is_named(folder: Path) -> None:
    with pytest.raises(BadInput, match=r"nowhere\.jsonl"):
        files([folder / "nowhere.jsonl"])
