"""A session that was decoded elsewhere: its newest chunks are enough for any engine to continue it.

What they leave in the KV ring is computed in one pass over several sessions whose rows lie end to end. Every
product with a weight is one call over all rows, and no row is padding; only attention goes session by
session. Layer `l` of `L` computes the `(L - l) * window` newest positions of a session: no later position
sees further back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from duplexsla.clock import CHUNK_SAMPLES, TOKENS_PER_CHUNK
from duplexsla.engine.fused_backbone import Backbone
from duplexsla.errors import ProtocolError
from duplexsla.model.backbone import NanoModel
from duplexsla.protocol import tokens
from duplexsla.protocol.call_confidence import CallChoice
from duplexsla.protocol.tokens import Vocabulary

# How long a prefix must be. From `layers * window` positions on, 768 chunks at most, the tokens after it are
# exactly those after the whole session. Of 96 random cuts into four minutes of the nano model's speech, the
# newest 300 chunks gave the same 30 chunks afterwards each time, 200 the same text but other codes 3 times,
# 100 (the window) other text 4 times.
ENOUGH_CHUNKS = 300

QUERIES = 128  # positions that attend together


@dataclass(frozen=True, slots=True)
class PrefixChunk:
    """One chunk: what was heard, said and written."""

    samples: NDArray[np.int16]  # [2560]
    anchor: str
    codes: tuple[int, ...]  # 4
    action: Sequence[str]  # pieces; the last is <|action_end|>
    injected_tokens: int = 0  # how many of them, from the left, the service wrote
    choices: Sequence[CallChoice] = ()  # of those that opened a call or went on with one


@dataclass(frozen=True, slots=True)
class Prefix:
    """The chunks before `next_chunk`, none missing: the whole session or its newest part."""

    toolset: str
    first_chunk: int
    chunks: Sequence[PrefixChunk]
    pending_injected: str = ""  # text of the service that came with these chunks and is not written yet
    waited_chunks: int = 0  # since the oldest of that text came, its own chunk included

    @property
    def next_chunk(self) -> int:
        return self.first_chunk + len(self.chunks)


@dataclass(frozen=True, slots=True)
class PrefixTensors:
    """The chunks of a prefix in the engine's numbers."""

    samples: Tensor  # [n, 2560] float32 in -1..1
    anchors: Tensor  # [n] int64
    codes: Tensor  # [n, 4] int64
    actions: list[list[int]]  # of each chunk, without <|action_end|>
    injected: list[int]  # of each chunk: how many of its first tokens the service wrote
    choices: list[Sequence[CallChoice]]  # of each chunk
    silent: list[bool]  # of each chunk

    def on(self, device: torch.device) -> "PrefixTensors":
        """The same with its tensors there."""
        samples, anchors, codes = (t.to(device) for t in (self.samples, self.anchors, self.codes))
        return replace(self, samples=samples, anchors=anchors, codes=codes)


def prefix_tensors(prefix: Prefix, vocabulary: Vocabulary, *, budget: int) -> PrefixTensors:
    """Raises ProtocolError for chunks that no session of this vocabulary can have had."""
    for chunk in prefix.chunks:
        _check(chunk, budget)
    try:
        anchors = [vocabulary.id(chunk.anchor) for chunk in prefix.chunks]
        actions = [[vocabulary.id(piece) for piece in chunk.action[:-1]] for chunk in prefix.chunks]
    except KeyError as unknown:
        raise ProtocolError(f"the past holds {unknown}, which this vocabulary lacks") from None
    samples = np.array([chunk.samples for chunk in prefix.chunks], np.float32).reshape(-1, CHUNK_SAMPLES)
    codes = np.array([chunk.codes for chunk in prefix.chunks], np.int64).reshape(-1, TOKENS_PER_CHUNK)
    return PrefixTensors(
        samples=torch.from_numpy(samples / 32_768),
        anchors=torch.tensor(anchors).long(),
        codes=torch.from_numpy(codes),
        actions=actions,
        injected=[chunk.injected_tokens for chunk in prefix.chunks],
        choices=[chunk.choices for chunk in prefix.chunks],
        silent=[chunk.anchor == tokens.VAD_SILENCE for chunk in prefix.chunks],
    )


