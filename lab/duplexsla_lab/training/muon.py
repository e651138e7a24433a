"""Muon: momentum, then the nearest orthogonal matrix by five Newton-Schulz steps (Jordan et al., 2024).

For the backbone's matrices; everything else takes AdamW. Fused projections are split into their maps first.
"""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

_COEFFICIENTS = (3.4445, -4.7750, 2.0315)


def orthogonalized(gradient: Tensor, *, steps: int = 5) -> Tensor:
    """[rows, columns] -> a matrix with the same singular vectors and singular values near 1, bfloat16."""
    tall = gradient.shape[0] > gradient.shape[1]
    x = (gradient.T if tall else gradient).bfloat16()
    x = x / (x.norm() + 1e-7)
    a, b, c = _COEFFICIENTS
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if tall else x


class Muon(torch.optim.Optimizer):
    """`maps` of each group: row counts of the maps that are fused in its matrices."""

    def __init__(
        self, groups: Iterable[dict[str, Any]], *, lr: float, momentum: float = 0.95, decay: float = 0.01
    ):
        super().__init__(groups, {"lr": lr, "momentum": momentum, "decay": decay, "maps": None})

    @torch.no_grad()
    def step(self, closure: object = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                velocity = self.state[weight].setdefault("velocity", torch.zeros_like(weight))
                velocity.lerp_(weight.grad, 1 - group["momentum"])
                direction = weight.grad.lerp(velocity, group["momentum"])
                rows = group["maps"] or [weight.shape[0]]
                for part, target in zip(direction.split(rows), weight.split(rows), strict=True):
                    scale = max(1.0, part.shape[0] / part.shape[1]) ** 0.5
                    update = orthogonalized(part).to(weight.dtype)
                    target.mul_(1 - group["lr"] * group["decay"]).add_(update, alpha=-group["lr"] * scale)
