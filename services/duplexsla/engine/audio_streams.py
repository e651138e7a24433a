"""Sound in and out, one stream per slot: to the inputs of the users' positions, and from codes.

Who speaks or has just spoken is decoded; the others are exactly silent.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import torch
from torch import Tensor

from duplexsla.clock import CHUNK_SAMPLES
from duplexsla.model.backbone import NanoModel

TAIL_CHUNKS = 1  # what still sounds after the last word: the codec's lead of 80 ms and its overlap of 30 ms


class AudioFrontend:
    """The model's front end, in torch."""

    def __init__(self, model: NanoModel, slots: int) -> None:
        self._model, self._front = model, model.frontend
        self._state = self._front.new_state(slots)

    def reset(self, slot: int) -> None:
        self._state.reset(torch.tensor([slot]))

    def encode(self, slots: Sequence[int], samples: Tensor) -> Tensor:
        """The next samples [B, 2560 n] in -1..1 of distinct slots -> [B, n, width]."""
        held = torch.tensor(slots)
        state = self._state.rows(held)
        inputs = self._model.user_inputs(self._front(samples, state))
        self._state.write(held, state)
        return inputs


class ChunkCodec(Protocol):
    """What the engine needs of a codec; `state` has one row per slot."""

    silence_code: int

    def new_state(self, slots: int) -> Any: ...

    def decode_chunk(self, codes: Tensor, state: Any, slots: Tensor) -> Tensor:
        """The next codes [B, 4 n] of distinct slots [B] -> samples [B, 2560 n]; the state moves on."""
        ...


class CodecStream:
    """One stream of sound per slot. Each utterance starts from a fresh codec state."""

    def __init__(self, codec: ChunkCodec, slots: int) -> None:
        self._codec = codec
        self._state = codec.new_state(slots)
        self._tail_chunks = [0] * slots  # chunks that still sound

    @property
    def silence_code(self) -> int:
        return self._codec.silence_code

    def reset(self, slot: int) -> None:
        self._tail_chunks[slot] = 0
        self._state.reset(torch.tensor([slot]))

    def restore(self, slot: int, codes: Tensor, silent: Sequence[bool]) -> None:
        """The state after a prefix: codes [n, 4] of its chunks, and in which of them nothing was said."""
        self.reset(slot)
        quiet = [chunk for chunk, silence in enumerate(silent) if silence]
        utterance = codes[quiet[-1] + 1 if quiet else 0 :]  # a silent chunk is the tail of what was before it
        if len(utterance):
            self._codec.decode_chunk(utterance.reshape(1, -1), self._state, torch.tensor([slot]))
            self._tail_chunks[slot] = TAIL_CHUNKS

    def decode(self, slots: Sequence[int], codes: Tensor, speaking: Sequence[bool]) -> Tensor:
        """codes [B, 4] of distinct slots -> samples [B, 2560] int16."""
        samples = torch.zeros(len(slots), CHUNK_SAMPLES, dtype=torch.int16)
        sounding = [row for row, slot in enumerate(slots) if speaking[row] or self._tail_chunks[slot]]
        if sounding:
            held = torch.tensor([slots[row] for row in sounding])
            sound = self._codec.decode_chunk(codes[sounding], self._state, held)
            samples[sounding] = (sound * 32_767).round().to(torch.int16)
        for row in sounding:
            self._count_tail(slots[row], speaking[row])
        return samples

    def _count_tail(self, slot: int, speaking: bool) -> None:
        if speaking:
            self._tail_chunks[slot] = TAIL_CHUNKS
            return
        self._tail_chunks[slot] -= 1
        if not self._tail_chunks[slot]:
            self.reset(slot)