def _check(chunk: PrefixChunk, budget: int) -> None:
    written = len(chunk.action) - 1
    if chunk.samples.shape != (CHUNK_SAMPLES,):
        raise ProtocolError(f"a chunk of the past holds {chunk.samples.shape} samples")
    if len(chunk.codes) != TOKENS_PER_CHUNK or not all(
        0 <= code < tokens.AUDIO_CODES for code in chunk.codes
    ):
        raise ProtocolError(f"a chunk of the past holds the codes {chunk.codes}")
    if not 0 <= chunk.injected_tokens <= written <= budget or chunk.action[-1] != tokens.ACTION_END:
        raise ProtocolError(f"a chunk of the past holds the action {list(chunk.action)}")


def prefix_inputs(model: NanoModel, users: Tensor, prefix: PrefixTensors, *, silence_code: int) -> Tensor:
    """The inputs of a prefix: users [n, width] of its chunks -> [positions, width], in the paper's order."""
    before = torch.full_like(prefix.codes, silence_code)
    before[1:] = prefix.codes[:-1]
    assistant = model.assistant_inputs(prefix.anchors, before)
    parts = []
    for chunk, action in enumerate(prefix.actions):
        parts += [users[chunk : chunk + 1], assistant[chunk : chunk + 1]]
        if action:
            parts.append(model.action_inputs(torch.tensor(action)))
    return torch.cat(parts)


def prefill(backbone: Backbone, streams: Sequence[Tensor], slots: Sequence[int]) -> None:
    """Writes keys and values of streams [T_i >= 1, width] into slots that hold their prompt and no more."""
    num_layers, window = len(backbone.blocks), backbone.config.window
    reach = num_layers * window
    xs = [rows[-reach:] for rows in streams]
    counts = [torch.arange(max(0, len(rows) - reach), len(rows)) for rows in streams]
    for layer, block in enumerate(backbone.blocks):
        rotary = backbone.rotary_factors(torch.cat(counts))
        rows = [len(x) for x in xs]
        projected = [t.split(rows) for t in backbone.project(block, torch.cat(xs), rotary)]
        _, _, keys, values = projected
        for i, slot in enumerate(slots):
            newest = slice(-window, None)
            backbone.ring.write(layer, slot, counts[i][newest], keys[i][newest], values[i][newest])
        if layer + 1 == num_layers:
            return
        reach -= window
        xs, counts = [x[-reach:] for x in xs], [count[-reach:] for count in counts]
        parts = zip(slots, xs, *projected, strict=True)
        attended = [_attend(backbone, layer, slot, len(x), *part) for slot, x, *part in parts]
        wanted = [len(x) for x in xs]
        xs = list(backbone.finish(block, torch.cat(xs), torch.cat(attended)).split(wanted))


def _attend(
    backbone: Backbone,
    layer: int,
    slot: int,
    wanted: int,
    q: Tensor,
    q_plain: Tensor,
    k: Tensor,
    v: Tensor,
) -> Tensor:
    """The last `wanted` of T positions attend, some at a time -> [wanted, heads * hw].

    q, q_plain [T, kv_heads, group, hw]; k, v [T, kv_heads, hw].
    """
    window, total = backbone.config.window, len(q)
    prompt_k, prompt_v = backbone.ring.prompt(layer, slot)  # [kv_heads, hw, P], [kv_heads, P, hw]
    k, v = k.permute(1, 2, 0), v.transpose(0, 1)
    out = []
    for start in range(total - wanted, total, QUERIES):
        end, first = min(start + QUERIES, total), max(0, start + 1 - window)
        near = _grouped(q[start:end]) @ k[:, :, first:end]
        far = _grouped(q_plain[start:end]) @ prompt_k
        age = torch.arange(start, end)[:, None] - torch.arange(first, end)
        unseen = ((age < 0) | (age >= window)).repeat_interleave(q.shape[2], 0)
        scores = torch.cat([far, near.masked_fill_(unseen, float("-inf"))], dim=-1)
        attended = scores.softmax(dim=-1) @ torch.cat([prompt_v, v[:, first:end]], dim=1)
        out.append(attended.view(len(attended), end - start, -1).transpose(0, 1).flatten(1))
    return torch.cat(out)


def _grouped(q: Tensor) -> Tensor:
    """[T, kv_heads, group, hw] -> [kv_heads, T * group, hw]."""
    return q.transpose(0, 1).flatten(1, 2)
