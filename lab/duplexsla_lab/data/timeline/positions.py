"""From sessions to padded batches of backbone positions (see model/backbone.py for the layout of a chunk)."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor

from duplexsla.clock import CHUNK_SAMPLES, FEATURES_PER_CHUNK, TOKENS_PER_CHUNK
from duplexsla.protocol import tokens
from duplexsla.protocol.prompts import prompt_tokens
from duplexsla.protocol.tokens import Vocabulary
from duplexsla_lab.data.timeline.training_session import TrainingSession

IGNORE = -100


@dataclass(slots=True)
class PositionBatch:
    """B sessions padded to n chunks and T positions; row T of the position axis takes what is padding."""

    samples: Tensor  # [B, 2560 n] float32
    phones: Tensor  # [B, 2 n, 2] int64, IGNORE in padding
    user_at: Tensor  # [B, n] int64: position U of each chunk
    assistant_at: Tensor  # [B, n] int64: position A of each chunk
    anchors: Tensor  # [B, n] int64
    codes: Tensor  # [B, n, 4] int64
    speaking: Tensor  # [B, n] bool: chunks whose codes are trained
    tokens: Tensor  # [B, T + 1] int64: input of the action positions
    targets: Tensor  # [B, T + 1] int64: next text token, IGNORE where none is asked
    weights: Tensor  # [B, T + 1] float32
    prompts: Tensor  # [B, P] int64

    def to(self, device: torch.device) -> "PositionBatch":
        return PositionBatch(*(getattr(self, f.name).to(device) for f in fields(self)))


@dataclass(frozen=True, slots=True)
class LossWeights:
    """Weight of each kind of target in the text loss (paper section 4.3), with the reason for it."""

    idle_anchor: float = 0.05  # silence inside silence: nine of ten chunks, learned at once
    edge_anchor: float = 2.0  # the first and the last chunk of a reply: when to speak is the point
    pad_anchor: float = 0.5  # <tts_pad> between words: timing that the codes carry anyway
    word_anchor: float = 1.0
    idle_end: float = 0.1  # <|action_end|> of a chunk that writes nothing: almost every chunk
    action_end: float = 0.5  # <|action_end|> after tokens: mostly fixed by the token budget
    label: float = 2.0  # a turn's end is one token among hundreds
    action: float = 1.0


def _anchor_weight(
    session: TrainingSession, chunk: int, vocabulary: Vocabulary, weights: LossWeights
) -> float:
    silence, pad = vocabulary.id(tokens.VAD_SILENCE), vocabulary.id(tokens.TTS_PAD)
    anchor = session.anchors[chunk]
    before = session.anchors[chunk - 1] if chunk else silence
    if (anchor == silence) != (before == silence):
        return weights.edge_anchor
    if anchor == silence:
        return weights.idle_anchor
    return weights.pad_anchor if anchor == pad else weights.word_anchor


def _rows(
    session: TrainingSession, vocabulary: Vocabulary, weights: LossWeights
) -> list[tuple[int, int, float]]:
    """(input token or 0, target, weight) of every position of one session."""
    end = vocabulary.id(tokens.ACTION_END)
    labels = {vocabulary.id(label) for label in tokens.LABELS}
    rows = []
    for chunk, written in enumerate(session.actions):
        if chunk < session.given:
            rows += [(0, IGNORE, 0.0), (0, IGNORE, 0.0), *((token, IGNORE, 0.0) for token in written)]
            continue
        rows.append((0, int(session.anchors[chunk]), _anchor_weight(session, chunk, vocabulary, weights)))
        segment = [*written, end]
        for k, token in enumerate(segment):
            fed = segment[k - 1] if k else 0
            if k < session.forced[chunk]:
                rows.append((fed, IGNORE, 0.0))
            elif token == end:
                rows.append((fed, token, weights.action_end if written else weights.idle_end))
            else:
                rows.append((fed, token, weights.label if token in labels else weights.action))
    return rows


def collate(
    sessions: Sequence[TrainingSession], vocabulary: Vocabulary, weights: LossWeights, *, prompt_length: int
) -> PositionBatch:
    rows = [_rows(session, vocabulary, weights) for session in sessions]
    size, length = len(sessions), max(map(len, rows))
    n = max(session.num_chunks for session in sessions)
    batch = PositionBatch(
        samples=torch.zeros(size, n * CHUNK_SAMPLES),
        phones=torch.full((size, n * FEATURES_PER_CHUNK, 2), IGNORE),
        user_at=torch.full((size, n), length),
        assistant_at=torch.full((size, n), length),
        anchors=torch.full((size, n), vocabulary.id(tokens.VAD_SILENCE)),
        codes=torch.zeros(size, n, TOKENS_PER_CHUNK, dtype=torch.int64),
        speaking=torch.zeros(size, n, dtype=torch.bool),
        tokens=torch.zeros(size, length + 1, dtype=torch.int64),
        targets=torch.full((size, length + 1), IGNORE),
        weights=torch.zeros(size, length + 1),
        prompts=torch.tensor([prompt_tokens(vocabulary, each.prompt, prompt_length) for each in sessions]),
    )
    for row, (session, positions) in enumerate(zip(sessions, rows, strict=True)):
        _fill(batch, row, session, positions, vocabulary)
    return batch


def _fill(
    batch: PositionBatch,
    row: int,
    session: TrainingSession,
    positions: list[tuple[int, int, float]],
    vocabulary: Vocabulary,
) -> None:
    n, length = session.num_chunks, len(positions)
    fed, targets, weights = zip(*positions, strict=True)
    batch.tokens[row, :length] = torch.tensor(fed)
    batch.targets[row, :length] = torch.tensor(targets)
    batch.weights[row, :length] = torch.tensor(weights)
    starts = np.cumsum([0, *(2 + len(written) for written in session.actions[:-1])])
    batch.user_at[row, :n] = torch.from_numpy(starts)
    batch.assistant_at[row, :n] = torch.from_numpy(starts + 1)
    batch.samples[row, : n * CHUNK_SAMPLES] = torch.from_numpy(session.samples)
    batch.phones[row, : n * FEATURES_PER_CHUNK] = torch.from_numpy(session.phones)
    batch.anchors[row, :n] = torch.from_numpy(session.anchors)
    batch.codes[row, :n] = torch.from_numpy(session.codes)
    batch.speaking[row, :n] = torch.from_numpy(session.anchors != vocabulary.id(tokens.VAD_SILENCE))
    batch.speaking[row, : session.given] = False
