"""One tick: 160 ms of many sessions in one batch (paper section 2, positions as in `model/backbone.py`).

A chunk that is as expected takes a session one pass: what it says and writes is drafted, and the pass checks
it. Silence is the common chunk and the easiest to draft. Where the draft fails, the session continues from
there in the next pass, beside the others that still have something to decode. No draft changes a token.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from itertools import accumulate

import torch
from torch import Tensor
from torch.nn import functional as F

from duplexsla.clock import ACTION_BUDGET, TOKENS_PER_CHUNK
from duplexsla.engine.action_channel import anchor_mask
from duplexsla.engine.backends import Backends
from duplexsla.engine.fused_backbone import Choice, Segments
from duplexsla.engine.prefix import PrefixTensors, prefill, prefix_inputs
from duplexsla.engine.speculative_decoding import ChunkDecode, PassKind, SessionState, Weigh
from duplexsla.model.backbone import NanoModel
from duplexsla.protocol import tokens
from duplexsla.protocol.tokens import Vocabulary

MOST_POSITIONS = 2 + ACTION_BUDGET  # of one session in one pass


@dataclass(slots=True)
class Work:
    """What ticks have cost. A session's chunk is silent when nothing was said or written in it."""

    passes: int = 0
    positions: int = 0
    chunks: int = 0
    chunk_passes: int = 0  # of sessions: one pass over four sessions counts four times
    silent_chunks: int = 0
    silent_passes: int = 0

    def __sub__(self, before: "Work") -> "Work":
        return Work(*(getattr(self, each.name) - getattr(before, each.name) for each in fields(self)))


