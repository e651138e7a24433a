"""One session's chunk while it is decoded, pass by pass (speculative decoding).

A pass computes the position whose input is known, and some more whose inputs are drafted. Their outputs are
looked at one after the other: as long as the choice is what was drafted, the next one is already there.
"""

from collections.abc import Callable
from enum import IntEnum

from duplexsla.engine.session import SessionState
from duplexsla.protocol.call_confidence import CallChoice

Weigh = Callable[[int, int, bytes], CallChoice]  # position, token chosen, what is outside of the call
NOTHING = 0  # stands for a piece at the user's position, whose input is sound


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
