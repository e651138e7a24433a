"""The pinned system prompt: which toolset this session speaks to."""

from duplexsla.errors import ProtocolError
from duplexsla.protocol import tokens
from duplexsla.protocol.vocabulary import Vocabulary


def prompt_ids(vocabulary: Vocabulary, toolset: str, length: int) -> list[int]:
    """The toolset's name as `length` tokens, padded in front, so that the last ones are always words.

    Raises ProtocolError for a name that does not fit. Training and decoding use this same function.
    """
    ids = vocabulary.encode(f" {toolset}")
    if len(ids) > length:
        raise ProtocolError(
            f"the prompt of toolset {toolset!r} takes {len(ids)} tokens, the model has {length}"
        )
    return [vocabulary.id(tokens.PAD)] * (length - len(ids)) + ids
