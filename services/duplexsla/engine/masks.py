"""Which tokens may be chosen, as numbers to add to the logits."""

from collections.abc import Sequence

import torch
from torch import Tensor

MAX_CACHED = 4_096


class Masks:
    """Byte masks to rows of 0 and -inf; equal masks are converted once."""

    def __init__(self) -> None:
        self._rows: dict[bytes, Tensor] = {}

    def rows(self, masks: Sequence[bytes]) -> Tensor:
        """[N, V] float32, or [1, V] where all are the same."""
        if all(mask is masks[0] for mask in masks):
            return self._row(masks[0])[None]
        return torch.stack([self._row(mask) for mask in masks])

    def _row(self, mask: bytes) -> Tensor:
        row = self._rows.get(mask)
        if row is None:
            if len(self._rows) >= MAX_CACHED:
                self._rows.clear()
            allowed = torch.tensor(list(mask), dtype=torch.bool)
            row = torch.zeros(len(mask)).masked_fill(~allowed, float("-inf"))
            self._rows[mask] = row
        return row
