"""Every weight of the embedding has its name in the published file, and no other has."""

from duplexsla.model.config import NanoConfig
from duplexsla.model.speech_embedding import EmbeddingFrontEnd
from duplexsla_lab.training.embedding_weights import tensor_names

OURS = ("widen.", "out_norm.", "phones.", "log_mel.")


def test_every_weight_of_the_embedding_has_its_name_in_the_file() -> None:
    front = EmbeddingFrontEnd(NanoConfig(vocab_size=2))
    assert set(tensor_names()) == {name for name in front.state_dict() if not name.startswith(OURS)}
    assert len(set(tensor_names().values())) == len(tensor_names())
