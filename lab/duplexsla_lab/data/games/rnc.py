"""Unpacks Rob Northen's ProPack, method 1: LZ77 with three Huffman tables. Damage is a CorpusError."""

from collections.abc import Sequence

from duplexsla.errors import CorpusError

MAGIC = b"RNC\x01"
HEADER_BYTES = 18  # magic, unpacked size, packed size, two checksums, leeway, chunks; numbers are big-endian
MOST_BYTES = 8 << 20  # of what is unpacked
SHORTEST_MATCH = 2

Code = tuple[int, int]  # length, bits with the first one lowest
Table = tuple[list[int], dict[Code, int]]  # the lengths that there are, rising; code -> symbol


def unpacked(packed: bytes) -> bytes:
    """The content. Raises CorpusError for what is damaged."""
    size = int.from_bytes(packed[4:8], "big")
    if packed[:4] != MAGIC or len(packed) < HEADER_BYTES or size > MOST_BYTES:
        raise CorpusError("no packed file of ProPack's method 1")
    stream, out = BitStream(packed, HEADER_BYTES), bytearray()
    stream.bits(2)  # flags of the method, not needed
    while len(out) < size:
        _chunk(stream, out)
    if len(out) != size:
        raise CorpusError(f"a packed file of {size} bytes has {len(out)}")
    return bytes(out)


def _chunk(stream: "BitStream", out: bytearray) -> None:
    """Runs of plain bytes, with a match of what is there already between each two."""
    runs, distances, lengths = (stream.table() for _ in range(3))
    for left in reversed(range(stream.bits(16))):
        out += stream.plain(stream.number(runs))
        if left:
            distance = stream.number(distances) + 1
            length = stream.number(lengths) + SHORTEST_MATCH
            if distance > len(out):
                raise CorpusError("a packed file refers to before its start")
            match = out[-distance:][:length]
            out += (match * (length // len(match) + 1))[:length]  # it may run into what it writes
        if len(out) > MOST_BYTES:
            raise CorpusError("a packed file grows without end")


class BitStream:
    """Bits, the lowest first, of 16-bit little-endian words; plain bytes stand between the words."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data, self._at = data, at
        self._held, self._count = 0, 0

    def bits(self, count: int) -> int:
        """The next ones as a number. Raises CorpusError at the end."""
        value = self._peek(count)
        self._drop(count)
        return value

    def plain(self, count: int) -> bytes:
        """The next bytes, which begin behind the last word that was taken."""
        found = self._data[self._at : self._at + count]
        if len(found) < count:
            raise CorpusError("a packed file ends early")
        self._at += count
        return found

    def table(self) -> Table:
        """A canonical Huffman table."""
        codes = canonical_codes([self.bits(4) for _ in range(self.bits(5))])
        return sorted({length for length, _ in codes}), codes

    def number(self, table: Table) -> int:
        """A symbol: 0 and 1 are themselves, one above is the count of the bits that follow its leading 1."""
        lengths, codes = table
        for length in lengths:
            symbol = codes.get((length, self._peek(length)))
            if symbol is not None:
                self._drop(length)
                return symbol if symbol < 2 else 1 << (symbol - 1) | self.bits(symbol - 1)
        raise CorpusError("a packed file has a code that is in no table")

    def _peek(self, count: int) -> int:
        while self._count < count:
            word = self._data[self._at : self._at + 2]
            if not word:
                raise CorpusError("a packed file ends early")
            self._held |= int.from_bytes(word, "little") << self._count
            self._count += 16
            self._at += 2
        return self._held & ((1 << count) - 1)

    def _drop(self, count: int) -> None:
        self._held >>= count
        self._count -= count


def canonical_codes(lengths: Sequence[int]) -> dict[Code, int]:
    """Code of each symbol with a length: shorter ones first, then by symbol, read from their first bit."""
    codes: dict[Code, int] = {}
    code = 0
    for length in range(1, 16):
        for symbol in (i for i, each in enumerate(lengths) if each == length):
            if code < 1 << length:
                codes[length, int(f"{code:0{length}b}"[::-1], 2)] = symbol
            code += 1
        code <<= 1
    return codes
