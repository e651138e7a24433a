"""The streaming backbone is the model: some positions at a time, over a ring, give what one pass gives."""

import random
from collections.abc import Callable

import pytest
import torch
from tests.support.tiny_engine import WINDOW, tiny_codec, tiny_model, tiny_vocabulary
from torch import Tensor

from duplexsla.engine.backends import select_backends
from duplexsla.engine.fused_backbone import Backbone, Segments
from duplexsla.engine.native.backbone import NativeBackbone
from duplexsla.engine.native.library import load_kernels
from duplexsla.model.backbone import NanoModel

A_WEEK = 7 * 24 * 3600 * 1000 // 160 * 3  # positions
REACH = 2 * WINDOW  # of two layers: what is older has no effect
LENGTH = 4 * WINDOW
MOST = 6
Build = Callable[[NanoModel, int], Backbone]

without_compiler = pytest.mark.skipif(
    load_kernels() is None, reason="no C compiler that knows half precision"
)


@pytest.fixture(params=["torch", pytest.param("compiled", marks=without_compiler)])
def build(request: pytest.FixtureRequest) -> Build:
    compiled = request.param == "compiled"

    def built(model: NanoModel, slots: int) -> Backbone:
        backends = select_backends(
            model, tiny_codec(), slots=slots, most_positions=MOST, kernels="any" if compiled else "torch"
        )
        backbone = backends.backbone
        assert isinstance(backbone, NativeBackbone) == compiled
        return backbone

    return built


@pytest.fixture(scope="module")
def model() -> NanoModel:
    return tiny_model(tiny_vocabulary())


def _pin(
    backbone: Backbone, model: NanoModel, slots: list[int], *, first: int = 0
) -> list[tuple[Tensor, Tensor]]:
    """One prompt in all the slots."""
    with torch.inference_mode():
        prompt = model.read_prompt(torch.arange(first, first + model.config.prompt_length)[None])
        for slot in slots:
            backbone.ring.pin(slot, backbone.prompt_rows(prompt))
    return list(prompt)


def _pass(backbone: Backbone, x: Tensor, slots: list[int], at: list[int]) -> Tensor:
    """x [B, T, width] at positions at[i], ... of slots[i] -> hidden [B, T, width]."""
    segments = Segments(slots, [x.shape[1]] * len(slots), at)
    return backbone.advance(x.flatten(0, 1).clone(), segments).unflatten(0, x.shape[:2])


def _streamed(
    backbone: Backbone, x: Tensor, slots: list[int], passes: list[int], *, first: int = 0
) -> Tensor:
    """Hidden states of x [B, T, width] from position `first` on, `passes` positions at a time."""
    hidden, at = [], 0
    for steps in passes:
        hidden.append(_pass(backbone, x[:, at : at + steps], slots, [first + at] * len(slots)))
        at += steps
    return torch.cat(hidden, dim=1)


