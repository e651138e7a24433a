"""The compiled front end equals torch's, on streams of several slots that come and go."""

import copy
from typing import get_args

import pytest
import torch
from tests.support.engine_backends import batches, both_backends, with_compiler
from tests.support.tiny_engine import tiny_model, tiny_vocabulary

from duplexsla.clock import CHUNK_SAMPLES
from duplexsla.model.config import FrontEndKind
from duplexsla.model.frontend import FrontEnd

pytestmark = with_compiler


@torch.inference_mode()
@pytest.mark.parametrize("front_end", get_args(FrontEndKind))
def test_both_encode_the_same(front_end: FrontEndKind) -> None:
    model = tiny_model(tiny_vocabulary(), front_end=front_end)
    torch.manual_seed(0)
    plain, compiled = both_backends(model)
    assert type(plain.frontend) is not type(compiled.frontend)
    for step, slots in enumerate(batches(20)):
        samples = torch.randn(len(slots), CHUNK_SAMPLES * (1 + step % 2)) * 0.1
        encoded = [each.frontend.encode(slots, samples) for each in (plain, compiled)]
        assert torch.allclose(*encoded, atol=1e-4)
        if step % 5 == 0:
            for each in (plain, compiled):
                each.frontend.reset(slots[0])


@torch.inference_mode()
def test_what_is_far_beyond_a_gate_stays_finite() -> None:
    """e^x of what a loud voice drives far below a gate is beyond float32."""
    loud = copy.deepcopy(tiny_model(tiny_vocabulary()))
    assert isinstance(loud.frontend, FrontEnd)
    for layer in (loud.frontend.first, loud.frontend.second):
        layer.linear.weight *= 32.0  # exact in half precision
    plain, compiled = both_backends(loud)
    samples = torch.rand(2, 4 * CHUNK_SAMPLES) - 0.5
    gated = []
    loud.frontend.second.register_forward_hook(lambda *call: gated.append(float(call[2][0].min())))
    encoded = [each.frontend.encode([0, 3], samples) for each in (plain, compiled)]
    assert min(gated) < -200
    assert torch.allclose(*encoded, atol=1e-3)
