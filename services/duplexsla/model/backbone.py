"""The nano model: one backbone over user features, the TA4 unit and action tokens (paper section 2).

Each chunk takes two positions, and one more for each action token that is not the last:

    U  in: the chunk's two user features              out: the text anchor T
    A  in: T, and the four codes of the chunk before  out: four codes, and the first action token
    k  in: the k-th action token                      out: the next one, at last <|action_end|>

The stream at every interface is the paper's `U U T A A A A action <|action_end|>`; the folding is inside.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from duplexsla.clock import FEATURES_PER_CHUNK
from duplexsla.model.code_head import CodeEmbedding, CodeHead
from duplexsla.model.config import NanoConfig
from duplexsla.model.frontend import FrontEnd
from duplexsla.model.norm import RMSNorm
from duplexsla.model.speech_embedding import EmbeddingFrontEnd

ROPE_BASE = 10_000.0

PromptCache = Sequence[
    tuple[Tensor, Tensor]
]  # per layer: unrotated keys, values [B, P, kv_heads, head_width]


def rope_table(positions: Tensor, head_width: int) -> tuple[Tensor, Tensor]:
    """Cosine and sine, [..., head_width / 2] float32, of absolute positions [...] int64.

    Angles are made in float64 and wrapped before rounding, so position 10^9 is as exact as position 10.
    """
    rate = ROPE_BASE ** (
        -torch.arange(0, head_width, 2, device=positions.device, dtype=torch.float64) / head_width
    )
    angle = torch.remainder(positions[..., None].double() * rate, 2 * torch.pi)
    return angle.cos().float(), angle.sin().float()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotates pairs (i, i + half) of the last axis. x [..., T, heads, hw]; cos, sin [..., T, hw / 2]."""
    a, b = x.chunk(2, dim=-1)
    cos, sin = cos[..., None, :].to(x.dtype), sin[..., None, :].to(x.dtype)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)


