"""A row of the decoder's tensors as the engine's types."""

import importlib.util
from types import ModuleType

import numpy as np
import pytest

from duplexsla.clock import CHUNK_SAMPLES
from duplexsla.runtime.checkout import MODEL
from duplexsla.v1.decoder_pb2 import ChunkRequest, SessionStart
from duplexsla.v1.journal_pb2 import Past, PastChunk

SILENCE = np.zeros(CHUNK_SAMPLES, np.int16)


@pytest.fixture(scope="module")
def codec() -> ModuleType:
    """Triton loads it beside model.py, outside of any package."""
    spec = importlib.util.spec_from_file_location("chunk_codec", MODEL / "chunk_codec.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def request(*, model: str, since: int) -> ChunkRequest:
    chunks = [PastChunk(index=i, anchor="<vad_silence>", codes=[1, 2, 3, 4]) for i in range(5)]
    past = Past(
        toolset="home",
        next_chunk=5,
        chunks=[chunk.SerializeToString() for chunk in chunks],
        pending_forced=" [ done]",
        model=model,
        model_since=since,
    )
    start = SessionStart(toolset="home", past=past.SerializeToString())
    return ChunkRequest(session_id=1, chunk=5, fence=2, start=start, injected_text=" [ late]")


@pytest.mark.parametrize("model", ["", "ours"])
def test_a_past_of_this_model_is_gone_on_with_from_the_chunk_that_it_decoded_first(
    codec: ModuleType, model: str
) -> None:
    decoded = codec.to_engine(request(model=model, since=2), SILENCE, model="ours")
    assert (decoded.prefix.first_chunk, decoded.prefix.next_chunk) == (2, 5)
    assert decoded.prefix.pending_injected == " [ done]" and decoded.injected == " [ late]"


def test_a_past_of_another_model_is_forgotten_but_for_what_the_service_has_to_say(codec: ModuleType) -> None:
    decoded = codec.to_engine(request(model="theirs", since=0), SILENCE, model="ours")
    assert decoded.prefix is None and decoded.start and decoded.toolset == "home"
    assert decoded.injected == " [ done] [ late]"
