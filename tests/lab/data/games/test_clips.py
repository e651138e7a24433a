"""Games' speech: tables as the games have them, damaged ones told."""

import struct
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.lab.data.games.test_rnc import packed

from duplexsla.errors import CorpusError
from duplexsla_lab.data.games.clips import drascula_clips, eight_bit, queen_clips, sky_clips

CLIPS = {"020001P2": b"first", "020006J1": b"second one"}


def _queen() -> bytes:
    names = [(f"{name}.SB", clip) for name, clip in CLIPS.items()] + [("TEXT.DOG", b"not a clip")]
    at, table, contents = 15 + 21 * len(names), b"", b""
    for name, clip in names:
        table += struct.pack(">12sBII", name.encode(), 1, at + len(contents), len(clip))
        contents += clip
    return b"QTBLCEM10\0\0\0\0" + struct.pack(">H", len(names)) + table + contents


def _sky() -> tuple[bytes, bytes]:
    """A picture and two clips, the second at an offset in units of 16 bytes."""
    clip = bytes(22) + packed([[(b"samples", 0, 0)]], 7)
    disk = b"picture".ljust(16) + clip.ljust(-(-len(clip) // 16) * 16)
    second = len(disk)
    disk += clip
    entries = [(7, 0, 7), (50_001, 16, len(clip)), (50_002, second // 16 | 1 << 23, len(clip))]
    rows = [
        struct.pack("<H", number) + offset.to_bytes(3, "little") + size.to_bytes(3, "little")
        for number, offset, size in entries
    ]
    return struct.pack("<I", len(entries)) + b"".join(rows), disk


def test_the_queen_has_her_clips_and_no_other_file() -> None:
    assert dict(queen_clips(_queen())) == CLIPS


def test_the_sky_has_unpacked_clips() -> None:
    assert list(sky_clips(*_sky())) == [("50001", b"samples"), ("50002", b"samples")]


def test_drascula_has_a_file_for_each_clip(tmp_path: Path) -> None:
    (tmp_path / "2.ALS").write_bytes(b"\x80\xff")
    (tmp_path / "1.ALS").write_bytes(b"\x80")
    (tmp_path / "1.ALD").write_bytes(b"text")
    assert list(drascula_clips(tmp_path)) == [("1", b"\x80"), ("2", b"\x80\xff")]
    with pytest.raises(CorpusError):
        drascula_clips(tmp_path / "none")


def test_eight_bits_are_around_128() -> None:
    np.testing.assert_allclose(eight_bit(bytes([0, 128, 255])), [-1, 0, 127 / 128])


@given(st.data())
def test_damaged_tables_are_told_or_give_other_clips(data) -> None:
    queen, table = bytearray(_queen()), bytearray(_sky()[0])
    for file in (queen, table):
        for _ in range(3):
            file[data.draw(st.integers(0, len(file) - 1))] = data.draw(st.integers(0, 255))
    for read in (lambda: queen_clips(bytes(queen)), lambda: sky_clips(bytes(table), _sky()[1])):
        with suppress(CorpusError):
            list(read())


@given(st.integers(0, 200))
def test_a_part_of_a_game_is_told(length: int) -> None:
    with pytest.raises(CorpusError):
        list(queen_clips(_queen()[: min(length, len(_queen()) - 12)]))  # the last file is no clip
    table, disk = _sky()
    with pytest.raises(CorpusError):
        list(sky_clips(table[: min(length, len(table) - 1)], disk))
