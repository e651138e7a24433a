"""From the assistant's hidden states to the four audio codes of a chunk."""

import ctypes
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from duplexsla.clock import TOKENS_PER_CHUNK
from duplexsla.engine.native.library import StructLayout, fields, fit, packed
from duplexsla.engine.sampler import Sampler, pick
from duplexsla.model.code_head import HALF, NUM_DIGITS, CodeHead


class CodeDecoder:
    """The model's code head, in torch."""

    def __init__(self, head: CodeHead) -> None:
        self._head = head

    def say(self, hidden: Tensor, samplers: Sequence[Sampler]) -> list[list[int]]:
        """hidden [N, width] -> N by 4 codes."""
        codes: list[list[int]] = self._head.decode(
            hidden, lambda logits: torch.tensor(pick(logits, samplers))
        ).tolist()
        return codes


class _Head(StructLayout):
    _fields_ = fields(
        "width hidden choices padded steps digits",
        "start context out input_gates state_gates high low middle"
        " start_bias context_bias out_bias gates_bias high_bias low_bias middle_bias"
        " slot previous high_embedding",
    )


class NativeCodeDecoder(CodeDecoder):
    """The same by the kernels, for greedy sessions."""

    def __init__(self, head: CodeHead, kernels: ctypes.CDLL) -> None:
        super().__init__(head)
        self._kernels, self._record = kernels, _record(head)
        self._floats = 10 * self._record.hidden + self._record.padded

    @staticmethod
    def serves(head: CodeHead) -> bool:
        return fit(head.context.in_features, head.context.out_features)

    def say(self, hidden: Tensor, samplers: Sequence[Sampler]) -> list[list[int]]:
        codes = np.empty((len(hidden), TOKENS_PER_CHUNK), np.int64)
        scratch = hidden.new_empty(len(hidden) * self._floats)
        pointers = (hidden.data_ptr(), scratch.data_ptr(), codes.ctypes.data)
        self._kernels.speak(ctypes.byref(self._record), len(hidden), *pointers)
        said: list[list[int]] = codes.tolist()
        drawing = [row for row, sampler in enumerate(samplers) if not sampler.greedy]
        if drawing:
            drawn = super().say(hidden[drawing], [samplers[row] for row in drawing])
            for row, four in zip(drawing, drawn, strict=True):
                said[row] = four
        return said


def _record(head: CodeHead) -> _Head:
    width, hidden = head.context.in_features, head.context.out_features
    high, low = packed(head.high.weight), packed(head.low.weight)
    linears = (head.start, head.context, head.out, head.input_gates, head.state_gates)
    weights = [packed(linear.weight) for linear in linears] + [high, low, packed(head.middle.weight)]
    padded = high.shape[0] * high.shape[2]
    biases: list[Tensor] = [head.start.bias, head.context.bias, head.out.bias, head.input_gates.bias]
    biases += [_padded(head.high.bias, padded), _padded(head.low.bias, padded), head.middle.bias]
    tables = (head.slot, head.previous.weight.t(), head.high_embedding.weight)
    return _Head(width, hidden, HALF, padded, TOKENS_PER_CHUNK, NUM_DIGITS, *weights, *biases, *tables)


def _padded(bias: Tensor, length: int) -> Tensor:
    padded = bias.new_zeros(length)
    padded[: len(bias)] = bias.detach()
    return padded
