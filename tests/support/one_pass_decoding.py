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
from duplexsla.protocol import tokens
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


def choices_of_one_pass(
    model: NanoModel,
    vocabulary: Vocabulary,
    toolset: Toolset,
    silence_code: int,
    heard: NDArray[np.int16],
    said: Sequence[StepOutput],
) -> list[list[tuple[float, float]]]:
    """Per chunk, the logarithm of every piece that opened a call or was one of several in it, and that of the
    best piece that would not have been in the call.
    """
    logits = iter(_logits(model, vocabulary, toolset.name, silence_code, heard, said))
    channel, chunks = ActionChannel(ActionRules(vocabulary, toolset)), []
    for output in said:
        next(logits)  # the anchor
        channel.begin_chunk()
        chunks.append(here := list[tuple[float, float]]())
        for piece in output.action[:ACTION_BUDGET]:
            row, token = next(logits).log_softmax(-1), vocabulary.id(piece)
            if channel.in_call or piece == tokens.TOOLCALL_BEGIN:
                allowed = torch.tensor(list(channel.allowed()))
                inside = allowed if channel.in_call else (allowed == 0) | (torch.arange(len(row)) == token)
                if channel.certain() is None:
                    here.append((row[token].item(), row[inside == 0].max().item()))
            channel.put(token)
        if channel.full:
            next(logits)
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
