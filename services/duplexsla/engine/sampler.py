"""From logits to tokens: greedy, or drawn from the most likely ones with the session's own random numbers."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Sampling:
    """temperature 0 is greedy; top_k 0 leaves every token in. One seed gives one course of a session."""

    temperature: float = 0.0
    top_k: int = 0
    seed: int = 0

    @property
    def greedy(self) -> bool:
        return self.temperature <= 0.0


@dataclass(slots=True)
class Sampler:
    """One session's draws: they depend on its own logits alone, never on who shares the batch."""

    sampling: Sampling
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.sampling.seed)

    @property
    def greedy(self) -> bool:
        return self.sampling.greedy

    def draw(self, logits: Tensor) -> int:
        """logits [V], -inf where forbidden."""
        k = min(self.sampling.top_k or logits.numel(), logits.numel())
        best, ids = logits.double().topk(k)
        shares = torch.softmax(best / self.sampling.temperature, dim=0).cumsum(0)
        place = int(torch.searchsorted(shares, self._random.random() * float(shares[-1]), right=True))
        return int(ids[min(place, k - 1)])


def pick(logits: Tensor, samplers: Sequence[Sampler]) -> list[int]:
    """One token per row of logits [N, V]."""
    chosen: list[int] = logits.argmax(dim=-1).tolist()
    for row, sampler in enumerate(samplers):
        if not sampler.greedy:
            chosen[row] = sampler.draw(logits[row])
    return chosen
