"""The four 40 ms audio tokens of a chunk from one backbone position: a small recurrent depth decoder.

A code is eight ternary digits (3^8 = 6,561), predicted as two 81-way choices, the second given the first.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from duplexsla.clock import TOKENS_PER_CHUNK
from duplexsla.protocol.tokens import AUDIO_CODES, CODE_DIGITS, CODE_LEVELS

HALF_CODES = CODE_LEVELS ** (CODE_DIGITS // 2)  # 81 choices of each half of a code


def code_digits() -> Tensor:
    """One-hot ternary digits of every code, [6561, 24] float32."""
    digits = torch.arange(AUDIO_CODES)[:, None] // CODE_LEVELS ** torch.arange(CODE_DIGITS) % CODE_LEVELS
    return F.one_hot(digits, CODE_LEVELS).flatten(1).float()


class CodeEmbedding(nn.Module):
    """The four codes of a chunk as one vector. [..., 4] int64 -> [..., width]."""

    digits: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer("digits", code_digits(), persistent=False)
        self.up = nn.Linear(TOKENS_PER_CHUNK * CODE_LEVELS * CODE_DIGITS, 384)
        self.down = nn.Linear(384, width)
        nn.init.normal_(self.up.weight, std=0.5)
        nn.init.normal_(self.down.weight, std=0.1)

    def forward(self, codes: Tensor) -> Tensor:
        digits = F.embedding(codes, self.digits.to(self.up.weight.dtype)).flatten(-2)
        return self.down(F.silu(self.up(digits)))


class CodeHead(nn.Module):
    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.start, self.context, self.out = (
            nn.Linear(width, hidden),
            nn.Linear(width, hidden),
            nn.Linear(hidden, hidden),
        )
        self.slot = nn.Parameter(torch.randn(TOKENS_PER_CHUNK, hidden) * 0.3)
        self.previous = nn.Linear(CODE_LEVELS * CODE_DIGITS, hidden, bias=False)
        self.input_gates, self.state_gates = (
            nn.Linear(hidden, 3 * hidden),
            nn.Linear(hidden, 3 * hidden, bias=False),
        )
        self.high, self.low = nn.Linear(hidden, HALF_CODES), nn.Linear(hidden, HALF_CODES)
        self.middle, self.high_embedding = nn.Linear(hidden, hidden), nn.Embedding(HALF_CODES, hidden)
        nn.init.normal_(self.high_embedding.weight, std=0.3)
        self.digits: Tensor
        self.register_buffer("digits", code_digits(), persistent=False)

    def _cell(
        self, context: Tensor, state: Tensor, index: int, previous: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """One gated recurrent step. context, state [N, hidden]; previous [N] codes -> new state, output."""
        x = context + self.slot[index]
        if previous is not None:
            x = x + self.previous(F.embedding(previous, self.digits.to(x.dtype)))
        reset, update, new = self.input_gates(F.silu(x)).chunk(3, dim=-1)
        reset_h, update_h, new_h = self.state_gates(state).chunk(3, dim=-1)
        reset, update = torch.sigmoid(reset + reset_h), torch.sigmoid(update + update_h)
        state = (1 - update) * torch.tanh(new + reset * new_h) + update * state
        return state, F.silu(self.out(state) + context)

    def _low(self, z: Tensor, high: Tensor) -> Tensor:
        return self.low(F.silu(self.middle(z) + self.high_embedding(high)))

    def loss(self, hidden: Tensor, codes: Tensor, fed: Tensor) -> Tensor:
        """Nats [N, 4] of codes [N, 4] given hidden [N, width]; `fed` [N, 4] is the history that is shown."""
        context, state, outputs = self.context(hidden), torch.tanh(self.start(hidden)), []
        for i in range(TOKENS_PER_CHUNK):
            state, z = self._cell(context, state, i, fed[:, i - 1] if i else None)
            outputs.append(z)
        z, target = torch.stack(outputs, dim=1).flatten(0, 1), codes.flatten()
        high, low = target // HALF_CODES, target % HALF_CODES
        loss = F.cross_entropy(self.high(z).float(), high, reduction="none")
        loss = loss + F.cross_entropy(self._low(z, high).float(), low, reduction="none")
        return loss.unflatten(0, (-1, TOKENS_PER_CHUNK))

    def decode(self, hidden: Tensor) -> Tensor:
        """The most likely codes [N, 4], half by half, of hidden [N, width]."""
        context, state, previous, codes = self.context(hidden), torch.tanh(self.start(hidden)), None, []
        for i in range(TOKENS_PER_CHUNK):
            state, z = self._cell(context, state, i, previous)
            high = self.high(z).argmax(dim=-1)
            previous = high * HALF_CODES + self._low(z, high).argmax(dim=-1)
            codes.append(previous)
        return torch.stack(codes, dim=1)
