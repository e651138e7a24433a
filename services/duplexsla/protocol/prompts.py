"""The pinned system prompts (appendix B): the same tokens in training and in serving."""

from duplexsla.protocol import tokens
from duplexsla.protocol.tokens import Vocabulary

PROMPTS = {
    "home": " you are the assistant of a home",
    "car": " you are the assistant of a car",
    "dialogue": "",
    "asr_user": " write down what the user says",
    "asr_assistant": " write down what the assistant says",
    "text": " read what is written",
}
"""By toolset, as they are served; the others are those of training tasks without a toolset."""


def prompt_tokens(vocabulary: Vocabulary, name: str, length: int) -> list[int]:
    """Exactly `length` ids: the prompt, padded in front. KeyError for an unknown one."""
    ids = vocabulary.encode(PROMPTS[name])[:length]
    return [vocabulary.id(tokens.PAD)] * (length - len(ids)) + ids
