"""One tick: 160 ms of many sessions in one batch (paper section 2, positions as in `model/backbone.py`).

A chunk that is as expected takes a session one pass: what it says and writes is drafted, and the pass checks
it. Silence is the common chunk and the easiest to draft. Where the draft fails, the session goes on from
there in the next pass, beside the others that still have something to decode. No draft changes a token.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import torch
from torch import Tensor
from torch.nn import functional as F

from duplexsla.clock import ACTION_BUDGET, TOKENS_PER_CHUNK
from duplexsla.engine.action_channel import anchor_mask
from duplexsla.engine.backends import Backends
from duplexsla.engine.chunk_decode import ChunkDecode, PassKind
from duplexsla.engine.fused_backbone import Choice, Segments
from duplexsla.engine.prefill import fill, stream
from duplexsla.engine.prefix import PrefixChunk
from duplexsla.engine.sampler import Sampler
from duplexsla.engine.session import SessionState
from duplexsla.model.backbone import NanoModel
from duplexsla.protocol import tokens
from duplexsla.protocol.vocabulary import Vocabulary

MOST_POSITIONS = 2 + ACTION_BUDGET  # of one session in one pass


@dataclass(slots=True)
class Work:
    """What all ticks have cost so far. A session's chunk is silent when nothing was said or written in it."""

    passes: int = 0
    positions: int = 0
    chunks: int = 0
    chunk_passes: int = 0  # of sessions: one pass over four sessions counts four times
    silent_chunks: int = 0
    silent_passes: int = 0


