"""One tick: 160 ms of many sessions in one batch (paper section 2, positions as in `model/backbone.py`).

Two things save passes and change no token. Silence is the common chunk, so the assistant's position is
drafted with the silent anchor and runs in the same pass as the user's; where the anchor turns out to be
another one, that position is run again. And tokens without a choice (outcomes, most of a call) run together.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from duplexsla.clock import TOKENS_PER_CHUNK
from duplexsla.engine.action_channel import ActionChannel, anchor_mask
from duplexsla.engine.fused import FusedBackbone
from duplexsla.engine.kv_ring import KVRing
from duplexsla.engine.masks import Masks
from duplexsla.engine.past import Lived
from duplexsla.engine.prefill import fill, stream
from duplexsla.engine.sampler import pick
from duplexsla.engine.session import Session
from duplexsla.model.backbone import NanoModel
from duplexsla.protocol import tokens
from duplexsla.protocol.vocabulary import Vocabulary

MOST_POSITIONS = 4  # of one session in one pass


class Tick:
    """Sessions are always given in ascending order of their slots."""

    def __init__(
        self, model: NanoModel, vocabulary: Vocabulary, *, slots: int, silence_code: int, draft: bool
    ) -> None:
        config = model.config
        self._model, self._draft, self._silence_code = model, draft, silence_code
        self._silence = vocabulary.id(tokens.VAD_SILENCE)
        self._anchors, self._masks = anchor_mask(vocabulary), Masks()
        self._front = model.frontend.new_state(slots)
        ring = KVRing(
            slots=slots,
            layers=config.num_layers,
            kv_heads=config.num_kv_heads,
            head_width=config.head_width,
            window=config.window,
            prompt_length=config.prompt_length,
            most_positions=MOST_POSITIONS,
        )
        self._backbone = FusedBackbone(model, ring)

    def prompt(self, ids: Sequence[int]) -> list[tuple[Tensor, Tensor]]:
        """Keys and values of a pinned prompt, as `open` takes them."""
        return self._backbone.prompt_rows(self._model.read_prompt(torch.tensor([ids])))

    def open(self, slot: int, prompt: list[tuple[Tensor, Tensor]]) -> None:
        """Forgets what the slot heard; what is left in its ring is out of every window."""
        self._front.reset(torch.tensor([slot]))
        self._backbone.ring.pin(slot, prompt)

    def relive(self, pasts: Sequence[tuple[Session, Lived]]) -> None:
        """What sessions lived through goes into their slots, which remember nothing yet."""
        streams = []
        for session, past in pasts:
            slot = torch.tensor([session.slot])
            state = self._front.rows(slot)
            users = self._model.user_inputs(self._model.frontend(past.samples.reshape(1, -1), state))[0]
            self._front.write(slot, state)
            streams.append(stream(self._model, users, past, silence_code=self._silence_code))
            session.count, session.codes = len(streams[-1]), past.codes[-1].tolist()
            session.silent = past.silent[-1]
        if streams:
            fill(self._backbone, streams, [session.slot for session, _ in pasts])

    def run(self, sessions: Sequence[Session], samples: Tensor) -> list[int]:
        """Hears samples [B, 2560] in -1..1; leaves codes and actions in the sessions, returns the anchors."""
        slots = torch.tensor([session.slot for session in sessions])
        state = self._front.rows(slots)
        heard = self._model.user_inputs(self._model.frontend(samples, state))
        self._front.write(slots, state)
        anchors, hidden = self._answer(sessions, heard)
        self._speak(sessions, anchors, hidden)
        self._act(sessions, hidden)
        return anchors

    def _answer(self, sessions: Sequence[Session], heard: Tensor) -> tuple[list[int], Tensor]:
        """Positions U and A: the anchors, and hidden [B, width] of the assistant's positions."""
        before = torch.tensor([session.codes for session in sessions])
        drafted = self._draft and any(session.silent for session in sessions)
        if drafted:
            silence = torch.full((len(sessions),), self._silence)
            unit = torch.cat([heard, self._model.assistant_inputs(silence, before)[:, None]], dim=1)
            hidden = self._advance(sessions, unit)
        else:
            hidden = self._advance(sessions, heard)
        anchors = self._choose(sessions, hidden[:, 0], [self._anchors] * len(sessions))
        wrong = [row for row, anchor in enumerate(anchors) if not drafted or anchor != self._silence]
        answer = hidden[:, -1]
        if wrong:
            said = torch.tensor([anchors[row] for row in wrong])
            x = self._model.assistant_inputs(said, before[wrong])[:, None]
            answer[wrong] = self._advance([sessions[row] for row in wrong], x, ahead=1)[:, 0]
        for session in sessions:
            session.count += 2
        return anchors, answer

    def _speak(self, sessions: Sequence[Session], anchors: Sequence[int], hidden: Tensor) -> None:
        """Four codes each; a silent chunk has the silence code, by rule."""
        speakers = [row for row, anchor in enumerate(anchors) if anchor != self._silence]
        for session, anchor in zip(sessions, anchors, strict=True):
            session.silent = anchor == self._silence
            session.codes = [self._silence_code] * TOKENS_PER_CHUNK
        if speakers:
            samplers = [sessions[row].sampler for row in speakers]
            codes = self._model.code_head.decode(
                hidden[speakers],
                lambda logits: torch.tensor(pick(logits, samplers)),
            )
            for row, four in zip(speakers, codes.tolist(), strict=True):
                sessions[row].codes = four

    def _act(self, sessions: Sequence[Session], hidden: Tensor) -> None:
        """The action channels of this chunk; each further pass runs only those that still write."""
        for session in sessions:
            session.channel.begin_chunk()
        choosing = list(sessions)
        while choosing:
            chosen = self._choose(choosing, hidden, [session.channel.allowed() for session in choosing])
            written = [_write(each.channel, token) for each, token in zip(choosing, chosen, strict=True)]
            writers = [session for session, pieces in zip(choosing, written, strict=True) if pieces]
            if not writers:
                return
            hidden = self._feed(writers, [pieces for pieces in written if pieces])
            rows = [row for row, session in enumerate(writers) if not session.channel.full]
            choosing, hidden = [writers[row] for row in rows], hidden[rows]

    def _feed(self, writers: Sequence[Session], written: Sequence[list[int]]) -> Tensor:
        """Action tokens as inputs, some of each session -> hidden [N, width] after the last one of each.

        Rows are padded with positions still to come: those are written again before anything can see them.
        """
        steps = max(map(len, written))
        padded = torch.tensor([pieces + [0] * (steps - len(pieces)) for pieces in written])
        hidden = self._advance(writers, self._model.action_inputs(padded))
        for session, pieces in zip(writers, written, strict=True):
            session.count += len(pieces)
        return hidden[torch.arange(len(writers)), torch.tensor([len(pieces) - 1 for pieces in written])]

    def _choose(self, sessions: Sequence[Session], hidden: Tensor, allowed: Sequence[bytes]) -> list[int]:
        logits = self._backbone.text_head(hidden) + self._masks.rows(allowed)
        return pick(logits, [session.sampler for session in sessions])

    def _advance(self, sessions: Sequence[Session], x: Tensor, *, ahead: int = 0) -> Tensor:
        """x [B, T, width] at each session's next positions (`ahead` further) -> hidden [B, T, width]."""
        steps = torch.arange(ahead, ahead + x.shape[1])
        counts = torch.tensor([session.count for session in sessions])[:, None] + steps
        first = torch.tensor([session.first_position for session in sessions])[:, None]
        return self._backbone.advance(x, [session.slot for session in sessions], counts, counts + first)


def _write(channel: ActionChannel, chosen: int) -> list[int]:
    """Puts what is certain, else the chosen token, and goes on while there is nothing to choose."""
    written: list[int] = []
    certain = channel.certain()
    token = chosen if certain is None else certain
    while channel.put(token):
        written.append(token)
        certain = None if channel.full or len(written) == MOST_POSITIONS else channel.certain()
        if certain is None:
            break
        token = certain
    return written
