"""What the compiled kernels do equals what torch does, on streams of several slots that come and go."""

import copy
import random
from collections.abc import Iterator

import pytest
import torch
from tests.engine.tiny import tiny_codec, tiny_model, tiny_vocabulary

from duplexsla.clock import CHUNK_SAMPLES
from duplexsla.engine import native
from duplexsla.engine.parts import Parts, parts_of
from duplexsla.engine.sampler import Sampler, Sampling
from duplexsla.model.backbone import NanoModel

SLOTS = 5

pytestmark = pytest.mark.skipif(native.kernels() is None, reason="no C compiler that knows half precision")


@pytest.fixture(scope="module")
def model() -> NanoModel:
    return tiny_model(tiny_vocabulary())


def _both(model: NanoModel) -> tuple[Parts, Parts]:
    """Torch's and the compiled parts of a model and a codec."""
    codec = tiny_codec()
    codec.decoder.half().float()  # as a checkpoint holds it
    built = [
        parts_of(model, codec, slots=SLOTS, most_positions=4, compiled=compiled) for compiled in (False, True)
    ]
    return built[0], built[1]


def _batches(steps: int) -> Iterator[list[int]]:
    rng = random.Random(0)
    for _ in range(steps):
        yield sorted(rng.sample(range(SLOTS), rng.randint(1, SLOTS)))


@torch.inference_mode()
def test_ears_hear_the_same(model: NanoModel) -> None:
    torch.manual_seed(0)
    plain, compiled = _both(model)
    assert type(plain.ears) is not type(compiled.ears)
    for step, slots in enumerate(_batches(20)):
        samples = torch.randn(len(slots), CHUNK_SAMPLES * (1 + step % 2)) * 0.1
        heard = [parts.ears.hear(slots, samples) for parts in (plain, compiled)]
        assert torch.allclose(*heard, atol=1e-4)
        if step % 5 == 0:
            for parts in (plain, compiled):
                parts.ears.forget(slots[0])


@torch.inference_mode()
def test_ears_survive_what_is_far_beyond_a_gate(model: NanoModel) -> None:
    """e^x of what a loud voice drives far below a gate is beyond float32."""
    loud = copy.deepcopy(model)
    for layer in (loud.frontend.first, loud.frontend.second):
        layer.linear.weight *= 32.0  # exact in half precision
    plain, compiled = _both(loud)
    samples = torch.rand(2, 4 * CHUNK_SAMPLES) - 0.5
    gated = []
    loud.frontend.second.register_forward_hook(lambda *call: gated.append(float(call[2][0].min())))
    heard = [parts.ears.hear([0, 3], samples) for parts in (plain, compiled)]
    assert min(gated) < -200
    assert torch.allclose(*heard, atol=1e-3)


@torch.inference_mode()
def test_the_codec_sounds_the_same(model: NanoModel) -> None:
    torch.manual_seed(0)
    plain, compiled = _both(model)
    states = [parts.codec.new_state(SLOTS) for parts in (plain, compiled)]
    assert type(plain.codec) is not type(compiled.codec)
    for step, slots in enumerate(_batches(20)):
        codes, held = torch.randint(0, 6_561, (len(slots), 4 * (1 + step % 2))), torch.tensor(slots)
        sounds = [
            parts.codec.decode_chunk(codes, state, held)
            for parts, state in zip((plain, compiled), states, strict=True)
        ]
        assert torch.allclose(*sounds, atol=1e-3)
        if step % 5 == 0:
            for state in states:
                state.reset(held[:1])


@torch.inference_mode()
def test_mouths_say_the_same_codes(model: NanoModel) -> None:
    torch.manual_seed(0)
    plain, compiled = _both(model)
    assert type(plain.mouth) is not type(compiled.mouth)
    for rows in (1, 2, 7, 20):
        hidden, samplers = torch.randn(rows, model.config.width), [Sampler(Sampling())] * rows
        assert plain.mouth.say(hidden, samplers) == compiled.mouth.say(hidden, samplers)


@torch.inference_mode()
def test_who_draws_draws_the_same_beside_greedy_ones(model: NanoModel) -> None:
    torch.manual_seed(0)
    plain, compiled = _both(model)
    hidden, drawn = torch.randn(6, model.config.width), Sampling(temperature=1.0, seed=3)

    def said(parts: Parts, sampling: list[Sampling], rows: list[int]) -> list[list[int]]:
        return parts.mouth.say(hidden[rows], [Sampler(each) for each in sampling])

    mixed = said(compiled, [Sampling(), drawn, Sampling()], [0, 1, 2])
    assert mixed[1:2] == said(plain, [drawn], [1])
    assert mixed[::2] == said(plain, [Sampling()] * 2, [0, 2])


def test_without_a_compiler_there_are_no_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native.shutil, "which", lambda name: None)
    native.kernels.cache_clear()
    try:
        assert native.kernels() is None
    finally:
        native.kernels.cache_clear()


def test_a_tensor_is_packed_as_the_kernels_read_it() -> None:
    weight = torch.arange(20 * 3).view(20, 3).float()
    packed = native.packed(weight)
    assert packed.shape == (2, 3, native.LANES)
    for out in range(20):
        assert torch.equal(packed[out // native.LANES, :, out % native.LANES].float(), weight[out])
    assert not packed[1, :, 4:].any()
