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

from duplexsla.clock import FEATURES_PER_CHUNK
from duplexsla.model.attention import Block, rope_table, stream_mask
from duplexsla.model.code_head import CodeEmbedding, CodeHead
from duplexsla.model.config import NanoConfig
from duplexsla.model.frontend import FrontEnd
from duplexsla.model.norm import RMSNorm

PromptCache = Sequence[
    tuple[Tensor, Tensor]
]  # per layer: unrotated keys, values [B, P, kv_heads, head_width]


class NanoModel(nn.Module):
    def __init__(self, config: NanoConfig) -> None:
        super().__init__()
        self.config = config
        self.frontend = FrontEnd(config)
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
