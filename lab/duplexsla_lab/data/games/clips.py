"""Where three adventure games keep their speech. Each reader gives (name of the clip, its bytes).

Flight of the Amazon Queen: one file with a table, MP3 of 11,025 Hz. Drascula and Beneath a Steel Sky:
unsigned 8-bit samples of 11,025 Hz, each clip of the second one packed. Damage is a CorpusError.
"""

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from duplexsla.errors import CorpusError
from duplexsla_lab.data.games.rnc import MAGIC, unpacked

RATE_HZ = 11_025
QUEEN_MAGIC, QUEEN_HEADER, QUEEN_ENTRY = b"QTBL", 15, ">12sBII"  # name, bundle, offset, size
SKY_ENTRY_BYTES, SKY_HEADER_BYTES = 8, 22
SKY_SPEECH = range(50_000, 60_000)  # numbers of files


def queen_clips(game: bytes) -> Iterator[tuple[str, bytes]]:
    """MP3 files of queen.1c."""
    if game[:4] != QUEEN_MAGIC or len(game) < QUEEN_HEADER:
        raise CorpusError("queen.1c has no table")
    (count,) = struct.unpack_from(">H", game, QUEEN_HEADER - 2)
    size = struct.calcsize(QUEEN_ENTRY)
    table = game[QUEEN_HEADER : QUEEN_HEADER + count * size]
    if len(table) < count * size:
        raise CorpusError("the table of queen.1c ends early")
    for name, _, offset, length in struct.iter_unpack(QUEEN_ENTRY, table):
        stem, _, kind = name.split(b"\0")[0].decode("latin1").partition(".")
        if kind == "SB":
            yield stem, _part(game, offset, length, stem)


def drascula_clips(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Samples of the files *.ALS."""
    files = sorted(folder.glob("*.ALS"))
    if not files:
        raise CorpusError(f"{folder} has no speech")
    return ((path.stem, path.read_bytes()) for path in files)


def sky_clips(table: bytes, disk: bytes) -> Iterator[tuple[str, bytes]]:
    """Samples of sky.dsk, by the table sky.dnr."""
    if len(table) < 4:
        raise CorpusError("sky.dnr has no table")
    (count,) = struct.unpack_from("<I", table)
    if len(table) < 4 + count * SKY_ENTRY_BYTES:
        raise CorpusError("the table of sky.dnr ends early")
    for at in range(4, 4 + count * SKY_ENTRY_BYTES, SKY_ENTRY_BYTES):
        number = int.from_bytes(table[at : at + 2], "little")
        offset = int.from_bytes(table[at + 2 : at + 5], "little")
        length = int.from_bytes(table[at + 5 : at + 8], "little") & 0x3FFFFF
        offset = (offset & 0x7FFFFF) * (16 if offset >> 23 else 1)
        if number in SKY_SPEECH:
            packed = _part(disk, offset, length, str(number))[SKY_HEADER_BYTES:]
            if packed.startswith(MAGIC):  # what is not is no speech
                yield str(number), unpacked(packed)


def eight_bit(clip: bytes) -> NDArray[np.float32]:
    """Unsigned samples [N] -> float32 [N] in -1..1."""
    return (np.frombuffer(clip, np.uint8).astype(np.float32) - 128) / 128


def _part(file: bytes, offset: int, length: int, name: str) -> bytes:
    part = file[offset : offset + length]
    if len(part) < length:
        raise CorpusError(f"clip {name} lies beyond the end of its file")
    return part
