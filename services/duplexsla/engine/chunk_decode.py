"""One session's chunk while it is decoded, pass by pass.

A pass computes the position whose input is known, and some more whose inputs are drafted. Their outputs are
looked at one after the other: as long as the choice is what was drafted, the next one is already there.
"""

from collections.abc import Callable
from enum import IntEnum

from duplexsla.engine.session import SessionState

NOTHING = 0  # stands for a piece at the user's position, whose input is sound


class PassKind(IntEnum):
    """What the input of a position is."""

    USER = 0  # the chunk's sound; out comes the anchor
    ANSWER = 1  # the anchor, and the codes before; out come four codes and the first action token
    ACTION = 2  # an action token; out comes the next


class ChunkDecode:
    """`inputs` of the next pass, the first of kind `first`; `masks` say what may be chosen at each.

    A mask is None where nothing is to be chosen: what comes next is certain, or the chunk is full.
    """

    __slots__ = ("session", "anchor", "answer", "passes", "first", "inputs", "masks", "_draft")

    def __init__(self, session: SessionState, anchors: bytes, *, draft: bool) -> None:
        self.session, self._draft = session, draft
        self.anchor = NOTHING
        self.answer = -1  # which of the last pass's positions was the assistant's; -1: none
        self.passes = 0
        self.first, self.inputs = PassKind.USER, [NOTHING]
        self.masks: list[bytes | None] = [anchors]
        session.channel.begin_chunk()
        if draft:
            self.inputs.append(session.expected.anchor())
            self._foresee(session.expected.action)

    def take(self, choose: Callable[[int], int]) -> bool:
        """Looks at the outputs of a pass, `choose(i)` at position i; False when the chunk is complete."""
        session, at = self.session, 0
        self.passes += 1
        self.answer = -1
        if self.first == PassKind.USER:
            self.anchor = choose(0)
            if not self._foreseen(0, self.anchor):
                return self._again(PassKind.ANSWER, self.anchor, 1)
            at = 1
        if self.first != PassKind.ACTION:
            self.answer = at
        while not session.channel.full:
            certain = session.channel.certain()
            token = choose(at) if certain is None else certain
            if not session.channel.put(token):
                break
            if not self._foreseen(at, token):
                return self._again(PassKind.ACTION, token, at + 1)
            at += 1
        session.count += at + 1
        return False

    def _foreseen(self, at: int, token: int) -> bool:
        return at + 1 < len(self.inputs) and self.inputs[at + 1] == token

    def _again(self, kind: PassKind, token: int, lived: int) -> bool:
        """The next pass begins with `token`, after so many positions of this one that are right."""
        self.session.count += lived
        self.first, self.inputs, self.masks = kind, [token], []
        expected, written = self.session.expected, self.session.channel.written
        self._foresee(expected.action if kind == PassKind.ANSWER else lambda: expected.after(written))
        return True

    def _foresee(self, expect: Callable[[], list[int]]) -> None:
        """Adds what follows the last input: what is certain, else what is expected."""
        channel = self.session.channel
        certain, after = channel.ahead() if self._draft else ([], channel.choice())
        self.inputs += certain
        self.masks += [None] * len(certain)
        self.masks.append(after)
        if self._draft and not certain and after is channel.outside:
            drafted = expect()[: channel.room]
            self.inputs += drafted
            self.masks += [after] * len(drafted)
