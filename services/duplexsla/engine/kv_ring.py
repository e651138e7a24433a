"""Keys and values of every slot: a pinned prompt, then a ring of the newest positions. Memory never grows.

A slot's row, per layer and key-value head:

    | prompt 0 .. P-1 | position p lies at P + p mod R |      R = window + most positions of one pass - 1

With that many spare places, a pass may write its positions first and read afterwards: what it overwrites is
outside the window of every query in it. So it is when a position is written again (a draft that failed).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

Run = tuple[int, int, int]  # first row of the batch, first slot, how many: rows whose slots are neighbours


@dataclass(frozen=True, slots=True)
class RingPositions:
    """Where one pass of B sessions by T positions writes and what it sees; every layer uses the same."""

    runs: list[Run]
    heads: Tensor  # [B * kv_heads] rows of the prompt's keys
    written: Tensor  # [B * T * kv_heads] rows of the flat ring
    unseen: Tensor  # [B, 1, T, 1, P + R] float32: 0 where visible, -inf elsewhere


class KVRing:
    """Keys of the ring are stored rotated and scaled, those of the prompt plain: see `fused_backbone.py`."""

    def __init__(
        self,
        *,
        slots: int,
        layers: int,
        kv_heads: int,
        head_width: int,
        window: int,
        prompt_length: int,
        most_positions: int,
    ) -> None:
        self.kv_heads, self.head_width, self.prompt_length = kv_heads, head_width, prompt_length
        self.ring_length = window + most_positions - 1
        self.row_length = prompt_length + self.ring_length
        shape = (slots * kv_heads, self.row_length, head_width)
        self.keys = [torch.zeros(shape) for _ in range(layers)]
        self.values = [torch.zeros(shape) for _ in range(layers)]
        prompt_shape = (slots * kv_heads, head_width, prompt_length)
        self.prompt_keys = [torch.zeros(prompt_shape) for _ in range(layers)]
        self._unseen = _unseen_by_age(window, self.ring_length, prompt_length)
        self._scores = torch.zeros(0)

    def pin(self, slot: int, prompt: Sequence[tuple[Tensor, Tensor]]) -> None:
        """Lays a prompt's keys and values, per layer [P, kv_heads, head_width] each, into a slot."""
        rows = slice(slot * self.kv_heads, (slot + 1) * self.kv_heads)
        for layer, (keys, values) in enumerate(prompt):
            self.keys[layer][rows] = self.values[layer][rows] = 0.0  # 0 x NaN of whoever was here is NaN
            self.prompt_keys[layer][rows] = keys.permute(1, 2, 0)
            self.values[layer][rows, : self.prompt_length] = values.transpose(0, 1)

    def prompt(self, layer: int, slot: int) -> tuple[Tensor, Tensor]:
        """A slot's pinned keys [kv_heads, head_width, P] and values [kv_heads, P, head_width]."""
        rows = slice(slot * self.kv_heads, (slot + 1) * self.kv_heads)
        return self.prompt_keys[layer][rows], self.values[layer][rows, : self.prompt_length]

    def write(self, layer: int, slot: int, counts: Tensor, keys: Tensor, values: Tensor) -> None:
        """Lays keys and values [T, kv_heads, head_width] at a slot's positions counts [T]; T is at most R."""
        rows = slice(slot * self.kv_heads, (slot + 1) * self.kv_heads)
        at = self.prompt_length + counts % self.ring_length
        self.keys[layer][rows].index_copy_(1, at, keys.transpose(0, 1))
        self.values[layer][rows].index_copy_(1, at, values.transpose(0, 1))

    def positions(self, slots: Sequence[int], counts: Tensor) -> RingPositions:
        """For slots in ascending order and the positions that follow: counts [B, T] int64, from 0."""
        ring = self.ring_length
        heads = torch.tensor(slots)[:, None] * self.kv_heads + torch.arange(self.kv_heads)  # [B, kv_heads]
        at = self.prompt_length + counts % ring  # [B, T]
        written = heads[:, None, :] * self.row_length + at[:, :, None]
        seen = torch.where(counts < ring, counts, ring + counts % ring)
        unseen = self._unseen[seen][:, None, :, None, :]
        return RingPositions(_runs(slots), heads.flatten(), written.flatten(), unseen)

    def attend(
        self, layer: int, q: Tensor, q_plain: Tensor, k: Tensor, v: Tensor, positions: RingPositions
    ) -> Tensor:
        """Writes k, v [B, T, kv_heads, hw] and attends with q, q_plain [B, T, kv_heads, group, hw].

        q is rotated and scaled like the ring's keys, q_plain neither. Returns [B, T, kv_heads * group * hw].
        """
        keys, values = self.keys[layer], self.values[layer]
        keys.view(-1, self.head_width).index_copy_(0, positions.written, k.reshape(-1, self.head_width))
        values.view(-1, self.head_width).index_copy_(0, positions.written, v.reshape(-1, self.head_width))
        batch, steps, kv_heads, group, width = q.shape
        q, q_plain = (t.transpose(1, 2).reshape(batch * kv_heads, steps * group, width) for t in (q, q_plain))
        scores = self._scratch(q.shape[0], q.shape[1])
        for first, slot, count in positions.runs:
            rows, ring = (slice(i * kv_heads, (i + count) * kv_heads) for i in (first, slot))
            torch.bmm(q[rows], keys[ring].transpose(1, 2), out=scores[rows])
        prompt_keys = self.prompt_keys[layer].index_select(0, positions.heads)
        scores[:, :, : self.prompt_length] = torch.bmm(q_plain, prompt_keys)
        scores.view(batch, kv_heads, steps, group, -1).add_(positions.unseen)
        weights = torch.softmax(scores, dim=-1)
        attended = torch.empty_like(q)
        for first, slot, count in positions.runs:
            rows, ring = (slice(i * kv_heads, (i + count) * kv_heads) for i in (first, slot))
            torch.bmm(weights[rows], values[ring], out=attended[rows])
        return attended.view(batch, kv_heads, steps, group * width).transpose(1, 2).flatten(2)

    def _scratch(self, rows: int, queries: int) -> Tensor:
        """[rows, queries, P + R], kept between calls."""
        size = rows * queries * self.row_length
        if self._scores.numel() < size:
            self._scores = torch.empty(size)
        return self._scores[:size].view(rows, queries, self.row_length)


def _runs(slots: Sequence[int]) -> list[Run]:
    """Cuts ascending slots into stretches of neighbours."""
    starts = [0] + [i + 1 for i, (a, b) in enumerate(pairwise(slots)) if b != a + 1]
    return [(a, slots[a], b - a) for a, b in pairwise([*starts, len(slots)])]


def _unseen_by_age(window: int, ring: int, prompt_length: int) -> Tensor:
    """[2 R, P + R]: row c serves the c-th position of a slot, row R + c mod R every later one."""
    counts, rows = torch.arange(2 * ring)[:, None], torch.arange(ring)[None]
    age = (counts - rows) % ring
    seen = age < torch.minimum(counts + 1, torch.tensor(window))
    hidden = torch.zeros(2 * ring, ring).masked_fill(~seen, float("-inf"))
    return torch.cat([torch.zeros(2 * ring, prompt_length), hidden], dim=1)
