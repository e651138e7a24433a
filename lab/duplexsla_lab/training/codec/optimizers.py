"""The codec's optimizers, and the running means that are reported."""

from typing import Any

import torch
from torch import Tensor, nn

_MUON_SCALE = 2.0  # of AdamW's learning rate
_LARGEST_NORM = 2.0


class Optimizers:
    """Muon for the matrices of the blocks, AdamW for everything else, one learning rate."""

    def __init__(self, codec: nn.Module, loss: nn.Module) -> None:
        named = [*codec.named_parameters(), *loss.named_parameters()]
        matrices = [p for name, p in named if name.endswith(("widen.weight", "narrow.weight"))]
        matrix_ids = {id(p) for p in matrices}
        others = [p for _, p in named if id(p) not in matrix_ids]
        self._all = [p for _, p in named]
        self._parts = [
            torch.optim.Muon(matrices, lr=1e-3, weight_decay=0.01, adjust_lr_fn="match_rms_adamw"),
            torch.optim.AdamW(others, lr=1e-3, betas=(0.9, 0.98), weight_decay=0.01, fused=True),
        ]

    def step(self, loss: Tensor, rate: float) -> bool:
        """One step down the gradient of loss; False, and no step, where that is not finite."""
        for part, scale in zip(self._parts, (_MUON_SCALE, 1.0), strict=True):
            part.zero_grad()
            for group in part.param_groups:
                group["lr"] = rate * scale
        loss.backward()
        norm = nn.utils.clip_grad_norm_([p for p in self._all if p.grad is not None], _LARGEST_NORM)
        if not torch.isfinite(norm):
            return False
        for part in self._parts:
            part.step()
        return True

    def state_dict(self) -> list[dict[str, Any]]:
        return [part.state_dict() for part in self._parts]

    def load_state_dict(self, states: list[dict[str, Any]]) -> None:
        for part, state in zip(self._parts, states, strict=True):
            part.load_state_dict(state)


class Meter:
    """Running means of named figures."""

    def __init__(self) -> None:
        self._sums: dict[str, float] = {}
        self._weight = 0.0

    def add(self, figures: dict[str, float]) -> None:
        self._weight = self._weight * 0.97 + 1
        for name, value in figures.items():
            self._sums[name] = self._sums.get(name, 0.0) * 0.97 + value

    def line(self) -> str:
        return "  ".join(f"{name} {value / self._weight:.3f}" for name, value in self._sums.items())
