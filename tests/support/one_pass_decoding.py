"""The slow way to the same tokens: the whole session in one pass of the model, given what was said."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from duplexsla.clock import ACTION_BUDGET
from duplexsla.engine.action_channel import ActionChannel, ActionRules, anchor_mask
from duplexsla.engine.engine import StepOutput
from duplexsla.engine.masks import Masks
from duplexsla.model.backbone import NanoModel
from duplexsla.protocol.prompts import prompt_tokens
from duplexsla.protocol.tokens import Vocabulary
from duplexsla.tools import Toolset


def chosen(said: Sequence[StepOutput]) -> list[list[str]]:
    """Per chunk, what the model chose: the anchor, the action, and its end where that was a choice."""
    return [[output.anchor, *output.action[:ACTION_BUDGET]] for output in said]


def tokens_of_one_pass(
    model: NanoModel,
    vocabulary: Vocabulary,
    toolset: Toolset,
    silence_code: int,
    heard: NDArray[np.int16],
    said: Sequence[StepOutput],
) -> list[list[str]]:
    """The best allowed piece at each choice of a greedy session that heard [chunks, 2560] and said `said`."""
    logits = iter(_logits(model, vocabulary, toolset.name, silence_code, heard, said))
    masks, channel = Masks(), ActionChannel(ActionRules(vocabulary, toolset))

    def best(mask: bytes) -> str:
        return vocabulary.pieces([int((next(logits) + masks.rows([mask])[0]).argmax())])[0]

    chunks = []
    for output in said:
        pieces = [best(anchor_mask(vocabulary))]
        channel.begin_chunk()
        for piece in output.action[:ACTION_BUDGET]:
            pieces.append(best(channel.allowed()))
            channel.put(vocabulary.id(piece))
        if channel.full:
            next(logits)  # after the last token of a full chunk nothing is asked
        chunks.append(pieces)
    assert next(logits, None) is None
    return chunks


@torch.inference_mode()
def _logits(
    model: NanoModel,
    vocabulary: Vocabulary,
    toolset: str,
    silence_code: int,
    heard: NDArray[np.int16],
    said: Sequence[StepOutput],
) -> list[Tensor]:
    """[V] for every position of the stream."""
    samples = torch.from_numpy(heard.reshape(1, -1).astype(np.float32) / 32_768)
    users = model.user_inputs(model.frontend(samples, model.frontend.new_state(1)))[0]
    before, inputs = torch.full((4,), silence_code), []
    for user, output in zip(users, said, strict=True):
        inputs += [user, model.assistant_inputs(torch.tensor(vocabulary.id(output.anchor)), before)]
        inputs += [model.action_inputs(torch.tensor(vocabulary.id(piece))) for piece in output.action[:-1]]
        before = torch.tensor(output.codes)
    prompt = model.read_prompt(torch.tensor([prompt_tokens(vocabulary, toolset, model.config.prompt_length)]))
    return list(model.text_head(model.whole(torch.stack(inputs)[None], prompt)[0]))
