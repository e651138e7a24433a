"""The objective: cross-entropy on anchors and action text, likelihood of the codes, phones."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from duplexsla.model.backbone import NanoModel
from duplexsla.protocol.tokens import AUDIO_CODES
from duplexsla_lab.data.timeline.positions import IGNORE, PositionBatch
from duplexsla_lab.training.duplex.augmentation import noisy


@dataclass(frozen=True, slots=True)
class InputNoise:
    """How often inputs are replaced, so that the model survives its own mistakes."""

    tokens: float = 0.15  # the grammars' sentences are easy to guess: words must be heard, not continued
    codes: float = 0.05
    sound: float = 0.25  # share of the sessions; noise on all costs 12 points of phones (docs/model.md)


@dataclass(frozen=True, slots=True)
class Losses:
    """Scalars: nats per weighted target, per code, per phone frame; `accuracy` over words and calls."""

    text: Tensor
    codes: Tensor
    phones: Tensor
    accuracy: Tensor

    def total(self, *, code_weight: float, phone_weight: float) -> Tensor:
        return self.text + code_weight * self.codes + phone_weight * self.phones


def _replaced(values: Tensor, share: float, low: int, high: int, generator: torch.Generator | None) -> Tensor:
    if generator is None or share == 0:
        return values
    device = generator.device
    hit = (torch.rand(values.shape, generator=generator, device=device) < share).to(values.device)
    other = torch.randint(low, high, values.shape, generator=generator, device=device).to(values.device)
    return torch.where(hit & (values >= low), other, values)


def _some_noisy(mels: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """[B, T, bins], about `share` of the rows with noise."""
    chosen = torch.rand(len(mels), 1, 1, generator=generator, device=generator.device) < share
    return torch.where(chosen.to(mels.device), noisy(mels, generator), mels)


def _inputs(
    model: NanoModel,
    batch: PositionBatch,
    features: Tensor,
    first_word: int,
    noise: InputNoise,
    generator: torch.Generator | None,
) -> Tensor:
    """Inputs of all positions, [B, T, width]; control pieces (below first_word) are never replaced."""
    fed = _replaced(batch.tokens, noise.tokens, first_word, model.config.vocab_size, generator)
    codes = _replaced(batch.codes, noise.codes, 0, AUDIO_CODES, generator)
    before = torch.cat([batch.codes[:, :1], codes[:, :-1]], dim=1)
    x = model.action_inputs(fed)
    rows = torch.arange(len(fed), device=fed.device)[:, None]
    x = x.index_put((rows, batch.user_at), model.user_inputs(features).to(x.dtype))
    x = x.index_put((rows, batch.assistant_at), model.assistant_inputs(batch.anchors, before).to(x.dtype))
    return x[:, :-1]


def duplex_losses(
    model: NanoModel,
    batch: PositionBatch,
    *,
    first_word: int,
    noise: InputNoise = InputNoise(),
    generator: torch.Generator | None = None,
) -> Losses:
    """Losses of one batch. With a generator: augmented and noised, as in training."""
    state = model.frontend.new_state(len(batch.samples))
    with torch.no_grad(), torch.autocast(batch.samples.device.type, enabled=False):
        mels = model.frontend.mels(batch.samples, state)
        mels = mels if generator is None else _some_noisy(mels, noise.sound, generator)
    features = model.frontend.encode(mels, state)
    x = _inputs(model, batch, features, first_word, noise, generator)
    hidden = model.whole(x, model.read_prompt(batch.prompts))
    asked = batch.targets[:, :-1] != IGNORE
    targets, weights = batch.targets[:, :-1][asked], batch.weights[:, :-1][asked]
    logits = model.text_head(hidden[asked]).float()
    text = (F.cross_entropy(logits, targets, reduction="none") * weights).sum() / weights.sum()
    words = weights >= 1
    accuracy = (logits.argmax(-1) == targets)[words].float().mean()
    return Losses(
        text,
        _code_loss(model, batch, hidden, noise, generator),
        _phone_loss(model, batch, features),
        accuracy,
    )


def _code_loss(
    model: NanoModel,
    batch: PositionBatch,
    hidden: Tensor,
    noise: InputNoise,
    generator: torch.Generator | None,
) -> Tensor:
    """Mean nats per code over the chunks that speak; zero when none does."""
    rows, chunks = batch.speaking.nonzero(as_tuple=True)
    if len(rows) == 0:
        return hidden.new_zeros(())
    codes = batch.codes[rows, chunks]
    at = hidden[rows, batch.assistant_at[rows, chunks]]
    return model.code_head.loss(at, codes, _replaced(codes, noise.codes, 0, AUDIO_CODES, generator)).mean()


def _phone_loss(model: NanoModel, batch: PositionBatch, features: Tensor) -> Tensor:
    """Mean nats per frame; zero for a batch of text alone."""
    if (batch.phones == IGNORE).all():
        return features.new_zeros(())
    logits = model.frontend.phones(features).float().unflatten(-1, (2, -1))
    return F.cross_entropy(logits.flatten(0, 2), batch.phones.flatten(), ignore_index=IGNORE)
