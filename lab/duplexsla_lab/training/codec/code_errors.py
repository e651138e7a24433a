"""Codes as the decoder will meet them in service: with errors, and with one code for silence."""

import torch
import torch.nn.functional as F
from torch import Tensor

from duplexsla.clock import TOKEN_SAMPLES
from duplexsla.model.codec import levels_of

_REPLACED_SHARE = 0.03
_PINNED_SHARE = 0.7  # of the crops
_REACH_TOKENS = 3  # a code tells of the sound up to this many tokens ahead


def with_errors(levels: Tensor) -> Tensor:
    """Levels [B, T, 8] of which some are replaced by levels from elsewhere in the batch."""
    flat = levels.detach().flatten(0, 1)
    other = flat[torch.randperm(len(flat))].view_as(levels)
    return torch.where(torch.rand(*levels.shape[:2], 1) < _REPLACED_SHARE, other, levels)


def with_pinned_silence(levels: Tensor, samples: Tensor, silence_code: int) -> Tensor:
    """Levels [B, T, 8] where digital silence in samples [B, 640 T] has the pinned code, in most crops."""
    silent = samples.unflatten(1, (-1, TOKEN_SAMPLES)).eq(0).all(-1).float()
    ahead = F.pad(silent, (0, _REACH_TOKENS), value=1.0).unfold(1, _REACH_TOKENS + 1, 1)
    pinned = ahead.all(-1) & (torch.rand(len(levels), 1) < _PINNED_SHARE)
    return torch.where(pinned[..., None], levels_of(torch.tensor(silence_code)), levels)
