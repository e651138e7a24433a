import numpy as np
import torch
from tests.support.hummed_corpus import hummed

from duplexsla_lab.data.codec_corpus import Corpus
from duplexsla_lab.training.codec.batches import CROP_FRAMES, Batches


def marked() -> Corpus:
    """Pitch and phones that tell their own time."""
    steps = 6 * 200
    return Corpus(
        np.full(6 * 16_000, 1000, np.int16),
        np.arange(1, steps + 1, dtype=np.float32),
        (np.arange(steps // 2) % 41).astype(np.uint8),
    )


def test_targets_stand_where_the_decoder_says_them() -> None:
    random = np.random.default_rng(1)
    batch = Batches(marked()).draw(random, 64)
    spoken = batch.samples.ne(0).all(dim=1)
    pitch = batch.f0_hz[spoken]
    assert spoken.any()
    assert torch.equal(pitch[:, 1:] - pitch[:, :-1], torch.full_like(pitch[:, 1:], 2.0))  # 10 ms a frame
    middle_step = (
        pitch.long() - 1 - 4
    )  # the pitch is that of the frame's end, 20 ms after its window's middle
    assert torch.equal(batch.phones[spoken], middle_step // 2 % 41)


def test_shapes_and_level() -> None:
    batch = Batches(hummed()).draw(np.random.default_rng(0), 3)
    assert batch.samples.shape == (3, CROP_FRAMES * 160)
    assert batch.f0_hz.shape == batch.voiced.shape == batch.phones.shape == (3, CROP_FRAMES)
    assert float(batch.samples.abs().max()) <= 1.0


def test_about_a_tenth_of_the_sound_is_digital_silence() -> None:
    batch = Batches(hummed()).draw(np.random.default_rng(0), 400)
    silent = float(batch.samples.eq(0).float().mean())
    assert 0.05 < silent < 0.2
    whole = batch.samples.eq(0).all(dim=1)
    assert whole.any()
    assert not batch.voiced[whole].any()
    assert not batch.phones[whole].any()  # phone 0 is silence


def test_the_same_seed_draws_the_same_crops() -> None:
    first, second = (Batches(hummed()).draw(np.random.default_rng(4), 5) for _ in range(2))
    assert torch.equal(first.samples, second.samples)
