"""Positions: relative in the stream, constant for the pinned prompt, exact after weeks."""

import torch
from torch import Tensor

from duplexsla.model.backbone import NanoModel, rope_table, stream_mask
from duplexsla.model.config import NanoConfig

CONFIG = NanoConfig(
    vocab_size=300, width=32, num_layers=2, num_heads=2, num_kv_heads=1, head_width=16, ff_width=48,
    window=12, front_width=32, front_blocks=1, code_width=32,
)  # fmt: skip
A_WEEK = 7 * 24 * 3600 * 1000 // 160 * 4  # positions


def tiny() -> NanoModel:
    torch.manual_seed(0)
    model = NanoModel(CONFIG).eval()
    for block in model.blocks:
        torch.nn.init.normal_(block.out.weight, std=0.1)
        torch.nn.init.normal_(block.down.weight, std=0.1)
    return model


@torch.no_grad()
def test_a_week_later_decodes_as_the_first_minute() -> None:
    model, x = tiny(), torch.randn(2, 40, CONFIG.width)
    prompt = model.read_prompt(torch.arange(8)[None])
    mask = stream_mask(40, prompt_length=8, window=CONFIG.window)

    def decoded(first: int) -> Tensor:
        rope, hidden = rope_table(torch.arange(first, first + 40), CONFIG.head_width), x
        for block, cache in zip(model.layers(), prompt, strict=True):
            hidden = block.whole(hidden, rope, cache, mask)
        return hidden

    new, old = decoded(0), decoded(A_WEEK)
    torch.testing.assert_close(old, new, atol=2e-5, rtol=1e-4)


@torch.no_grad()
def test_what_left_the_window_is_forgotten_and_the_prompt_is_not() -> None:
    model, x = tiny(), torch.randn(1, 60, CONFIG.width)
    changed = x.clone()
    changed[:, :10] += 1
    prompts = [model.read_prompt(torch.tensor([ids])) for ids in (list(range(8)), list(range(8, 16)))]
    reach = 10 + CONFIG.num_layers * (
        CONFIG.window - 1
    )  # positions later than this cannot know of the first ten
    first, other = model.whole(x, prompts[0]), model.whole(changed, prompts[0])
    torch.testing.assert_close(first[:, reach:], other[:, reach:])
    assert not torch.allclose(first[:, reach - 5], other[:, reach - 5], atol=1e-6)
    assert not torch.allclose(first[:, -1], model.whole(x, prompts[1])[:, -1], atol=1e-4)


@torch.no_grad()
def test_no_position_sees_the_future() -> None:
    model, x = tiny(), torch.randn(1, 20, CONFIG.width)
    prompt = model.read_prompt(torch.arange(8)[None])
    torch.testing.assert_close(
        model.whole(x[:, :9], prompt), model.whole(x, prompt)[:, :9], atol=1e-5, rtol=1e-4
    )
