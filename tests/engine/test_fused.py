"""The streaming backbone is the model: some positions at a time, over a ring, give what one pass gives."""

import random

import pytest
import torch
from tests.engine.tiny import WINDOW, tiny_model, tiny_vocabulary
from torch import Tensor

from duplexsla.engine.fused import FusedBackbone
from duplexsla.engine.kv_ring import KVRing
from duplexsla.model.backbone import NanoModel

A_WEEK = 7 * 24 * 3600 * 1000 // 160 * 3  # positions
LENGTH = 4 * WINDOW


def _backbone(model: NanoModel, slots: int) -> FusedBackbone:
    config = model.config
    ring = KVRing(
        slots=slots,
        layers=config.num_layers,
        kv_heads=config.num_kv_heads,
        head_width=config.head_width,
        window=config.window,
        prompt_length=config.prompt_length,
        most_positions=4,
    )
    return FusedBackbone(model, ring)


def _streamed(
    backbone: FusedBackbone, x: Tensor, slots: list[int], passes: list[int], *, first: int = 0
) -> Tensor:
    """Hidden states of x [B, T, width], `passes` positions at a time."""
    hidden, at = [], 0
    for steps in passes:
        counts = torch.arange(at, at + steps).expand(len(slots), steps)
        hidden.append(backbone.advance(x[:, at : at + steps], slots, counts, counts + first))
        at += steps
    return torch.cat(hidden, dim=1)


@pytest.fixture(scope="module")
def model() -> NanoModel:
    return tiny_model(tiny_vocabulary())


@pytest.mark.parametrize("first", [0, A_WEEK])
@pytest.mark.parametrize("passes", [[1] * LENGTH, [4] * (LENGTH // 4), [1, 2, 1] * (LENGTH // 4)])
@torch.inference_mode()
def test_streamed_equals_whole_beyond_the_window(model: NanoModel, passes: list[int], first: int) -> None:
    torch.manual_seed(2)
    backbone, slots = _backbone(model, 6), [0, 1, 4]
    prompt = model.read_prompt(torch.arange(5, 5 + model.config.prompt_length)[None])
    for slot in slots:
        backbone.ring.pin(slot, backbone.prompt_rows(prompt))
    x = torch.randn(3, LENGTH, model.config.width)
    whole = model.whole(x, prompt, first_position=first)
    assert torch.allclose(_streamed(backbone, x, slots, passes, first=first), whole, atol=1e-4, rtol=0)


@torch.inference_mode()
def test_a_position_that_is_written_again_leaves_no_trace(model: NanoModel) -> None:
    torch.manual_seed(3)
    backbone, slots = _backbone(model, 1), [0]
    prompt = model.read_prompt(torch.arange(model.config.prompt_length)[None])
    backbone.ring.pin(0, backbone.prompt_rows(prompt))
    x = torch.randn(1, LENGTH, model.config.width)
    hidden = []
    for at in range(0, LENGTH, 2):
        draft = torch.cat([x[:, at : at + 1], torch.randn(1, 1, model.config.width)], dim=1)
        counts = torch.arange(at, at + 2)[None]
        hidden.append(backbone.advance(draft, slots, counts, counts)[:, :1])
        counts = counts[:, 1:]
        hidden.append(backbone.advance(x[:, at + 1 : at + 2], slots, counts, counts))
    streamed = torch.cat(hidden, dim=1)
    assert torch.allclose(streamed, model.whole(x, prompt), atol=1e-4, rtol=0)


@torch.inference_mode()
def test_padding_positions_are_never_seen(model: NanoModel) -> None:
    torch.manual_seed(5)
    backbone, slots = _backbone(model, 2), [0, 1]
    prompt = model.read_prompt(torch.arange(model.config.prompt_length)[None])
    for slot in slots:
        backbone.ring.pin(slot, backbone.prompt_rows(prompt))
    x = torch.randn(2, LENGTH, model.config.width)
    whole, at, rng = model.whole(x, prompt), [0, 0], random.Random(0)
    while max(at) <= LENGTH - 4:
        real = [rng.randint(1, 4) for _ in slots]
        inputs = torch.randn(2, max(real), model.config.width)  # what is not real is noise
        for row, length in enumerate(real):
            inputs[row, :length] = x[row, at[row] : at[row] + length]
        counts = torch.tensor(at)[:, None] + torch.arange(max(real))
        hidden = backbone.advance(inputs, slots, counts, counts)
        for row, length in enumerate(real):
            expected = whole[row, at[row] : at[row] + length]
            assert torch.allclose(hidden[row, :length], expected, atol=1e-4, rtol=0)
            at[row] += length


@torch.inference_mode()
def test_the_prompt_of_each_slot_is_its_own(model: NanoModel) -> None:
    torch.manual_seed(4)
    backbone, length = _backbone(model, 2), model.config.prompt_length
    prompts = [model.read_prompt(torch.arange(a, a + length)[None]) for a in (3, 40)]
    for slot, prompt in enumerate(prompts):
        backbone.ring.pin(slot, backbone.prompt_rows(prompt))
    x = torch.randn(1, LENGTH, model.config.width).expand(2, -1, -1)
    streamed = _streamed(backbone, x, [0, 1], [1] * LENGTH)
    for slot, prompt in enumerate(prompts):
        assert torch.allclose(streamed[slot], model.whole(x[:1], prompt)[0], atol=1e-4, rtol=0)
    assert not torch.allclose(streamed[0], streamed[1], atol=1e-2)