@pytest.mark.parametrize("passes", [[1] * LENGTH, [4] * (LENGTH // 4), [1, 2, 1] * (LENGTH // 4)])
@torch.inference_mode()
def test_streamed_equals_whole_beyond_the_window(build: Build, model: NanoModel, passes: list[int]) -> None:
    torch.manual_seed(2)
    backbone, slots = build(model, 6), [0, 1, 4]
    prompt = _pin(backbone, model, slots, first=5)
    x = torch.randn(3, LENGTH, model.config.width)
    whole = model.whole(x, prompt)
    assert torch.allclose(_streamed(backbone, x, slots, passes), whole, atol=1e-4, rtol=0)


@torch.inference_mode()
def test_a_week_old_session_decodes_as_a_new_one(build: Build, model: NanoModel) -> None:
    """The ring is full of what came before, as it is after a week."""
    torch.manual_seed(7)
    backbone, slots = build(model, 2), [1]
    prompt = _pin(backbone, model, slots)
    x = torch.randn(1, LENGTH, model.config.width)
    _streamed(backbone, torch.randn(1, LENGTH, model.config.width), slots, [1] * LENGTH)
    streamed = _streamed(backbone, x, slots, [1] * LENGTH, first=A_WEEK)[:, REACH:]
    assert torch.allclose(streamed, model.whole(x, prompt)[:, REACH:], atol=1e-4, rtol=0)


@torch.inference_mode()
def test_a_position_that_is_written_again_leaves_no_trace(build: Build, model: NanoModel) -> None:
    torch.manual_seed(3)
    backbone, drafts = build(model, 1), MOST - 1
    prompt = _pin(backbone, model, [0])
    x = torch.randn(1, LENGTH, model.config.width)
    hidden = []
    for at in range(LENGTH):
        draft = torch.cat([x[:, at : at + 1], torch.randn(1, drafts, model.config.width)], dim=1)
        hidden.append(_pass(backbone, draft, [0], [at])[:, :1])
    assert torch.allclose(torch.cat(hidden, dim=1), model.whole(x, prompt), atol=1e-4, rtol=0)


@torch.inference_mode()
def test_sessions_with_different_numbers_of_positions_share_a_pass(build: Build, model: NanoModel) -> None:
    torch.manual_seed(5)
    backbone, slots, rng = build(model, 3), [0, 2], random.Random(0)
    prompt = _pin(backbone, model, slots)
    x = torch.randn(2, LENGTH, model.config.width)
    whole, at = model.whole(x, prompt), [0, 0]
    while max(at) <= LENGTH - MOST:
        steps = [rng.randint(1, MOST) for _ in slots]
        rows = torch.cat([x[i, at[i] : at[i] + steps[i]] for i in range(2)])
        hidden = backbone.advance(rows, Segments(slots, steps, at)).split(steps)
        for i, part in enumerate(hidden):
            assert torch.allclose(part, whole[i, at[i] : at[i] + steps[i]], atol=1e-4, rtol=0)
        at = [a + n for a, n in zip(at, steps, strict=True)]


@torch.inference_mode()
def test_the_prompt_of_each_slot_is_its_own(build: Build, model: NanoModel) -> None:
    torch.manual_seed(4)
    backbone = build(model, 2)
    prompts = [_pin(backbone, model, [slot], first=first) for slot, first in ((0, 3), (1, 40))]
    x = torch.randn(1, LENGTH, model.config.width).expand(2, -1, -1)
    streamed = _streamed(backbone, x, [0, 1], [1] * LENGTH)
    for slot, prompt in enumerate(prompts):
        assert torch.allclose(streamed[slot], model.whole(x[:1], prompt)[0], atol=1e-4, rtol=0)
    assert not torch.allclose(streamed[0], streamed[1], atol=1e-2)


@without_compiler
@torch.inference_mode()
def test_compiled_a_row_is_the_same_bit_by_bit_whoever_shares_the_pass_and_however_it_is_cut(
    model: NanoModel,
) -> None:
    torch.manual_seed(6)
    slots = list(range(9))
    x = torch.randn(9, LENGTH, model.config.width)

    def streamed(passes: list[int], here: list[int]) -> Tensor:
        backbone = select_backends(model, tiny_codec(), slots=9, most_positions=MOST).backbone
        _pin(backbone, model, slots)
        hidden = _streamed(backbone, x[here], here, passes)
        mask = b"\1" * model.config.vocab_size
        logits = backbone.choose(hidden.flatten(0, 1), [mask] * hidden[..., 0].numel()).logits
        return torch.cat([hidden, logits.unflatten(0, hidden.shape[:2])], dim=-1)

    together = streamed([1] * LENGTH, slots)
    for here, passes in (([3], [1] * LENGTH), ([2, 3, 5], [2] * (LENGTH // 2)), (slots, [4] * (LENGTH // 4))):
        assert torch.equal(streamed(passes, here), together[here])
