"""From the assistant's hidden states to the four audio codes of a chunk, the most likely ones."""

import ctypes

import numpy as np
from torch import Tensor

from duplexsla.clock import TOKENS_PER_CHUNK
from duplexsla.engine.native.library import packed, whole_vectors
from duplexsla.engine.native.structs import MEMBERS, Struct
from duplexsla.model.code_head import HALF_CODES, CodeHead
from duplexsla.protocol.tokens import CODE_DIGITS


class CodeDecoder:
    """The model's code head, in torch."""

    def __init__(self, head: CodeHead) -> None:
        self._head = head

    def decode_codes(self, hidden: Tensor) -> list[list[int]]:
        """hidden [N, width] -> N by 4 codes."""
        codes: list[list[int]] = self._head.decode(hidden).tolist()
        return codes


class CodeHeadStruct(Struct):
    _fields_ = MEMBERS["CodeHead"]
    hidden: int
    padded: int


class NativeCodeDecoder(CodeDecoder):
    """The same by the kernels."""

    def __init__(self, head: CodeHead, kernels: ctypes.CDLL) -> None:
        super().__init__(head)
        self._kernels, self._struct = kernels, _struct(head)
        self._scratch_width = 10 * self._struct.hidden + self._struct.padded

    @staticmethod
    def supports(head: CodeHead) -> bool:
        return whole_vectors(head.context.in_features, head.context.out_features)

    def decode_codes(self, hidden: Tensor) -> list[list[int]]:
        codes = np.empty((len(hidden), TOKENS_PER_CHUNK), np.int64)
        scratch = hidden.new_empty(len(hidden) * self._scratch_width)
        pointers = (hidden.data_ptr(), scratch.data_ptr(), codes.ctypes.data)
        self._kernels.decode_codes(ctypes.byref(self._struct), len(hidden), *pointers)
        rows: list[list[int]] = codes.tolist()
        return rows


def _struct(head: CodeHead) -> CodeHeadStruct:
    high = packed(head.high.weight)
    padded = high.shape[0] * high.shape[2]
    return CodeHeadStruct(
        width=head.context.in_features,
        hidden=head.context.out_features,
        choices=HALF_CODES,
        padded=padded,
        steps=TOKENS_PER_CHUNK,
        digits=CODE_DIGITS,
        start=packed(head.start.weight),
        context=packed(head.context.weight),
        out=packed(head.out.weight),
        input_gates=packed(head.input_gates.weight),
        state_gates=packed(head.state_gates.weight),
        high=high,
        low=packed(head.low.weight),
        middle=packed(head.middle.weight),
        start_bias=head.start.bias,
        context_bias=head.context.bias,
        out_bias=head.out.bias,
        gates_bias=head.input_gates.bias,
        high_bias=_padded(head.high.bias, padded),
        low_bias=_padded(head.low.bias, padded),
        middle_bias=head.middle.bias,
        slot=head.slot,
        previous=head.previous.weight.t().contiguous(),
        high_embedding=head.high_embedding.weight,
    )


def _padded(bias: Tensor, length: int) -> Tensor:
    padded = bias.new_zeros(length)
    padded[: len(bias)] = bias.detach()
    return padded
