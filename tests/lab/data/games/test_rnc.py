"""ProPack: what is packed comes back; damage is told, and nothing else ever happens."""

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from duplexsla.errors import CorpusError
from duplexsla_lab.data.games.rnc import MAGIC, canonical_codes, unpacked

Piece = tuple[
    bytes, int, int
]  # plain bytes, then a match: distance, length; a length of 0 at the end of a chunk


class BitWriter:
    """Words of bits, each where a reader fetches it, and plain bytes between them."""

    def __init__(self) -> None:
        self.out, self._word, self._used = bytearray(), 0, 16

    def bits(self, value: int, count: int) -> None:
        for i in range(count):
            if self._used == 16:
                self._word, self._used = len(self.out), 0
                self.out += b"\0\0"
            at, bit = divmod(self._used, 8)
            self.out[self._word + at] |= (value >> i & 1) << bit
            self._used += 1

    def number(self, value: int) -> None:
        """By a table in which all sixteen symbols have a code of four bits."""
        symbol = value if value < 2 else value.bit_length()
        self.bits(int(f"{symbol:04b}"[::-1], 2), 4)
        if symbol > 1:
            self.bits(value - (1 << symbol - 1), symbol - 1)


def packed(chunks: list[list[Piece]], size: int) -> bytes:
    writer = BitWriter()
    writer.bits(0, 2)
    for pieces in chunks:
        for _ in range(3):
            writer.bits(16, 5)
            for _ in range(16):
                writer.bits(4, 4)
        writer.bits(len(pieces), 16)
        for i, (plain, distance, length) in enumerate(pieces):
            writer.number(len(plain))
            writer.out += plain
            if i + 1 < len(pieces):
                writer.number(distance - 1)
                writer.number(length - 2)
    return MAGIC + size.to_bytes(4, "big") + bytes(10) + bytes(writer.out)


def plain(chunks: list[list[Piece]]) -> bytes:
    out = bytearray()
    for pieces in chunks:
        for i, (literal, distance, length) in enumerate(pieces):
            out += literal
            if i + 1 < len(pieces):
                for _ in range(length):
                    out.append(out[-distance])
    return bytes(out)


PIECE = st.tuples(st.binary(min_size=1, max_size=40), st.just(1), st.integers(2, 90))
CHUNKS = st.lists(st.lists(PIECE, min_size=1, max_size=6), min_size=1, max_size=3)


@given(CHUNKS)
@example([[(b"abc", 3, 10), (b"xyz", 13, 2), (b"", 0, 0)]])
def test_what_is_packed_comes_back(chunks: list[list[Piece]]) -> None:
    content = plain(chunks)
    assert unpacked(packed(chunks, len(content))) == content


@given(CHUNKS, st.data())
def test_damage_is_told_or_does_nothing_worse_than_other_bytes(chunks, data) -> None:
    whole = bytearray(packed(chunks, len(plain(chunks))))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(18, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with suppress(CorpusError):
        assert len(unpacked(bytes(whole))) == len(plain(chunks))


@given(CHUNKS, st.data())
def test_a_part_of_a_file_is_told(chunks, data) -> None:
    content = plain(chunks)
    whole = packed(chunks, len(content))
    with pytest.raises(CorpusError):
        unpacked(whole[: data.draw(st.integers(0, len(whole) - 3))])


@given(st.binary(max_size=300))
def test_anything_else_is_told(noise: bytes) -> None:
    for data in (noise, MAGIC + (400).to_bytes(4, "big") + bytes(10) + noise):
        with pytest.raises(CorpusError):
            unpacked(data)


def test_a_file_that_claims_to_be_huge_is_refused() -> None:
    with pytest.raises(CorpusError):
        unpacked(MAGIC + b"\xff" * 100)


def test_shorter_codes_come_first_and_are_read_from_their_first_bit() -> None:
    assert canonical_codes([2, 1, 0, 2]) == {(1, 0b0): 1, (2, 0b01): 0, (2, 0b11): 3}
