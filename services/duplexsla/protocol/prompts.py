"""The pinned system prompt of each toolset (appendix B): the same tokens in training and in serving."""

from duplexsla.protocol import tokens
from duplexsla.protocol.vocabulary import Vocabulary

PROMPTS = {
    "home": " you are the assistant of a home",
    "car": " you are the assistant of a car",
}


def prompt_tokens(vocabulary: Vocabulary, toolset: str, length: int) -> list[int]:
    """Exactly `length` ids: the toolset's prompt, padded in front. KeyError for an unknown toolset."""
    ids = vocabulary.encode(PROMPTS[toolset])[:length]
    return [vocabulary.id(tokens.PAD)] * (length - len(ids)) + ids
