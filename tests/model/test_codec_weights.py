"""The weights that the repository ships."""

from pathlib import Path

import pytest
import torch

from duplexsla.model.codec import Codec
from duplexsla.model.codec_file import DECODER_FILE, ENCODER_FILE, load_codec

FOLDER = Path(__file__).parents[2] / "model_repository" / "duplexsla" / "1"

torch.set_num_threads(1)  # the tensors are too small to share


@pytest.fixture(scope="module")
def codec() -> Codec:
    return load_codec(FOLDER, with_encoder=True)


def test_the_files_are_small() -> None:
    assert (FOLDER / DECODER_FILE).stat().st_size <= 8_000_000
    assert (FOLDER / ENCODER_FILE).stat().st_size <= 4_000_000


def test_the_silence_code_is_silent(codec: Codec) -> None:
    sound = codec.decode(torch.full((1, 100), codec.silence_code))
    assert float(sound.square().mean().sqrt()) < 0.003


def test_speech_falls_silent_within_a_chunk_of_the_silence_code(codec: Codec) -> None:
    codes = torch.randint(0, 6561, (4, 64), generator=torch.Generator().manual_seed(2))
    codes[:, 32:] = codec.silence_code
    sound = codec.decode(codes)
    assert float(sound[:, : 32 * 640].square().mean().sqrt()) > 0.01
    assert float(sound[:, 36 * 640 :].square().mean().sqrt()) < 0.003


def test_digital_silence_stays_silent(codec: Codec) -> None:
    assert float(codec.decode(codec.encode(torch.zeros(1, 32_000))).abs().max()) < 0.003


def test_streamed_speech_equals_whole(codec: Codec) -> None:
    codes = torch.randint(0, 6561, (1, 120), generator=torch.Generator().manual_seed(1))
    state, slots = codec.new_state(2), torch.tensor([1])
    streamed = torch.cat([codec.decode_chunk(four, state, slots) for four in codes.split(4, dim=1)], dim=1)
    assert torch.allclose(streamed, codec.decode(codes), rtol=0, atol=1e-4)
