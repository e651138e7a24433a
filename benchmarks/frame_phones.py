"""The front end alone, trained to name the phone of each 40 ms: quick, to compare what it is trained on."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel

from duplexsla.clock import CHUNK_SAMPLES, SAMPLE_RATE
from duplexsla.model.config import FrontEndKind, NanoConfig
from duplexsla.model.frontend import FrontEnd
from duplexsla.model.speech_embedding import EmbeddingFrontEnd
from duplexsla_lab.data.timeline.positions import IGNORE
from duplexsla_lab.data.timeline.timeline import SpokenLine
from duplexsla_lab.data.timeline.training_session import PHONE_DELAYS_S, phone_targets
from duplexsla_lab.data.voices.speech import PHONES, SILENCE
from duplexsla_lab.training.duplex.run import CLIP_NORM, Recipe
from duplexsla_lab.training.embedding_weights import load_published

SILENT = PHONES.index(SILENCE)
LEAD_S = 0.16  # of silence before a line that is judged
JUDGED_TOGETHER = 32  # lines
Sounds = tuple[Tensor, Tensor]  # samples [B, 2560 n], phones [B, 2 n, 2]
Change = Callable[..., Tensor]  # (log mels, *, generator) -> log mels


def placed(line: SpokenLine, lead_s: float, chunks: int) -> Sounds:
    """A line after `lead_s` of silence, cut or padded: [2560 n] and [2 n, 2]."""
    lead = int(lead_s * SAMPLE_RATE)
    samples = np.zeros(max(chunks * CHUNK_SAMPLES, lead + len(line.samples)), np.float32)
    samples[lead : lead + len(line.samples)] = line.samples
    ends_s = lead_s + len(line.samples) / SAMPLE_RATE
    phones = [(0.0, SILENCE), *((lead_s + t, phone) for t, phone in line.phones), (ends_s, SILENCE)]
    return torch.from_numpy(samples[: chunks * CHUNK_SAMPLES]), torch.from_numpy(
        phone_targets(phones, chunks)
    )


def stacked(sounds: Sequence[Sounds]) -> Sounds:
    samples, phones = zip(*sounds, strict=True)
    return torch.stack(samples), torch.stack(phones)


AnyFront = FrontEnd | EmbeddingFrontEnd


def new_front(kind: FrontEndKind) -> AnyFront:
    """The speech embedding begins with its published weights; all else at random."""
    config = NanoConfig(vocab_size=1, num_phones=len(PHONES), front_end=kind)
    if kind == "mel":
        return FrontEnd(config)
    front = EmbeddingFrontEnd(config)
    load_published(front)
    return front


def logits(front: AnyFront, samples: Tensor, change: Callable[[Tensor], Tensor] | None = None) -> Tensor:
    """[B, 2560 n] -> [B, 2 n, 2, phones]."""
    state = front.new_state(len(samples))
    with torch.no_grad():
        mels = front.mels(samples, state)
        mels = change(mels) if change else mels
    with torch.autocast("cpu", torch.bfloat16):
        features = front.encode(mels, state)
        return front.phones(features).float().unflatten(-1, (len(PHONE_DELAYS_S), -1))


def trained(
    batches: Iterator[Sounds],
    recipe: Recipe,
    change: Change,
    *,
    averaged_share: float,
    kind: FrontEndKind = "mel",
    frozen: bool = False,
) -> tuple[AnyFront, AnyFront]:
    """After `recipe.steps` steps: (the last weights, their mean over the last share of the steps).

    `frozen`: the speech embedding stays as published.
    """
    torch.manual_seed(recipe.seed)
    front = new_front(kind)
    if frozen and isinstance(front, EmbeddingFrontEnd):
        front.embedding.requires_grad_(requires_grad=False)
    optimizer = torch.optim.AdamW(front.parameters(), lr=recipe.adam_lr, betas=(0.9, 0.95), weight_decay=0.01)
    mean = AveragedModel(front)
    for step in range(recipe.steps):
        samples, phones = next(batches)
        generator = torch.Generator().manual_seed(recipe.seed * 1_000_003 + step)
        guessed = logits(front, samples, partial(change, generator=generator))
        F.cross_entropy(guessed.flatten(0, 2), phones.flatten(), ignore_index=IGNORE).backward()
        torch.nn.utils.clip_grad_norm_(front.parameters(), CLIP_NORM)
        optimizer.param_groups[0]["lr"] = recipe.adam_lr * recipe.rate(step)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        if step >= recipe.steps * (1 - averaged_share):
            mean.update_parameters(front)
    return front.eval(), mean.module.eval()


@torch.no_grad()
def phone_error(front: AnyFront, sounds: Sequence[Sounds]) -> float:
    """Share of the 40 ms frames of speech whose phone is not the one named."""
    wrong = spoken = 0
    for samples, phones in sounds:
        speech = phones != SILENT
        wrong += int(((logits(front, samples).argmax(-1) != phones) & speech).sum())
        spoken += int(speech.sum())
    return wrong / max(1, spoken)


def judged(lines: Sequence[SpokenLine]) -> list[Sounds]:
    """Batches of whole lines, alike in length."""
    ordered = sorted(lines, key=lambda line: len(line.samples))
    groups = [ordered[i : i + JUDGED_TOGETHER] for i in range(0, len(ordered), JUDGED_TOGETHER)]
    lead = int(LEAD_S * SAMPLE_RATE)
    chunks = [-(-(lead + len(group[-1].samples)) // CHUNK_SAMPLES) + 1 for group in groups]
    return [
        stacked([placed(line, LEAD_S, n) for line in group]) for group, n in zip(groups, chunks, strict=True)
    ]
