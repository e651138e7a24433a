"""No tensor of a training step is made on another device than its model: seen on fake CUDA tensors.

Backward needs a real device; every tensor that it touches is made by the forward pass or by an optimizer.
"""

import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from duplexsla.clock import CHUNK_SAMPLES
from duplexsla.model.backbone import NanoModel
from duplexsla.model.config import NanoConfig
from duplexsla_lab.training.duplex.loss import _replaced, _some_noisy
from duplexsla_lab.training.duplex.run import Recipe, optimizers

BATCH, CHUNKS, POSITIONS, SPEAKING = 3, 10, 40, 7


def on_fake_cuda(model: NanoModel) -> NanoModel:
    """The same model, all that it holds replaced by fake CUDA tensors."""
    for module in model.modules():
        for name, weight in module._parameters.items():
            if weight is not None:
                fake = torch.empty(weight.shape, dtype=weight.dtype, device="cuda")
                module._parameters[name] = torch.nn.Parameter(fake)
        for name, buffer in module._buffers.items():
            if buffer is not None:
                module._buffers[name] = torch.empty(buffer.shape, dtype=buffer.dtype, device="cuda")
    return model


def integers(*shape: int) -> torch.Tensor:
    return torch.zeros(*shape, dtype=torch.long, device="cuda")


def test_a_step_stays_on_the_models_device() -> None:
    generator = torch.Generator()
    built = NanoModel(NanoConfig(vocab_size=300, num_phones=41))
    with FakeTensorMode():
        model = on_fake_cuda(built)
        state = model.frontend.new_state(BATCH)
        mels = model.frontend.mels(torch.zeros(BATCH, CHUNK_SAMPLES * CHUNKS, device="cuda"), state)
        features = model.frontend.encode(_some_noisy(mels, 0.25, generator), state)
        codes = integers(SPEAKING, 4)
        hidden = model.whole(
            model.action_inputs(_replaced(integers(BATCH, POSITIONS), 0.1, 5, 200, generator)),
            model.read_prompt(integers(BATCH, 8)),
        )
        parts = [
            model.user_inputs(features),
            model.assistant_inputs(integers(BATCH, CHUNKS), integers(BATCH, CHUNKS, 4)),
            model.text_head(hidden),
            model.code_head.loss(hidden[0, :SPEAKING], codes, _replaced(codes, 0.1, 0, 100, generator)),
            model.frontend.phones(features),
        ]
        assert {part.device.type for part in parts} == {"cuda"}
        for weight in model.parameters():
            weight.grad = torch.empty_like(weight)
        for optimizer in optimizers(model, Recipe(steps=3)):
            optimizer.step()
        assert {weight.device.type for weight in model.parameters()} == {"cuda"}
