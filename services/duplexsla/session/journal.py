"""The journal of a session: its newest chunks, enough to go on with it on another decoder.

A ring: memory per session is bounded, and what is older than the model can see is forgotten. A chunk is kept
as it came until `pack` is called, off the path of the steps; then in about half the bytes.
"""

from collections import deque
from collections.abc import Sequence

from duplexsla.clock import SILENCE
from duplexsla.protocol.journal_codec import encode_chunk
from duplexsla.session.dialogue import DecodedStep
from duplexsla.v1.journal_pb2 import Past, PastChunk, SessionRecord

# 48 s. The model sees 256 positions, about 3 to a chunk, and its 6 layers reach further: of 128 random cuts
# of the shipped model's conversations all went on with the same tokens for 4 s after 300 chunks (0.16 s
# of one core), 127 after 200, 121 after 150.
JOURNAL_CHUNKS = 300
MAX_FRESH = 16  # chunks that wait for `pack`; then they are packed at once


class Journal:
    """Chunks of one session in order of their indexes, `capacity` of them at most."""

    def __init__(self, capacity: int = JOURNAL_CHUNKS) -> None:
        self.capacity = capacity
        self.next_chunk = 0  # above the newest one
        self.pending_injected_text = ""
        self.waited_chunks = 0
        self.model = ""  # identity of the one that decoded the newest chunk
        self.model_since = 0  # index of the first chunk that it has decoded
        self.size_bytes = 0  # of the packed ones
        self._packed: deque[bytes] = deque(maxlen=capacity)  # serialized PastChunks
        self._fresh: list[PastChunk] = []
        self._unsaved = 0  # packed ones that `save` has not given

    def __len__(self) -> int:
        return min(self.capacity, len(self._packed) + len(self._fresh))

    def add(self, index: int, samples: bytes, step: DecodedStep) -> None:
        """An answered chunk: the user's CHUNK_BYTES, and what the decoder made of them."""
        chunk = PastChunk(
            index=index,
            audio=samples if samples != SILENCE else b"",
            anchor=step.anchor,
            codes=step.codes,
            action=step.pieces[:-1],
            forced_tokens=step.injected_tokens,
        )
        self._fresh.append(chunk)
        self.next_chunk = index + 1
        self.pending_injected_text, self.waited_chunks = step.pending_injected_text, step.waited_chunks
        if step.model != self.model:
            self.model, self.model_since = step.model, index
        if len(self._fresh) > MAX_FRESH:
            self.pack()

    def restore(self, chunks: Sequence[bytes], record: SessionRecord) -> None:
        """Into an empty journal: chunks that `unsaved` once gave, and what the record says of them."""
        for chunk in chunks:
            self._keep(chunk)
        self.next_chunk = record.next_chunk
        self.pending_injected_text, self.waited_chunks = record.pending_forced, record.waited_chunks
        self.model, self.model_since = record.model, record.model_since

    def pack(self) -> None:
        """Packs the audio that is not packed yet: some 60 us a chunk."""
        for chunk in self._fresh:
            self._keep(encode_chunk(chunk))
        self._unsaved = min(self.capacity, self._unsaved + len(self._fresh))
        self._fresh.clear()

    def _keep(self, packed: bytes) -> None:
        if len(self._packed) == self.capacity:
            self.size_bytes -= len(self._packed[0])
        self._packed.append(packed)
        self.size_bytes += len(packed)

    def unsaved(self, *, whole: bool = False) -> list[bytes]:
        """Packed chunks that were not given before, or all of them."""
        count = len(self._packed) if whole else self._unsaved
        self._unsaved = 0
        return list(self._packed)[len(self._packed) - count :]

    def past(self, toolset: str, next_chunk: int) -> bytes:
        """A serialized Past for the request of `next_chunk`; empty when there is none."""
        if not len(self):
            return b""
        chunks = [*self._packed, *(chunk.SerializeToString() for chunk in self._fresh)]
        past = Past(
            toolset=toolset,
            next_chunk=next_chunk,
            chunks=chunks[-self.capacity :],
            pending_forced=self.pending_injected_text,
            waited_chunks=self.waited_chunks,
            model=self.model,
            model_since=self.model_since,
        )
        return past.SerializeToString()
