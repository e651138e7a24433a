"""The causal front end: chunk by chunk equals the whole, and nothing later is heard."""

import torch

from duplexsla.clock import CHUNK_SAMPLES
from duplexsla.model.config import NanoConfig
from duplexsla.model.frontend import FrontEnd

CONFIG = NanoConfig(vocab_size=300, width=32, front_width=48)


def front_end() -> FrontEnd:
    torch.manual_seed(0)
    front = FrontEnd(CONFIG).eval()
    for block in front.blocks:
        torch.nn.init.normal_(block.down.weight, std=0.1)
    return front


@torch.no_grad()
def test_streamed_equals_whole() -> None:
    front, samples = front_end(), torch.randn(2, 9 * CHUNK_SAMPLES) * 0.05
    whole = front(samples, front.new_state(2))
    state = front.new_state(2)
    streamed = torch.cat([front(chunk, state) for chunk in samples.split(CHUNK_SAMPLES, dim=1)], dim=1)
    assert whole.shape == (2, 18, CONFIG.width)
    torch.testing.assert_close(streamed, whole, atol=1e-5, rtol=1e-5)


@torch.no_grad()
def test_a_chunk_hears_itself_and_nothing_later() -> None:
    front, samples = front_end(), torch.randn(1, 6 * CHUNK_SAMPLES) * 0.05
    changed = samples.clone()
    changed[:, 4 * CHUNK_SAMPLES :] *= -2
    before, after = (front(x, front.new_state(1)) for x in (samples, changed))
    assert torch.equal(before[:, :8], after[:, :8])
    assert not torch.allclose(before[:, 9], after[:, 9])


@torch.no_grad()
def test_a_reset_row_remembers_nothing() -> None:
    front, samples = front_end(), torch.randn(3, CHUNK_SAMPLES) * 0.05
    state = front.new_state(3)
    front(torch.randn(3, CHUNK_SAMPLES), state)
    state.reset(torch.tensor([1]))
    fresh = front(samples[1:2], front.new_state(1))
    torch.testing.assert_close(front(samples, state)[1:2], fresh, atol=1e-5, rtol=1e-5)
