"""The journal of a session: its newest chunks, enough to go on with it on another decoder.

A ring: memory per session is bounded, and what is older than the model can see is forgotten. A chunk is kept
as it came until `pack` is called, off the path of the steps; then in about half the bytes.
"""

from collections import deque
from collections.abc import Sequence

import numpy as np
from google.protobuf.message import DecodeError
from numpy.typing import NDArray

from duplexsla.clock import CHUNK_BYTES, CHUNK_SAMPLES, SILENCE
from duplexsla.errors import ProtocolError
from duplexsla.session.dialogue import DecodedStep
from duplexsla.v1.journal_pb2 import Past, PastChunk, SessionRecord

# 48 s. The model sees 256 positions, about 3 to a chunk, and its 6 layers reach further: of 128 random cuts
# of the shipped model's conversations all went on with the same tokens for 4 s after 300 chunks (0.16 s
# of one core), 127 after 200, 121 after 150.
JOURNAL_CHUNKS = 300
MAX_FRESH = 16  # chunks that wait for `pack`; then they are packed at once

MOST_BITS = 16  # of a remainder
LOUDEST_BITS = 13  # above, at least 15 of a sample's 16 bits would be left
HEAD_BYTES = 3


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
        decoded, model = step.decoded, step.tick.model
        chunk = PastChunk(
            index=index,
            audio=samples if samples != SILENCE else b"",
            anchor=decoded.anchor,
            codes=decoded.codes,
            action=decoded.action[:-1],
            forced_tokens=decoded.injected_tokens,
            choices=decoded.choices,
        )
        self._fresh.append(chunk)
        self.next_chunk = index + 1
        self.pending_injected_text, self.waited_chunks = decoded.pending_injected_text, decoded.waited_chunks
        if model != self.model:
            self.model, self.model_since = model, index
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


def encode_chunk(chunk: PastChunk) -> bytes:
    """Packs the chunk's samples first: some 60 us where they are not silent."""
    if chunk.audio:
        chunk.audio = pack(chunk.audio)
    return chunk.SerializeToString()


def decode_past(raw: bytes) -> tuple[Past, Sequence[PastChunk]]:
    """The message and its chunks, whose audio is still packed; ProtocolError where a part cannot be read."""
    try:
        past = Past.FromString(raw)
        return past, [PastChunk.FromString(chunk) for chunk in past.chunks]
    except DecodeError as error:
        raise ProtocolError(f"the past cannot be read: {error}") from error


def pack(samples: bytes) -> bytes:
    """CHUNK_BYTES of 16-bit samples -> nothing for silence, fewer bytes, or the samples as they are."""
    if samples == SILENCE:
        return b""
    steps = np.diff(np.frombuffer(samples, "<i2").astype(np.int32), prepend=np.int32(0))
    folded = ((steps << 1) ^ (steps >> 31)).view(np.uint32)  # 0, -1, 1, -2 ... -> 0, 1, 2, 3
    bits = max(0, (int(folded.sum()) // CHUNK_SAMPLES).bit_length() - 1)
    if bits > LOUDEST_BITS:
        return samples
    ends = np.cumsum((folded >> bits) + 1)
    unary = np.zeros(int(ends[-1]), np.uint8)
    unary[ends - 1] = 1
    quotients = np.packbits(unary).tobytes()
    packed = bytes([bits]) + len(quotients).to_bytes(2, "little") + quotients + _pack_low(folded, bits)
    return packed if len(packed) < CHUNK_BYTES else samples


def unpack(audio: bytes) -> NDArray[np.int16]:
    """Inverse of `pack` -> [2560]; ProtocolError for anything else."""
    if not audio:
        return np.zeros(CHUNK_SAMPLES, np.int16)
    if len(audio) == CHUNK_BYTES:
        return np.frombuffer(audio, "<i2")
    bits, length = audio[0], int.from_bytes(audio[1:HEAD_BYTES], "little")
    low_bytes = (CHUNK_SAMPLES * bits + 7) // 8
    if bits > MOST_BITS or len(audio) != HEAD_BYTES + length + low_bytes:
        raise ProtocolError("packed audio is torn")
    unary = np.unpackbits(np.frombuffer(audio, np.uint8, length, HEAD_BYTES))
    ends = np.flatnonzero(unary)
    if len(ends) != CHUNK_SAMPLES:
        raise ProtocolError(f"packed audio holds {len(ends)} samples")
    low = _unpack_low(audio[HEAD_BYTES + length :], bits)
    folded = ((np.diff(ends, prepend=-1) - 1) << bits) + low
    samples: NDArray[np.int16] = np.cumsum((folded >> 1) ^ -(folded & 1)).astype(np.int16)
    return samples


def _pack_low(folded: NDArray[np.uint32], bits: int) -> bytes:
    """The lowest `bits` (at most 16) of each number, one after the other."""
    spread = np.unpackbits(folded.astype(">u2").view(np.uint8)).reshape(-1, MOST_BITS)
    return np.packbits(spread[:, MOST_BITS - bits :]).tobytes()


def _unpack_low(packed: bytes, bits: int) -> NDArray[np.int64]:
    spread = np.zeros((CHUNK_SAMPLES, MOST_BITS), np.uint8)
    low = np.unpackbits(np.frombuffer(packed, np.uint8))[: CHUNK_SAMPLES * bits]
    spread[:, MOST_BITS - bits :] = low.reshape(CHUNK_SAMPLES, bits)
    return np.packbits(spread).view(">u2").astype(np.int64)
