"""What many positions leave in the KV ring, in one pass over several sessions whose rows lie end to end.

Every product with a weight is one call over all rows, and no row is padding; only attention goes session by
session. Layer `l` of `L` computes the `(L - l) * window` newest positions of a session: no later position
sees further back.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from duplexsla.engine.fused_backbone import Backbone
from duplexsla.engine.prefix import PrefixTensors
from duplexsla.model.backbone import NanoModel

QUERIES = 128  # positions that attend together


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