class Tick:
    """Sessions are always given in ascending order of their slots."""

    def __init__(
        self,
        model: NanoModel,
        vocabulary: Vocabulary,
        parts: Backends,
        *,
        silence_code: int,
        draft: bool,
    ) -> None:
        self._model, self._draft, self._silence_code = model, draft, silence_code
        self._silence, self._anchors = vocabulary.id(tokens.VAD_SILENCE), anchor_mask(vocabulary)
        self._ears, self._backbone, self._mouth = parts.ears, parts.backbone, parts.mouth
        self._silent_codes = model.codes_in(torch.full((1, TOKENS_PER_CHUNK), silence_code))
        self.work = Work()

    def prompt(self, ids: Sequence[int]) -> list[tuple[Tensor, Tensor]]:
        """Keys and values of a pinned prompt, as `open` takes them."""
        return self._backbone.prompt_rows(self._model.read_prompt(torch.tensor([ids])))

    def open(self, slot: int, prompt: list[tuple[Tensor, Tensor]]) -> None:
        """Forgets what the slot heard; what is left in its ring is out of every window."""
        self._ears.forget(slot)
        self._backbone.ring.pin(slot, prompt)

    def relive(self, pasts: Sequence[tuple[SessionState, PrefixChunk]]) -> None:
        """What sessions lived through goes into their slots, which remember nothing yet."""
        streams = []
        for session, past in pasts:
            users = self._ears.hear([session.slot], past.samples.reshape(1, -1))[0]
            streams.append(stream(self._model, users, past, silence_code=self._silence_code))
            session.count, session.codes = len(streams[-1]), past.codes[-1].tolist()
            session.silent = past.silent[-1]
            for anchor, written in zip(past.anchors.tolist(), past.actions, strict=True):
                session.expected.lived(anchor, written)
        if streams:
            fill(self._backbone, streams, [session.slot for session, _ in pasts])

    def run(self, sessions: Sequence[SessionState], samples: Tensor) -> list[int]:
        """Hears samples [B, 2560] in -1..1; leaves codes and actions in the sessions, returns the anchors."""
        heard = self._ears.hear([session.slot for session in sessions], samples)[:, 0]
        before = self._said_before(sessions)
        turns = [ChunkDecode(session, self._anchors, draft=self._draft) for session in sessions]
        answers = torch.empty_like(heard)
        going_on = list(range(len(turns)))  # rows of the batch
        while going_on:
            here = [turns[row] for row in going_on]
            hidden = self._advance(here, heard[going_on], before[going_on])
            choice, numbers = self._choices(here, hidden)
            starts = accumulate((len(turn.inputs) for turn in here), initial=0)
            again = []
            for row, turn, start in zip(going_on, here, list(starts), strict=False):
                if turn.take(_chooser(turn.session.sampler, choice, numbers[start:])):
                    again.append(row)
                if turn.answer >= 0:
                    answers[row] = hidden[start + turn.answer]
            going_on = again
        self._speak(sessions, turns, answers)
        self._account(turns)
        return [turn.anchor for turn in turns]

    def _said_before(self, sessions: Sequence[SessionState]) -> Tensor:
        """[B, width]: the codes of the chunk before, as inputs."""
        before = self._silent_codes.repeat(len(sessions), 1)
        speakers = [row for row, session in enumerate(sessions) if not session.silent]
        if speakers:
            before[speakers] = self._model.codes_in(torch.tensor([sessions[row].codes for row in speakers]))
        return before

    def _advance(self, turns: Sequence[ChunkDecode], heard: Tensor, before: Tensor) -> Tensor:
        """One pass over the turns' inputs -> hidden states of all of them, end to end."""
        steps = [len(turn.inputs) for turn in turns]
        x = F.embedding(torch.tensor([id for turn in turns for id in turn.inputs]), self._model.tokens.weight)
        users, answers, at = [], [], 0
        for row, turn in enumerate(turns):
            if turn.first == PassKind.USER:
                users.append((at, row))
            if turn.first == PassKind.ANSWER or (turn.first == PassKind.USER and steps[row] > 1):
                answers.append((at + (turn.first == PassKind.USER), row))
            at += steps[row]
        if users:
            places, rows = torch.tensor(users).unbind(1)
            x[places] = heard[rows]
        if answers:
            places, rows = torch.tensor(answers).unbind(1)
            x[places] += before[rows]
        sessions = [turn.session for turn in turns]
        counts = [session.count for session in sessions]
        positions = [session.first_position + session.count for session in sessions]
        self.work.passes, self.work.positions = self.work.passes + 1, self.work.positions + at
        return self._backbone.advance(x, Segments([each.slot for each in sessions], steps, counts, positions))

    def _choices(self, turns: Sequence[ChunkDecode], hidden: Tensor) -> tuple[Choice, list[int]]:
        """What is chosen wherever there is a choice, and the number of that choice for each position."""
        masks = [mask for turn in turns for mask in turn.masks]
        numbers = list(accumulate((mask is not None for mask in masks), initial=0))
        asked = [row for row, mask in enumerate(masks) if mask is not None]
        return self._backbone.choose(hidden[asked], [mask for mask in masks if mask is not None]), numbers

    def _speak(self, sessions: Sequence[SessionState], turns: Sequence[ChunkDecode], answers: Tensor) -> None:
        """Four codes each; a silent chunk has the silence code, by rule."""
        speakers = [row for row, turn in enumerate(turns) if turn.anchor != self._silence]
        for session, turn in zip(sessions, turns, strict=True):
            session.silent = turn.anchor == self._silence
            session.codes = [self._silence_code] * TOKENS_PER_CHUNK
            session.expected.lived(turn.anchor, session.channel.written)
        if speakers:
            said = self._mouth.say(answers[speakers], [sessions[row].sampler for row in speakers])
            for row, four in zip(speakers, said, strict=True):
                sessions[row].codes = four

    def _account(self, turns: Sequence[ChunkDecode]) -> None:
        silent = [t for t in turns if t.anchor == self._silence and not t.session.channel.written]
        self.work.chunks += len(turns)
        self.work.chunk_passes += sum(turn.passes for turn in turns)
        self.work.silent_chunks += len(silent)
        self.work.silent_passes += sum(turn.passes for turn in silent)


def _chooser(sampler: Sampler, choice: Choice, numbers: Sequence[int]) -> Callable[[int], int]:
    """What a session chooses at its i-th position of a pass."""
    if sampler.greedy:
        return lambda at: choice.best[numbers[at]]
    return lambda at: sampler.draw(choice.allowed(numbers[at]))
