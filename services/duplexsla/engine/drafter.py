"""Drafts what a session will probably say and write next, to be verified in one pass (speculative decoding).

The assistant says what it has planned, at the pace of its voice, and writes each word down two chunks after
its end. A wrong draft costs a pass over a few positions and never changes a token.
"""

from collections import deque
from dataclasses import dataclass, field
from itertools import islice

from duplexsla.clock import CHUNK_S
from duplexsla.protocol import tokens
from duplexsla.protocol.tokens import Vocabulary

# What they miss costs a pass more, never a token.
LETTER_CHUNKS = 0.071 / CHUNK_S  # of the shipped voice, measured over 11,337 words
TRANSCRIPT_LAG = 2  # chunks after a word's end
MOST_PLANNED, MOST_UNWRITTEN = 64, 16  # pieces, words; what is older is forgotten
MOST_DRAFTED = 6  # tokens of one draft
LOST_AFTER = 12  # chunks: a transcript that is so late will not come
NEAR = 4  # pieces of a plan that may be left out


class DraftVocabulary:
    """What of a vocabulary a draft needs: the pieces with a meaning, and how long each is spoken."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.silence, self.pad = vocabulary.id(tokens.VAD_SILENCE), vocabulary.id(tokens.TTS_PAD)
        self.plan, self.planned = vocabulary.id(tokens.PLANNING_OPEN), vocabulary.id(tokens.PLANNING_CLOSE)
        self.more = vocabulary.id(tokens.PLANNING_MORE)
        self.mark = vocabulary.id(tokens.ASSISTANT_WORD)
        pieces = vocabulary.pieces(range(len(vocabulary)))
        self.lengths = [len(piece.lstrip(" ")) * LETTER_CHUNKS for piece in pieces]  # in chunks
        self.opens_word = [piece.startswith(" ") for piece in pieces]


@dataclass(slots=True)
class _Word:
    pieces: list[int]
    end: float  # in chunks


@dataclass(slots=True)
class Drafter:
    """Drafts one session's next chunk; `observe` takes the decoded ones. Times in chunks since it began."""

    vocabulary: DraftVocabulary
    _chunk: int = 0  # the coming one
    _speaking: bool = False
    _next: float = 0.0  # when the next piece should begin
    _plan: deque[int] = field(default_factory=lambda: deque(maxlen=MOST_PLANNED))
    _planning: bool = False
    _plan_begun: int = -2
    _marked: bool = False  # a word of the transcript comes next
    _unwritten: deque[_Word] = field(default_factory=lambda: deque(maxlen=MOST_UNWRITTEN))

    def anchor(self) -> int:
        """Of the coming chunk."""
        if self._plan and self._speaking:
            return self._plan[0] if self._next < self._chunk + 1 else self.vocabulary.pad
        if self._plan and self._plan_begun == self._chunk - 1:
            return self._plan[0]
        return self.vocabulary.pad if self._speaking and self._next > self._chunk else self.vocabulary.silence

    def action(self) -> list[int]:
        """The first tokens of the coming chunk's action channel: words whose transcript is due."""
        drafted: list[int] = []
        for word in self._unwritten:
            due = int(word.end) + TRANSCRIPT_LAG <= self._chunk
            if not due or len(drafted) + 1 + len(word.pieces) > MOST_DRAFTED:
                break
            drafted += [self.vocabulary.mark, *word.pieces]
        return drafted

    def continuation(self, written: list[int]) -> list[int]:
        """The tokens after those of this chunk so far: after the mark, the word that has waited longest."""
        words = written.count(self.vocabulary.mark)
        if written[-1] != self.vocabulary.mark or words > len(self._unwritten):
            return []
        return self._unwritten[words - 1].pieces[:MOST_DRAFTED]

    def observe(self, anchor: int, written: list[int]) -> None:
        """The coming chunk as it was decoded."""
        if anchor == self.vocabulary.silence:
            self._observe_silence()
        elif anchor == self.vocabulary.pad:
            self._next = max(self._next, self._chunk + 1)
            self._speaking = True
        else:
            self._observe_piece(anchor)
        for token in written:
            self._observe_action(token)
        self._chunk += 1
        if self._unwritten and self._unwritten[0].end + LOST_AFTER < self._chunk:
            self._unwritten.popleft()

    def _observe_silence(self) -> None:
        if self._speaking and self._unwritten:
            self._unwritten[-1].end = min(self._unwritten[-1].end, self._chunk - 1)
        self._speaking, self._next = False, self._chunk + 1

    def _observe_piece(self, piece: int) -> None:
        begun = min(max(self._next, self._chunk), self._chunk + 0.99)
        self._next = begun + self.vocabulary.lengths[piece]
        if self.vocabulary.opens_word[piece] or not self._unwritten:
            if self._unwritten and self._speaking:
                self._unwritten[-1].end = begun
            self._unwritten.append(_Word([piece], self._next))
        else:
            self._unwritten[-1].pieces.append(piece)
            self._unwritten[-1].end = self._next
        self._follow_plan(piece)
        self._speaking = True

    def _follow_plan(self, piece: int) -> None:
        """What has been said, or left out, is planned no more."""
        for number, planned in enumerate(islice(self._plan, NEAR)):
            if planned == piece:
                for _ in range(number + 1):
                    self._plan.popleft()
                return

    def _observe_action(self, token: int) -> None:
        if self._marked:
            self._follow_transcript(token)
        elif token == self.vocabulary.plan:
            self._plan.clear()
            self._planning, self._plan_begun = True, self._chunk
        elif token == self.vocabulary.planned:
            self._planning = False
        elif self._planning and token != self.vocabulary.more:
            self._plan.append(token)
        self._marked = token == self.vocabulary.mark

    def _follow_transcript(self, piece: int) -> None:
        """A word is written that begins with `piece`: it waits no more, nor do those before it."""
        for number, word in enumerate(self._unwritten):
            if word.pieces[0] == piece:
                for _ in range(number + 1):
                    self._unwritten.popleft()
                return
