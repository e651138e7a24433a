"""Which reply belongs to which sent chunk, as the contract lets a client work it out.

The server numbers chunks by its own clock. Where no audio had come in time it decoded silence (concealed);
where too much had come it dropped some (lost); both are declared in notices, a little after or before the
replies that they explain. So replies are settled a few chunks later, when all notices must have come.
"""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from duplexsla.clock import CHUNK_SAMPLES

SETTLE_CHUNKS = 16  # a continuing gap is declared about once a second


class MatchedReply(NamedTuple):
    """What became of a sent chunk; `at_s` is when its reply came, None: there was none."""

    sent: int
    at_s: float | None


class Replies:
    """Replies of one conversation. Indexes rise strictly, from `first` on, over any number of streams."""

    def __init__(self, first: int) -> None:
        self._first, self._base = first, 0  # index `first` answers sent chunk `base`, but for the shift
        self._resumed: deque[tuple[int, int]] = (
            deque()
        )  # the same, of streams whose replies are not settled yet
        self._newest = first
        self._waiting: deque[tuple[int, float]] = deque()
        self._concealed: set[int] = set()
        self._losses: deque[tuple[int, int]] = deque()  # before which index, how many
        self._shift = 0  # lost less concealed, up to the reply settled last
        self._undelivered = 0  # sent while there was no stream
        self._next = 0  # the sent chunk that is settled next

    @property
    def answered(self) -> int:
        """About how many sent chunks need no more waiting for; exact when nothing was concealed lately."""
        first, base = self._resumed[-1] if self._resumed else (self._first, self._base + self._shift)
        return base + max(0, self._newest - first) + self._undelivered

    def received(self, index: int, at_s: float) -> None:
        self._waiting.append((index, at_s))
        self._newest = index + 1

    def gap(self, first: int, chunks: int, samples: int) -> None:
        """A notice of missing audio: `chunks` were concealed from `first` on, the other samples lost."""
        self._concealed.update(range(first, first + chunks))
        if lost := samples // CHUNK_SAMPLES - chunks:
            self._losses.append((first, lost))

    def undelivered(self) -> None:
        """A chunk was sent that no stream took."""
        self._undelivered += 1

    def resumed(self, first: int, sent: int) -> None:
        """On a new stream sent chunk `sent` is the one of index `first`; what was under way is lost."""
        self._resumed.append((first, sent))
        self._undelivered = 0

    def settle(self) -> Iterator[MatchedReply]:
        """Sent chunks of which all is known by now, in their order."""
        while len(self._waiting) > SETTLE_CHUNKS:
            yield from self._settle_one()

    def settle_all(self, sent: int) -> Iterator[MatchedReply]:
        """The rest, of `sent` chunks in all."""
        while self._waiting:
            yield from self._settle_one()
        yield from (MatchedReply(number, None) for number in range(self._next, sent))
        self._next = max(self._next, sent)

    def _settle_one(self) -> Iterator[MatchedReply]:
        index, at_s = self._waiting.popleft()
        self._change_stream(index)
        while self._losses and self._losses[0][0] <= index:
            self._shift += self._losses.popleft()[1]
        before = {each for each in self._concealed if each <= index}
        self._concealed -= before
        self._shift -= len(before)
        if index in before:
            return
        sent = index - self._first + self._base + self._shift
        yield from (MatchedReply(number, None) for number in range(self._next, sent))
        if sent >= self._next:
            yield MatchedReply(sent, at_s)
            self._next = sent + 1

    def _change_stream(self, index: int) -> None:
        while self._resumed and self._resumed[0][0] <= index:
            self._first, self._base = self._resumed.popleft()
            self._shift = 0
            self._concealed = {each for each in self._concealed if each >= self._first}
            while self._losses and self._losses[0][0] < self._first:
                self._losses.popleft()
