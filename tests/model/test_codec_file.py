from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from duplexsla.errors import CheckpointError
from duplexsla.model.codec import Codec, CodecConfig
from duplexsla.model.codec_file import DECODER_FILE, ENCODER_FILE, load_codec, save_codec

SMALL = CodecConfig(
    encoder_frame_width=16,
    encoder_token_width=24,
    decoder_token_width=24,
    decoder_frame_width=16,
    decoder_token_blocks=1,
    decoder_frame_blocks=1,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    codec = Codec(SMALL, silence_code=4321).eval()
    codec.load_state_dict({name: t.half().float() for name, t in codec.state_dict().items()})
    save_codec(codec, tmp_path)
    return tmp_path


def test_a_codec_comes_back_with_its_sizes_silence_and_sound(folder: Path) -> None:
    codec = load_codec(folder, with_encoder=True)
    again = load_codec(folder, with_encoder=True)
    spoken = torch.randint(0, 6561, (1, 8))
    assert (codec.config, codec.silence_code) == (SMALL, 4321)
    assert torch.equal(codec.decode(spoken), again.decode(spoken))


def test_serving_needs_no_encoder_file(folder: Path) -> None:
    (folder / ENCODER_FILE).unlink()
    assert load_codec(folder).encoder is None
    with pytest.raises(CheckpointError, match=ENCODER_FILE):
        load_codec(folder, with_encoder=True)


def test_a_damaged_file_is_named(folder: Path) -> None:
    path = folder / DECODER_FILE
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(CheckpointError, match=f"{DECODER_FILE} is not a readable"):
        load_codec(folder)


def test_a_foreign_file_is_refused(folder: Path) -> None:
    save_file({"x": torch.zeros(1)}, folder / DECODER_FILE, {"format": "other"})
    with pytest.raises(CheckpointError, match="'other'"):
        load_codec(folder)


def test_the_encoders_file_is_not_taken_for_the_decoders(folder: Path) -> None:
    (folder / ENCODER_FILE).replace(folder / DECODER_FILE)
    with pytest.raises(CheckpointError, match="'encoder'"):
        load_codec(folder)


def test_weights_that_do_not_fit_their_configuration_are_refused(folder: Path) -> None:
    metadata = {"format": "duplexsla-codec-1", "part": "decoder", "config": "{}", "silence_code": "0"}
    save_file({"x": torch.zeros(1)}, folder / DECODER_FILE, metadata)
    with pytest.raises(CheckpointError, match="does not fit"):
        load_codec(folder)


def test_a_damaged_configuration_is_refused(folder: Path) -> None:
    metadata = {"format": "duplexsla-codec-1", "part": "decoder", "config": '{"width": 3}'}
    save_file({"x": torch.zeros(1)}, folder / DECODER_FILE, metadata)
    with pytest.raises(CheckpointError, match="no usable configuration"):
        load_codec(folder)