class Tick:
    """Sessions are always given in ascending order of their slots."""

    def __init__(
        self,
        model: NanoModel,
        vocabulary: Vocabulary,
        backends: Backends,
        *,
        silence_code: int,
        draft: bool,
    ) -> None:
        self._model, self._draft, self._silence_code = model, draft, silence_code
        self._silence, self._anchors = vocabulary.id(tokens.VAD_SILENCE), anchor_mask(vocabulary)
        self._frontend, self._backbone = backends.frontend, backends.backbone
        self._code_decoder = backends.code_decoder
        self._silent_codes: Tensor = model.codes_in(torch.full((1, TOKENS_PER_CHUNK), silence_code))
        self.work = Work()

    def read_prompt(self, ids: Sequence[int]) -> list[tuple[Tensor, Tensor]]:
        """Keys and values of a pinned prompt, as `open` takes them."""
        return self._backbone.prompt_rows(self._model.read_prompt(torch.tensor([ids])))

    def open(self, slot: int, prompt: list[tuple[Tensor, Tensor]]) -> None:
        """Empties a slot."""
        self._frontend.reset(slot)
        self._backbone.ring.pin(slot, prompt)

    def prefill(self, prefixes: Sequence[tuple[SessionState, PrefixTensors]]) -> None:
        """Computes the prefixes of sessions into their slots, which are still empty."""
        streams = []
        for session, prefix in prefixes:
            users = self._frontend.encode([session.slot], prefix.samples.reshape(1, -1))[0]
            streams.append(prefix_inputs(self._model, users, prefix, silence_code=self._silence_code))
            session.count, session.codes = len(streams[-1]), prefix.codes[-1].tolist()
            session.silent = prefix.silent[-1]
            for anchor, written in zip(prefix.anchors.tolist(), prefix.actions, strict=True):
                session.drafter.observe(anchor, written)
        if streams:
            prefill(self._backbone, streams, [session.slot for session, _ in prefixes])

    def run(self, sessions: Sequence[SessionState], samples: Tensor) -> list[int]:
        """Decodes samples [B, 2560] in -1..1; the sessions keep codes and actions, the anchors come back."""
        users = self._frontend.encode([session.slot for session in sessions], samples)[:, 0]
        codes_before = self._codes_before(sessions)
        chunks = [ChunkDecode(session, self._anchors, draft=self._draft) for session in sessions]
        assistant = torch.empty_like(users)  # hidden states of the assistants' positions
        open_rows = list(range(len(chunks)))  # of the batch
        while open_rows:
            here = [chunks[row] for row in open_rows]
            hidden = self._advance(here, users[open_rows], codes_before[open_rows])
            _check_finite(here, hidden)
            choice, numbers = self._choices(here, hidden)
            starts = accumulate((len(chunk.inputs) for chunk in here), initial=0)
            still_open = []
            for row, chunk, start in zip(open_rows, here, list(starts), strict=False):
                ours = numbers[start:]
                if chunk.verify(self._chooser(chunk.session, choice, ours), _weigher(choice, ours)):
                    still_open.append(row)
                if chunk.assistant_at >= 0:
                    assistant[row] = hidden[start + chunk.assistant_at]
            open_rows = still_open
        self._decode_codes(sessions, chunks, assistant)
        self._account(chunks)
        return [chunk.anchor for chunk in chunks]

    def _codes_before(self, sessions: Sequence[SessionState]) -> Tensor:
        """[B, width]: the codes of the chunk before, as inputs."""
        before = self._silent_codes.repeat(len(sessions), 1)
        speakers = [row for row, session in enumerate(sessions) if not session.silent]
        if speakers:
            before[speakers] = self._model.codes_in(torch.tensor([sessions[row].codes for row in speakers]))
        return before

    def _advance(self, chunks: Sequence[ChunkDecode], users: Tensor, codes_before: Tensor) -> Tensor:
        """One pass over the chunks' inputs -> hidden states of all of them, end to end."""
        steps = [len(chunk.inputs) for chunk in chunks]
        ids = torch.tensor([id for chunk in chunks for id in chunk.inputs])
        x = F.embedding(ids, self._model.tokens.weight)
        user_rows, assistant_rows, at = [], [], 0
        for row, chunk in enumerate(chunks):
            if chunk.first == PassKind.USER:
                user_rows.append((at, row))
            if chunk.first == PassKind.ASSISTANT or (chunk.first == PassKind.USER and steps[row] > 1):
                assistant_rows.append((at + (chunk.first == PassKind.USER), row))
            at += steps[row]
        if user_rows:
            positions, rows = torch.tensor(user_rows).unbind(1)
            x[positions] = users[rows]
        if assistant_rows:
            positions, rows = torch.tensor(assistant_rows).unbind(1)
            x[positions] += codes_before[rows]
        sessions = [chunk.session for chunk in chunks]
        self.work.passes, self.work.positions = self.work.passes + 1, self.work.positions + at
        counts = [session.count for session in sessions]
        return self._backbone.advance(x, Segments([session.slot for session in sessions], steps, counts))

    def _choices(self, chunks: Sequence[ChunkDecode], hidden: Tensor) -> tuple[Choice, list[int]]:
        """What is chosen wherever there is a choice, and the number of that choice for each position."""
        masks = [mask for chunk in chunks for mask in chunk.masks]
        numbers = list(accumulate((mask is not None for mask in masks), initial=0))
        asked = [row for row, mask in enumerate(masks) if mask is not None]
        return self._backbone.choose(hidden[asked], [mask for mask in masks if mask is not None]), numbers

    def _chooser(self, session: SessionState, choice: Choice, numbers: Sequence[int]) -> Callable[[int], int]:
        """What a session chooses at its i-th position of a pass."""
        return lambda at: choice.best[numbers[at]]

    def _decode_codes(
        self, sessions: Sequence[SessionState], chunks: Sequence[ChunkDecode], assistant: Tensor
    ) -> None:
        """Four codes each; a silent chunk has the silence code, by rule."""
        speakers = [row for row, chunk in enumerate(chunks) if chunk.anchor != self._silence]
        for session, chunk in zip(sessions, chunks, strict=True):
            session.silent = chunk.anchor == self._silence
            session.codes = [self._silence_code] * TOKENS_PER_CHUNK
            session.drafter.observe(chunk.anchor, session.channel.written)
        if speakers:
            decoded = self._code_decoder.decode_codes(assistant[speakers])
            for row, codes in zip(speakers, decoded, strict=True):
                sessions[row].codes = codes

    def _account(self, chunks: Sequence[ChunkDecode]) -> None:
        silent = [
            each for each in chunks if each.anchor == self._silence and not each.session.channel.written
        ]
        self.work.chunks += len(chunks)
        self.work.chunk_passes += sum(chunk.passes for chunk in chunks)
        self.work.silent_chunks += len(silent)
        self.work.silent_passes += sum(chunk.passes for chunk in silent)


def _check_finite(chunks: Sequence[ChunkDecode], hidden: Tensor) -> None:
    """Marks the sessions of which hidden states [N, width] are not finite: no sum is, where a part is not."""
    sums = hidden.sum(dim=1)
    if math.isfinite(float(sums.sum())):
        return
    finite = iter(sums.isfinite().tolist())
    for chunk in chunks:
        ours = [next(finite) for _ in chunk.inputs]
        chunk.session.finite = chunk.session.finite and all(ours)


def _weigher(choice: Choice, numbers: Sequence[int]) -> Weigh:
    """How likely a session's choice at its i-th position of a pass was."""
    return lambda at, token, outside: choice.weigh(numbers[at], token, outside)
