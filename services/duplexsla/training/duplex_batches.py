"""Batches of sessions, drawn by seed and step: a resumed run sees what an unbroken one sees."""

import random
from collections.abc import Mapping, Sequence

import numpy as np

from duplexsla.data.positions import Batch, Weights, collate
from duplexsla.data.requests import Row, turn_of
from duplexsla.data.session import Reply, Session, SessionBuilder
from duplexsla.protocol.vocabulary import Vocabulary

POOL = 8  # batches drawn together and cut by length, so that little is padding


class SessionBatches:
    """`batch(step)` is a pure function of the seed and the step."""

    def __init__(
        self,
        rows: Sequence[Row],
        replies: Mapping[str, Reply],
        vocabulary: Vocabulary,
        *,
        silence_code: int,
        size: int,
        seed: int,
        two_turns: float = 0.15,
    ) -> None:
        self._rows, self._replies, self._vocabulary = rows, replies, vocabulary
        self._silence_code, self._size, self._seed, self._two_turns = silence_code, size, seed, two_turns
        self._weights = Weights()
        self._order: tuple[int, list[int]] = (-1, [])
        self._pool: tuple[int, list[list[Session]]] = (-1, [])

    def _row(self, index: int) -> Row:
        """The `index`-th row of an endless stream that shuffles anew in every epoch."""
        epoch, place = divmod(index, len(self._rows))
        if self._order[0] != epoch:
            order = list(range(len(self._rows)))
            random.Random(f"{self._seed}-epoch-{epoch}").shuffle(order)
            self._order = (epoch, order)
        return self._rows[self._order[1][place]]

    def session(self, index: int) -> Session:
        """The `index`-th session of the stream: one turn or two, with silence around."""
        rng = random.Random(f"{self._seed}-{index}")
        builder = SessionBuilder(self._vocabulary, silence_code=self._silence_code, rng=rng)
        builder.add(turn_of(self._row(index), self._replies), silence_s=rng.uniform(0.1, 1.0))
        if self._replies and rng.random() < self._two_turns:
            other = self._rows[rng.randrange(len(self._rows))]
            builder.add(turn_of(other, self._replies), silence_s=rng.uniform(0.2, 2.5))
        return builder.finish(silence_chunks=rng.choice((1, 2, 4, 8)))

    def batch(self, step: int) -> Batch:
        pool, place = divmod(step, POOL)
        if self._pool[0] != pool:
            count = self._size * POOL
            sessions = [self.session(pool * count + i) for i in range(count)]
            sessions.sort(key=lambda session: session.num_chunks)
            groups = [sessions[i : i + self._size] for i in range(0, count, self._size)]
            random.Random(f"{self._seed}-pool-{pool}").shuffle(groups)
            self._pool = (pool, groups)
        return collate(self._pool[1][place], self._vocabulary, self._weights)


def held_batches(
    rows: Sequence[Row], replies: Mapping[str, Reply], vocabulary: Vocabulary, *, silence_code: int, size: int
) -> list[Batch]:
    """Fixed single-turn batches of held-out rows, for validation."""
    order = np.argsort([len(row.samples) for row in rows])
    sessions = []
    for i in order:
        builder = SessionBuilder(vocabulary, silence_code=silence_code, rng=random.Random(int(i)))
        builder.add(turn_of(rows[i], replies), silence_s=0.4)
        sessions.append(builder.finish(silence_chunks=4))
    return [collate(sessions[i : i + size], vocabulary, Weights()) for i in range(0, len(sessions), size)]
