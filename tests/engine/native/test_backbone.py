"""The compiled choice of tokens equals torch's; test_fused_backbone.py compares the passes."""

import random

import torch
from tests.support.engine_backends import both_backends, with_compiler
from tests.support.tiny_engine import tiny_model, tiny_vocabulary


@with_compiler
@torch.inference_mode()
def test_the_most_likely_allowed_token_is_the_same() -> None:
    torch.manual_seed(0)
    model = tiny_model(tiny_vocabulary())
    rng, vocabulary = random.Random(0), model.config.vocab_size
    plain, compiled = both_backends(model)
    for rows in (1, 2, 5, 6, 7, 33):
        hidden = torch.randn(rows, model.config.width)
        masks = [bytes(rng.random() < share for _ in range(vocabulary)) for share in [0.5, 0.01] * rows]
        masks = [mask if any(mask) else b"\1" * vocabulary for mask in masks[:rows]]
        ours, theirs = (each.backbone.choose(hidden, masks) for each in (plain, compiled))
        assert ours.best == theirs.best
        assert all(mask[token] for mask, token in zip(masks, theirs.best, strict=True))
        assert torch.allclose(ours.logits, theirs.logits, atol=1e-4)
