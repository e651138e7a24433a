"""Speculative decoding of one session's chunk: what it will probably say and write is drafted, then verified.

The assistant says what it has planned, at the pace of its voice, and writes each word down two chunks after
its end. A pass computes the position whose input is known, and some more whose inputs are drafted. Their
outputs are looked at one after the other: as long as the choice is what was drafted, the next one is already
there. A wrong draft costs a pass over a few positions and never changes a token.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import islice

from duplexsla.clock import CHUNK_S
from duplexsla.engine.action_channel import ActionChannel
from duplexsla.engine.prefix import PrefixTensors
from duplexsla.protocol import tokens
from duplexsla.protocol.call_confidence import CallChoice
from duplexsla.protocol.tokens import Vocabulary

Weigh = Callable[[int, int, bytes], CallChoice]  # position, token chosen, what is outside of the call
NOTHING = 0  # stands for a piece at the user's position, whose input is sound

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


@dataclass(slots=True)
class SessionState:
    """What the engine keeps of one session outside its tensors."""

    id: int
    slot: int
    channel: ActionChannel
    drafter: Drafter
    codes: list[int]  # of the chunk before
    count: int = 0  # positions written
    silent: bool = True  # in the chunk before
    finite: bool = True  # all that was computed of it
    prefix: PrefixTensors | None = None  # what is still to be computed before its next step


class PassKind(IntEnum):
    """What the input of a pass's first position is."""

    USER = 0  # the chunk's sound; out comes the anchor
    ASSISTANT = 1  # the anchor, and the codes before; out come four codes and the first action token
    ACTION = 2  # an action token; out comes the next


class ChunkDecode:
    """`inputs` of the next pass, the first of kind `first`; `masks` say what may be chosen at each.

    A mask is None where nothing is to be chosen: what comes next is certain, or the chunk is full.
    """

    __slots__ = ("session", "anchor", "assistant_at", "passes", "first", "inputs", "masks", "_drafting")

    def __init__(self, session: SessionState, anchors: bytes, *, draft: bool) -> None:
        self.session, self._drafting = session, draft
        self.anchor = NOTHING
        self.assistant_at = -1  # which of the last pass's positions was the assistant's; -1: none
        self.passes = 0
        self.first, self.inputs = PassKind.USER, [NOTHING]
        self.masks: list[bytes | None] = [anchors]
        session.channel.begin_chunk()
        if draft:
            self.inputs.append(session.drafter.anchor())
            self._draft(session.drafter.action)

    def verify(self, choose: Callable[[int], int], weigh: Weigh) -> bool:
        """Compares the outputs of a pass, `choose(i)` at position i, with the draft; False when the chunk is
        complete. Choices of a call are weighed.
        """
        session, at = self.session, 0
        self.passes += 1
        self.assistant_at = -1
        if self.first == PassKind.USER:
            self.anchor = choose(0)
            if not self._accepted(0, self.anchor):
                return self._continue_from(PassKind.ASSISTANT, self.anchor, 1)
            at = 1
        if self.first != PassKind.ACTION:
            self.assistant_at = at
        while not session.channel.full:
            token, choice = session.channel.certain(), None
            if token is None:
                token = choose(at)
                outside = session.channel.outside_of_call(token)
                choice = None if outside is None else weigh(at, token, outside)
            if not session.channel.put(token, choice):
                break
            if not self._accepted(at, token):
                return self._continue_from(PassKind.ACTION, token, at + 1)
            at += 1
        session.count += at + 1
        return False

    def _accepted(self, at: int, token: int) -> bool:
        return at + 1 < len(self.inputs) and self.inputs[at + 1] == token

    def _continue_from(self, kind: PassKind, token: int, accepted: int) -> bool:
        """The next pass begins with `token`, after so many positions of this one that are right."""
        self.session.count += accepted
        self.first, self.inputs, self.masks = kind, [token], []
        drafter, written = self.session.drafter, self.session.channel.written
        self._draft(drafter.action if kind == PassKind.ASSISTANT else lambda: drafter.continuation(written))
        return True

    def _draft(self, expected: Callable[[], list[int]]) -> None:
        """Adds what follows the last input: what is certain, else what is expected."""
        channel = self.session.channel
        certain, after = channel.ahead() if self._drafting else ([], channel.choice())
        self.inputs += certain
        self.masks += [None] * len(certain)
        self.masks.append(after)
        if self._drafting and not certain and after is channel.outside:
            drafted = expected()[: channel.room]
            self.inputs += drafted
            self.masks += [after] * len(drafted)
