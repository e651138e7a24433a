"""What the compiled kernels do equals what torch does, on streams of several slots that come and go."""

import copy
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from tests.support.tiny_engine import (
    noise,
    run,
    tiny_codec,
    tiny_engine,
    tiny_model,
    tiny_vocabulary,
    written,
)

from duplexsla.clock import CHUNK_SAMPLES
from duplexsla.engine.backends import Backends, parts_of
from duplexsla.engine.native import library
from duplexsla.engine.sampler import Sampler, Sampling
from duplexsla.model.backbone import NanoModel

SLOTS = 5
CHUNKS = 25
Tokens = tuple[str, tuple[int, ...], list[str]]

pytestmark = pytest.mark.skipif(library.kernels() is None, reason="no C compiler that knows half precision")


@pytest.fixture(scope="module")
def model() -> NanoModel:
    return tiny_model(tiny_vocabulary())


@pytest.fixture(scope="module")
def spoken() -> list[Tokens]:
    """What the compiled kernels say and write."""
    assert library.kernels() is not None
    engine = tiny_engine(slots=1)
    engine.open(7, "home")
    return written(run(engine, {7: noise(7, CHUNKS)})[7])


def _both(model: NanoModel) -> tuple[Backends, Backends]:
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

    def said(parts: Backends, sampling: list[Sampling], rows: list[int]) -> list[list[int]]:
        return parts.mouth.say(hidden[rows], [Sampler(each) for each in sampling])

    mixed = said(compiled, [Sampling(), drawn, Sampling()], [0, 1, 2])
    assert mixed[1:2] == said(plain, [drawn], [1])
    assert mixed[::2] == said(plain, [Sampling()] * 2, [0, 2])


@torch.inference_mode()
def test_the_most_likely_allowed_token_is_the_same(model: NanoModel) -> None:
    torch.manual_seed(0)
    rng, vocabulary = random.Random(0), model.config.vocab_size
    plain, compiled = _both(model)
    for rows in (1, 2, 5, 6, 7, 33):
        hidden = torch.randn(rows, model.config.width)
        masks = [bytes(rng.random() < share for _ in range(vocabulary)) for share in [0.5, 0.01] * rows]
        masks = [mask if any(mask) else b"\1" * vocabulary for mask in masks[:rows]]
        ours, theirs = (parts.backbone.choose(hidden, masks) for parts in (plain, compiled))
        assert ours.best == theirs.best
        assert all(mask[token] for mask, token in zip(masks, theirs.best, strict=True))
        assert torch.allclose(ours.logits, theirs.logits, atol=1e-4)


@pytest.fixture(params=["no compiler", "a compiler that fails"])
def without_kernels(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[None]:
    bad = None if request.param == "no compiler" else shutil.which("false")
    monkeypatch.setattr(library.shutil, "which", lambda name: bad)
    monkeypatch.setenv("HOME", str(tmp_path))
    library.kernels.cache_clear()
    yield
    library.kernels.cache_clear()


@pytest.mark.usefixtures("without_kernels")
def test_where_nothing_can_be_compiled_torch_serves_the_same_tokens_and_says_so_once(
    caplog: pytest.LogCaptureFixture, spoken: list[Tokens]
) -> None:
    engines = [tiny_engine(slots=1) for _ in range(2)]
    for engine in engines:
        engine.open(7, "home")
        assert written(run(engine, {7: noise(7, CHUNKS)})[7]) == spoken
    (record,) = caplog.records
    assert record.levelname == "WARNING" and "torch" in record.getMessage()


def test_a_tensor_is_packed_as_the_kernels_read_it() -> None:
    weight = torch.arange(20 * 3).view(20, 3).float()
    packed = library.packed(weight)
    assert packed.shape == (2, 3, library.LANES)
    for out in range(20):
        assert torch.equal(packed[out // library.LANES, :, out % library.LANES].float(), weight[out])
    assert not packed[1, :, 4:].any()
