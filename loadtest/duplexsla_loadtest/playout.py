"""Playout at the listener: sound that is not there in time is an underrun."""

from duplexsla.clock import CHUNK_S

INAUDIBLE_S = 0.001


class PlayoutBuffer:
    """Plays the assistant's sound as it comes, `buffer_s` after its first chunk, and waits when it must.

    A reply is a run of chunks with sound. Each run begins anew, so that an underrun shifts its own run
    alone; late silence is not heard.
    """

    def __init__(self, buffer_s: float) -> None:
        self._buffer_s = buffer_s
        self._plays_s: float | None = None  # when the next chunk of this run has to be there
        self._next: int | None = None

    def play(self, index: int, sounds: bool, at_s: float) -> float:
        """Chunk `index` came at `at_s`; length of the underrun before it, s."""
        skipped = 0 if self._next is None else index - self._next
        self._next = index + 1
        if not sounds:
            self._plays_s = None
            return 0.0
        if self._plays_s is None:
            self._plays_s = at_s + self._buffer_s + CHUNK_S
            return 0.0
        underrun_s = at_s - self._plays_s if not skipped else self._skip(skipped, at_s)
        self._plays_s = max(self._plays_s, at_s) + CHUNK_S
        return underrun_s if underrun_s > INAUDIBLE_S else 0.0

    def _skip(self, chunks: int, at_s: float) -> float:
        """Chunks that never came: playout is silent for their time, or longer."""
        assert self._plays_s is not None
        due_s, self._plays_s = self._plays_s, self._plays_s + chunks * CHUNK_S
        return max(at_s, self._plays_s) - due_s
