import pytest
import torch
from torch import Tensor

from duplexsla.model.codec import Codec, code_of, levels_of
from duplexsla.protocol.tokens import AUDIO_CODES

torch.set_num_threads(1)  # the tensors are too small to share

CHUNKS = 12


@pytest.fixture(scope="module")
def codec() -> Codec:
    """Random weights, of which voicing and the spectrum move as in speech."""
    torch.manual_seed(3)
    codec = Codec().eval()
    with torch.no_grad():
        codec.decoder.pitch.weight.mul_(torch.tensor([[0.5], [3.0]]))
        codec.decoder.envelope.bias.sub_(1.5)
        codec.decoder.spread.weight.mul_(2.0)
    return codec


def codes(batch: int, chunks: int = CHUNKS, seed: int = 1) -> Tensor:
    return torch.randint(0, AUDIO_CODES, (batch, 4 * chunks), generator=torch.Generator().manual_seed(seed))


def streamed(codec: Codec, spoken: Tensor, slots: Tensor, slot_count: int = 8) -> Tensor:
    state = codec.new_state(slot_count)
    chunks = [codec.decode_chunk(four, state, slots) for four in spoken.split(4, dim=1)]
    return torch.cat(chunks, dim=1)


def test_every_code_survives_its_digits() -> None:
    every = torch.arange(AUDIO_CODES)
    assert torch.equal(code_of(levels_of(every)), every)


def test_encoding_gives_one_code_for_each_40_ms(codec: Codec) -> None:
    found = codec.encode(torch.randn(2, 640 * 9 + 100) * 0.1)
    assert found.shape == (2, 9)
    assert found.dtype == torch.int64
    assert 0 <= int(found.min()) <= int(found.max()) < AUDIO_CODES


def test_the_four_codes_of_a_chunk_give_its_samples(codec: Codec) -> None:
    sound = codec.decode_chunk(codes(3, 1), codec.new_state(4), torch.tensor([3, 0, 1]))
    assert sound.shape == (3, 2560)
    assert codec.decode(codes(2)).shape == (2, CHUNKS * 2560)


def test_the_test_weights_say_something(codec: Codec) -> None:
    said, _ = codec.decoder.voicing(levels_of(codes(2)), codec.new_state(2).context)
    assert 0.1 < float((said.voiced > 0).float().mean()) < 0.9
    assert float(codec.decode(codes(2)).std()) > 1e-3


def test_streamed_equals_whole(codec: Codec) -> None:
    spoken = codes(2, 30)
    assert torch.allclose(
        streamed(codec, spoken, torch.tensor([4, 2])), codec.decode(spoken), rtol=0, atol=1e-4
    )


def test_a_batch_equals_each_alone(codec: Codec) -> None:
    spoken = codes(4)
    together = streamed(codec, spoken, torch.tensor([5, 0, 7, 2]))
    for row in range(4):
        alone = streamed(codec, spoken[row : row + 1], torch.tensor([1]))
        assert torch.allclose(together[row], alone[0], rtol=0, atol=1e-4)


def test_a_sound_never_depends_on_later_codes(codec: Codec) -> None:
    spoken = codes(1)
    other = spoken.clone()
    other[:, 20:] = codes(1, seed=2)[:, 20:]
    assert torch.equal(codec.decode(spoken)[:, : 20 * 640], codec.decode(other)[:, : 20 * 640])


def test_a_reset_slot_remembers_nothing(codec: Codec) -> None:
    fresh, used = codec.new_state(3), codec.new_state(3)
    slots = torch.tensor([1])
    for four in codes(1, seed=8).split(4, dim=1):
        codec.decode_chunk(four, used, slots)
    used.reset(slots)
    for mine, new in zip(used.tensors(), fresh.tensors(), strict=True):
        assert torch.equal(mine, new)


def test_a_chunk_leaves_other_slots_alone(codec: Codec) -> None:
    state = codec.new_state(3)
    before = [tensor.clone() for tensor in state.tensors()]
    codec.decode_chunk(codes(1, 1), state, torch.tensor([1]))
    for old, new in zip(before, state.tensors(), strict=True):
        assert torch.equal(old[[0, 2]], new[[0, 2]])


def test_a_codec_without_its_encoder_refuses_to_encode() -> None:
    codec = Codec()
    codec.encoder = None
    with pytest.raises(ValueError, match="without its encoder"):
        codec.encode(torch.zeros(1, 640))