class Block(nn.Module):
    """One transformer block: RMSNorm, grouped-query attention with rotary positions and QK-norm, SwiGLU.

    The stream attends to itself with rotary positions, and to the pinned system prompt without: its keys and
    the queries on them are unrotated, so the prompt stands at the same distance on the first chunk and after
    a week.

    `project` and `finish` stand around attention, so that training and the KV ring share them.
    """

    def __init__(self, config: NanoConfig) -> None:
        super().__init__()
        self.config, width = config, config.width
        self.heads, self.kv_heads, self.head_width = config.num_heads, config.num_kv_heads, config.head_width
        self.attention_norm = RMSNorm(width)
        self.mlp_norm = RMSNorm(width)
        self.qkv = nn.Linear(width, (self.heads + 2 * self.kv_heads) * self.head_width, bias=False)
        self.out = nn.Linear(self.heads * self.head_width, width, bias=False)
        self.gate_up = nn.Linear(width, 2 * config.ff_width, bias=False)
        self.down = nn.Linear(config.ff_width, width, bias=False)
        for linear in (self.qkv, self.gate_up):
            nn.init.normal_(linear.weight, std=width**-0.5)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.down.weight)

    def project(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """x [B, T, width] -> queries [B, T, heads, hw], keys and values [B, T, kv_heads, hw]; unrotated."""
        qkv = self.qkv(self.attention_norm(x)).unflatten(-1, (-1, self.head_width))
        q, k, v = qkv.split([self.heads, self.kv_heads, self.kv_heads], dim=-2)
        return F.rms_norm(q, (self.head_width,)), F.rms_norm(k, (self.head_width,)), v

    def finish(self, x: Tensor, attended: Tensor) -> Tensor:
        """x [B, T, width], attended [B, T, heads * hw] -> the block's output [B, T, width]."""
        x = x + self.out(attended)
        gate, up = self.gate_up(self.mlp_norm(x)).chunk(2, dim=-1)
        return x + self.down(F.silu(gate) * up)

    def whole(
        self, x: Tensor, rope: tuple[Tensor, Tensor], prompt: tuple[Tensor, Tensor], mask: Tensor
    ) -> Tensor:
        """A whole stream. `prompt`: unrotated keys and values [1 or B, P, kv_heads, hw]; mask [T, P + T].

        Plain matrix products: their backward pass is twice as fast as the fused attention kernel's on a CPU.
        """
        rows, length = x.shape[:2]
        q, k, v = self.project(x)
        q = q * self.head_width**-0.5
        prompt_k, prompt_v = (t.to(k.dtype).expand(rows, -1, -1, -1) for t in prompt)
        far = torch.bmm(self._grouped(q), _by_head(prompt_k).transpose(1, 2))
        near = torch.bmm(self._grouped(rotate(q, *rope)), _by_head(rotate(k, *rope)).transpose(1, 2))
        scores = torch.cat([far, near], dim=-1).unflatten(1, (-1, length))  # [B * kv_heads, group, T, P + T]
        weights = scores.masked_fill(~mask, -1e4).float().softmax(dim=-1).to(v.dtype).flatten(1, 2)
        attended = torch.bmm(weights, _by_head(torch.cat([prompt_v, v], dim=1)))
        return self.finish(x, attended.view(rows, -1, length, self.head_width).transpose(1, 2).flatten(2))

    def _grouped(self, q: Tensor) -> Tensor:
        """[B, T, heads, hw] -> [B * kv_heads, group * T, hw]: the queries that share keys, side by side."""
        return q.transpose(1, 2).reshape(q.shape[0] * self.kv_heads, -1, self.head_width)

    def read_prompt(self, x: Tensor, rope: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """The prompt attends to itself, causally. x [B, P, width] -> output, unrotated keys, values."""
        q, k, v = self.project(x)
        group = self.heads // self.kv_heads
        keys = rotate(k, *rope).repeat_interleave(group, 2).transpose(1, 2)
        values = v.repeat_interleave(group, 2).transpose(1, 2)
        queries = rotate(q, *rope).transpose(1, 2)
        attended = F.scaled_dot_product_attention(queries, keys, values, is_causal=True)
        return self.finish(x, attended.transpose(1, 2).flatten(2)), k, v


def _by_head(x: Tensor) -> Tensor:
    """[B, T, kv_heads, hw] -> [B * kv_heads, T, hw]."""
    return x.transpose(1, 2).flatten(0, 1)


def stream_mask(
    length: int, *, prompt_length: int, window: int, device: torch.device | None = None
) -> Tensor:
    """[length, prompt_length + length] bool: the prompt, and the last `window` positions, itself included."""
    at = torch.arange(length, device=device)
    near = (at[None] <= at[:, None]) & (at[None] > at[:, None] - window)
    return torch.cat([torch.ones(length, prompt_length, dtype=torch.bool, device=device), near], dim=1)


class NanoModel(nn.Module):
    def __init__(self, config: NanoConfig) -> None:
        super().__init__()
        self.config = config
        self.frontend = FrontEnd(config) if config.front_end == "mel" else EmbeddingFrontEnd(config)
        self.hear = nn.Linear(FEATURES_PER_CHUNK * config.width, config.width)  # its name in weights files
        self.tokens = nn.Embedding(config.vocab_size, config.width)
        self.codes_in = CodeEmbedding(config.width)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.num_layers))
        self.norm = RMSNorm(config.width)
        self.text_head = nn.Linear(config.width, config.vocab_size, bias=False)
        self.code_head = CodeHead(config.width, config.code_width)
        nn.init.zeros_(self.text_head.weight)

    def layers(self) -> list[Block]:
        """The blocks, in order."""
        return [block for block in self.blocks if isinstance(block, Block)]

    def user_inputs(self, features: Tensor) -> Tensor:
        """Inputs of the U positions. [B, 2 n, width] features -> [B, n, width]."""
        return self.hear(features.unflatten(1, (-1, FEATURES_PER_CHUNK)).flatten(2))

    def assistant_inputs(self, anchors: Tensor, codes_before: Tensor) -> Tensor:
        """Inputs of the A positions. anchors [...] int64, codes_before [..., 4] int64 -> [..., width]."""
        return self.tokens(anchors) + self.codes_in(codes_before)

    def action_inputs(self, tokens: Tensor) -> Tensor:
        """Inputs of the action positions. [...] int64 -> [..., width]."""
        return self.tokens(tokens)

    def read_prompt(self, tokens: Tensor) -> PromptCache:
        """Keys and values of a pinned prompt, computed once. tokens [B, P] int64."""
        x = self.tokens(tokens)
        rope = rope_table(torch.arange(tokens.shape[1], device=tokens.device), self.config.head_width)
        cache = []
        for block in self.layers():
            x, keys, values = block.read_prompt(x, rope)
            cache.append((keys, values))
        return cache

    def whole(self, x: Tensor, prompt: PromptCache) -> Tensor:
        """Hidden states of a whole stream: x [B, T, width] -> [B, T, width], causal, within the window."""
        length, config = x.shape[1], self.config
        rope = rope_table(torch.arange(length, device=x.device), config.head_width)
        prompt_length = prompt[0][0].shape[1]
        mask = stream_mask(length, prompt_length=prompt_length, window=config.window, device=x.device)
        for block, cache in zip(self.layers(), prompt, strict=True):
            x = block.whole(x, rope, cache, mask)
        return self.norm(x)
