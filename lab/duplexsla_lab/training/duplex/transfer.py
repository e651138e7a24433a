"""Starts a model from another one's weights, although their vocabularies differ."""

from pathlib import Path

import torch

from duplexsla.errors import CheckpointError
from duplexsla.model.backbone import NanoModel
from duplexsla.model.checkpoint import load_nano
from duplexsla.protocol.tokens import Vocabulary

BY_PIECE = ("tokens.weight", "text_head.weight")  # [vocab_size, width]


@torch.no_grad()
def transfer(model: NanoModel, vocabulary: Vocabulary, folder: Path) -> int:
    """Copies `folder`'s nano.safetensors into `model`; rows of the vocabulary go by their piece.

    Returns how many pieces both know. Raises CheckpointError when the shapes differ.
    """
    known = Vocabulary.load(folder / "vocabulary.json")
    donor = load_nano(folder / "nano.safetensors", known).state_dict()
    pieces = vocabulary.pieces(range(len(vocabulary)))
    shared = [(i, known.id(piece)) for i, piece in enumerate(pieces) if piece in known]
    mine, theirs = (torch.tensor(column) for column in zip(*shared, strict=True))
    for name, weight in model.state_dict().items():
        if name in BY_PIECE:
            weight[mine] = donor[name][theirs]
        elif name.startswith("frontend.phones."):
            continue  # not shipped: learned anew
        elif weight.shape != donor[name].shape:
            raise CheckpointError(f"{folder} has another shape: {name} is {tuple(donor[name].shape)}")
        else:
            weight.copy_(donor[name])
    return len(shared)
