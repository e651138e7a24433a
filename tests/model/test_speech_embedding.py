"""The speech embedding: chunk by chunk equals the whole, nothing later is heard, and it hears 0.76 s."""

import torch

from duplexsla.clock import CHUNK_SAMPLES
from duplexsla.model.config import NanoConfig
from duplexsla.model.speech_embedding import (
    BANDS,
    EMBEDDING_WIDTH,
    STEPS_PER_VECTOR,
    EmbeddingFrontEnd,
    SpeechEmbedding,
)

CONFIG = NanoConfig(vocab_size=300, width=32, front_end="speech_embedding")
HEARD_STEPS = 76  # of 10 ms


def front_end() -> EmbeddingFrontEnd:
    torch.manual_seed(0)
    front = EmbeddingFrontEnd(CONFIG).eval()
    front.log_mel.filters.uniform_(0, 0.1)
    return front


def pasts() -> list[torch.Tensor]:
    return [torch.zeros(1, *shape) for shape in SpeechEmbedding.past_shapes()]


@torch.no_grad()
def test_streamed_equals_whole() -> None:
    front, samples = front_end(), torch.randn(2, 9 * CHUNK_SAMPLES) * 0.05
    whole = front(samples, front.new_state(2))
    state = front.new_state(2)
    streamed = torch.cat([front(chunk, state) for chunk in samples.split(CHUNK_SAMPLES, dim=1)], dim=1)
    assert whole.shape == (2, 18, CONFIG.width)
    torch.testing.assert_close(streamed, whole, atol=1e-4, rtol=1e-4)


@torch.no_grad()
def test_a_vector_hears_76_steps_and_nothing_later() -> None:
    embedding, steps = front_end().embedding, 12 * STEPS_PER_VECTOR
    mels = torch.randn(1, steps, BANDS)
    heard = embedding(mels, pasts())
    assert heard.shape == (1, 12, EMBEDDING_WIDTH)
    last = 11
    for changed, same in ((steps - HEARD_STEPS - 1, True), (steps - HEARD_STEPS, False), (steps - 1, False)):
        other = mels.clone()
        other[:, changed] += 5.0
        after = embedding(other, pasts())
        assert torch.equal(heard[:, last], after[:, last]) == same
        before = changed // STEPS_PER_VECTOR
        assert torch.equal(heard[:, :before], after[:, :before])


def test_its_size_is_that_of_the_published_network() -> None:
    assert sum(weight.numel() for weight in SpeechEmbedding().parameters()) == 328_128
