"""A chunk as the exact pieces of paper section 2.2, and a session as lines like those of appendix A."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from duplexsla.clock import FEATURES_PER_CHUNK, TOKENS_PER_CHUNK
from duplexsla.errors import ProtocolError
from duplexsla.protocol import tokens

SEPARATOR = "·"  # between the action pieces of a rendered line

_USER = [tokens.USER_AUDIO_BEGIN, *[tokens.USER_FEATURE] * FEATURES_PER_CHUNK, tokens.USER_AUDIO_END]
_HEAD = [*_USER, tokens.ASSISTANT_AUDIO_BEGIN]
_ANCHOR = len(_HEAD)
_CODES = slice(_ANCHOR + 1, _ANCHOR + 1 + TOKENS_PER_CHUNK)
_ACTION = _CODES.stop + 1
_CODE_OF_PIECE = {tokens.audio_piece(code): code for code in range(tokens.AUDIO_CODES)}

_ESCAPED = {"\\": "\\\\", SEPARATOR: "\\.", ")": "\\)", "\n": "\\n", "\r": "\\r"}
_PLAIN = {escaped: plain for plain, escaped in _ESCAPED.items()}
_LINE = re.compile(
    re.escape(" ".join(_HEAD))
    + r" T\((?P<anchor>(?:[^\\)]|\\.)*)\)"
    + rf"(?P<codes>(?: A\(\d{{1,4}}\)){{{TOKENS_PER_CHUNK}}}) "
    + re.escape(tokens.ASSISTANT_AUDIO_END)
    + r" (?:(?P<action>.+) )?"
    + re.escape(tokens.ACTION_END),
    re.DOTALL,
)


@dataclass(frozen=True)
class ChunkPieces:
    """What one chunk says: an anchor T, four codes A, and the action segment's pieces without their end."""

    anchor: str
    codes: tuple[int, ...]
    action: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.codes) != TOKENS_PER_CHUNK or not all(
            0 <= code < tokens.AUDIO_CODES for code in self.codes
        ):
            raise ProtocolError(
                f"a chunk has {TOKENS_PER_CHUNK} codes below {tokens.AUDIO_CODES}: {self.codes}"
            )
        for piece in (self.anchor, *self.action):
            if not piece or piece in tokens.FRAME_MARKERS:
                raise ProtocolError(f"{piece!r} cannot stand inside a chunk")


def to_pieces(chunk: ChunkPieces) -> list[str]:
    """The chunk's pieces, with "U" where the two user features stand."""
    codes = [tokens.audio_piece(code) for code in chunk.codes]
    return [*_HEAD, chunk.anchor, *codes, tokens.ASSISTANT_AUDIO_END, *chunk.action, tokens.ACTION_END]


def from_pieces(pieces: Sequence[str]) -> ChunkPieces:
    """Inverse of `to_pieces`; raises ProtocolError."""
    framed = len(pieces) > _ACTION and list(pieces[:_ANCHOR]) == _HEAD and pieces[-1] == tokens.ACTION_END
    if not framed or pieces[_CODES.stop] != tokens.ASSISTANT_AUDIO_END:
        raise ProtocolError("the pieces do not frame one chunk")
    try:
        codes = tuple(_CODE_OF_PIECE[piece] for piece in pieces[_CODES])
    except KeyError as error:
        raise ProtocolError(f"{error.args[0]!r} is not an audio code") from None
    return ChunkPieces(pieces[_ANCHOR], codes, tuple(pieces[_ACTION:-1]))


def render(chunks: Iterable[ChunkPieces]) -> str:
    """One line per chunk, as appendix A writes it, with code numbers and a dot between action pieces."""
    return "".join(_line(chunk) + "\n" for chunk in chunks)


def parse(text: str) -> list[ChunkPieces]:
    """Inverse of `render`; raises ProtocolError that names the line."""
    lines = text.split("\n")
    return [_chunk(line, number) for number, line in enumerate(lines, 1) if line or number < len(lines)]


def _line(chunk: ChunkPieces) -> str:
    codes = " ".join(f"A({code})" for code in chunk.codes)
    head = f"{' '.join(_HEAD)} T({_escape(chunk.anchor)}) {codes} {tokens.ASSISTANT_AUDIO_END} "
    action = SEPARATOR.join(map(_escape, chunk.action))
    return f"{head}{action} {tokens.ACTION_END}" if action else head + tokens.ACTION_END


def _chunk(line: str, number: int) -> ChunkPieces:
    match = _LINE.fullmatch(line)
    if match is None:
        raise ProtocolError(f"line {number} is not a chunk")
    codes = tuple(map(int, re.findall(r"\d+", match["codes"])))
    pieces = match["action"].split(SEPARATOR) if match["action"] else ()
    return ChunkPieces(_unescape(match["anchor"]), codes, tuple(map(_unescape, pieces)))


def _escape(piece: str) -> str:
    return "".join(_ESCAPED.get(character, character) for character in piece)


def _unescape(text: str) -> str:
    return re.sub(r"\\.", lambda match: _PLAIN.get(match[0], match[0]), text)
