"""Pieces of text: those with a meaning (the markers of paper section 2.2, the lanes of the action channel),
and the vocabulary, which holds them beside ordinary text and encodes it by the longest match.

One token is one piece. A marker is always one whole piece and never part of an ordinary one.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from duplexsla.errors import CheckpointError

PAD = "<pad>"

USER_AUDIO_BEGIN = "<|user_audio_begin|>"
USER_AUDIO_END = "<|user_audio_end|>"
ASSISTANT_AUDIO_BEGIN = "<|assistant_audio_begin|>"
ASSISTANT_AUDIO_END = "<|assistant_audio_end|>"
ACTION_END = "<|action_end|>"
TOOLCALL_BEGIN = "<|toolcall_begin|>"
TOOLCALL_END = "<|toolcall_end|>"

VAD_SILENCE = "<vad_silence>"  # anchor of a chunk in which nothing is said
TTS_PAD = "<tts_pad>"  # anchor of a chunk that goes on with an earlier chunk's text

RESPONSE = "<response>"
INTERRUPT = "<interrupt>"
BACKCHANNEL = "<backchannel>"
LABELS = (RESPONSE, INTERRUPT, BACKCHANNEL)

USER_FEATURE = "U"  # place of one continuous 80 ms feature in a serialized chunk

# An audio code is eight ternary digits, the first the least: finite scalar quantization with three levels.
CODE_LEVELS, CODE_DIGITS = 3, 8
AUDIO_CODES = CODE_LEVELS**CODE_DIGITS  # 6,561

# Lanes of the action channel. Bare words are the delayed transcript of the user.
PLANNING_OPEN = " ("
PLANNING_CLOSE = ")"
PLANNING_MORE = "+"  # last in a plan when another sentence follows the planned one
OUTCOME_OPEN = " ["  # what became of an action: written by the service, never by the model
OUTCOME_CLOSE = "]"
ASSISTANT_WORD = " ~"  # the next word is the delayed transcript of the assistant
LANES = (PLANNING_OPEN, PLANNING_CLOSE, OUTCOME_OPEN, OUTCOME_CLOSE, ASSISTANT_WORD)

# JSON of a tool call, cut so that names and values stand alone. A text value follows with one leading space.
CALL_OPEN = '{"function": "'
ARGUMENTS_OPEN = '", "arguments": {"'
NO_ARGUMENTS = '", "arguments": {}}'
TEXT_VALUE = '": "'
NUMBER_VALUE = '": '
NEXT_AFTER_TEXT = '", "'
NEXT_AFTER_NUMBER = ', "'
CLOSE_AFTER_TEXT = '"}}'
CLOSE_AFTER_NUMBER = "}}"
SKELETON = (
    CALL_OPEN, ARGUMENTS_OPEN, TEXT_VALUE, NUMBER_VALUE, NEXT_AFTER_TEXT, NEXT_AFTER_NUMBER, CLOSE_AFTER_TEXT,
    CLOSE_AFTER_NUMBER, NO_ARGUMENTS,
)  # fmt: skip

FRAME_MARKERS = (USER_AUDIO_BEGIN, USER_AUDIO_END, ASSISTANT_AUDIO_BEGIN, ASSISTANT_AUDIO_END, ACTION_END)
_MARKERS = frozenset((PAD, *FRAME_MARKERS, TOOLCALL_BEGIN, TOOLCALL_END, VAD_SILENCE, TTS_PAD, *LABELS))

PRINTABLE = tuple(chr(code) for code in range(0x20, 0x7F))
CONTROL = (
    PAD, ACTION_END, VAD_SILENCE, TTS_PAD, *LABELS, TOOLCALL_BEGIN,
    TOOLCALL_END, *LANES, *SKELETON,
)  # fmt: skip
_WHOLE = [piece for piece in CONTROL if piece not in LANES]  # cut out before words are looked at
_CUT = re.compile("(" + "|".join(map(re.escape, sorted(_WHOLE, key=len, reverse=True))) + ")")
_WORD = re.compile(r"[A-Za-z0-9']+")
_DIGITS = re.compile(r"[0-9]{2,}")


def audio_piece(code: int) -> str:
    """Piece of one 40 ms audio code in 0..6560."""
    return f"<|audio_{code}|>"


def is_marker(piece: str) -> bool:
    return piece in _MARKERS or (piece.startswith("<|audio_") and piece.endswith("|>"))


class Vocabulary:
    """Pieces by id (their position). Holds every printable ASCII character: all such text can be encoded."""

    def __init__(self, pieces: Sequence[str]) -> None:
        self._pieces = tuple(pieces)
        self._ids = {piece: position for position, piece in enumerate(self._pieces)}
        if len(self._ids) != len(self._pieces) or "" in self._ids:
            raise CheckpointError("the vocabulary holds an empty or repeated piece")
        if missing := [piece for piece in (*CONTROL, *PRINTABLE) if piece not in self._ids]:
            raise CheckpointError(f"the vocabulary lacks {missing[0]!r}")
        self._longest = max(map(len, self._pieces))

    def __len__(self) -> int:
        return len(self._pieces)

    def __contains__(self, piece: str) -> bool:
        return piece in self._ids

    @classmethod
    def load(cls, path: Path | str) -> "Vocabulary":
        """From a JSON list of pieces; raises CheckpointError."""
        try:
            pieces = json.loads(Path(path).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise CheckpointError(f"cannot read the vocabulary {path}: {error}") from error
        if not isinstance(pieces, list) or not all(isinstance(piece, str) for piece in pieces):
            raise CheckpointError(f"the vocabulary {path} is not a list of strings")
        return cls(pieces)

    def save(self, path: Path | str) -> None:
        Path(path).write_text(json.dumps(self._pieces, ensure_ascii=False, indent=0) + "\n", "utf-8")

    def id(self, piece: str) -> int:
        """Id of a piece; raises KeyError."""
        return self._ids[piece]

    def pieces(self, ids: Iterable[int]) -> list[str]:
        return [self._pieces[position] for position in ids]

    def text(self, ids: Iterable[int]) -> str:
        return "".join(self.pieces(ids))

    def encode(self, text: str) -> list[int]:
        """Ids of `text`: markers and JSON skeleton first, then the longest piece; unknown characters drop."""
        ids: list[int] = []
        for number, part in enumerate(_CUT.split(text)):
            if number % 2:  # odd parts are what the pattern caught
                ids.append(self._ids[part])
            else:
                self._encode_plain(part, ids)
        return ids

    def _encode_plain(self, text: str, ids: list[int]) -> None:
        start = 0
        while start < len(text):
            for end in range(min(len(text), start + self._longest), start, -1):
                position = self._ids.get(text[start:end])
                if position is not None:
                    ids.append(position)
                    break
            else:
                end = start + 1  # no piece: an unknown character
            start = end


def build_vocabulary(
    texts: Iterable[str], size: int, functions: Sequence[str], argument_names: Sequence[str]
) -> Vocabulary:
    """At most `size` pieces: control, names, characters, frequent words (spaced), digit pairs, word endings.

    Nine tenths of the free places go to words; what they leave goes to digit pairs, then to word endings.
    """
    words, pairs, endings = _count(texts)
    pieces = dict.fromkeys((*CONTROL, *functions, *argument_names, *PRINTABLE))
    free = size - len(pieces)
    if free < 0:
        raise ValueError(f"a vocabulary needs at least {len(pieces)} pieces, not {size}")
    for counts, limit in ((words, len(pieces) + free * 9 // 10), (pairs, size), (endings, size)):
        for piece in sorted(counts, key=lambda piece: (-counts[piece], piece)):
            if len(pieces) < limit:
                pieces[piece] = None
    return Vocabulary(list(pieces))


def _count(texts: Iterable[str]) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """How often each word (with a leading space), digit pair and word ending occurs."""
    found: Counter[str] = Counter(
        word for text in texts for part in _CUT.split(text)[::2] for word in _WORD.findall(part)
    )
    words: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    endings: Counter[str] = Counter()
    for word, count in found.items():
        words[" " + word] += count
        for run in _DIGITS.findall(word):
            pairs[run[:2]] += count
        if word.isalpha():
            for length in (2, 3, 4):
                if len(word) >= length + 2:
                    endings[word[-length:]] += count
    return words, pairs, endings
