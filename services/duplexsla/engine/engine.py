"""The engine: sessions in slots, one `step` per 160 ms over as many of them as came, tokens and sound out."""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from numpy.typing import NDArray

from duplexsla.clock import ACTION_BUDGET, CHUNK_SAMPLES, TOKENS_PER_CHUNK
from duplexsla.engine.action_channel import ActionChannel, ActionRules
from duplexsla.engine.audio_streams import ChunkCodec, CodecStream
from duplexsla.engine.backends import select_backends
from duplexsla.engine.native.library import KernelChoice
from duplexsla.engine.prefix import Prefix, prefix_tensors
from duplexsla.engine.speculative_decoding import Drafter, DraftVocabulary, SessionState
from duplexsla.engine.tick import MOST_POSITIONS, Tick, Work
from duplexsla.errors import ProtocolError, SessionForgotten, SlotsExhausted
from duplexsla.model.backbone import NanoModel
from duplexsla.protocol import tokens
from duplexsla.protocol.call_confidence import CallChoice, CallConfidence
from duplexsla.protocol.prompts import prompt_tokens
from duplexsla.protocol.tokens import Vocabulary
from duplexsla.tools import Toolset

MAX_INJECTED_CHARS = 512  # of one text; the longest outcome has far fewer


@dataclass(slots=True)
class SlotLease:
    """One session's hold on a slot. `generation` counts the sessions that have held any slot, from 1."""

    session: int
    slot: int
    generation: int
    seen_s: float


class Slots:
    """A free list of `count` slots, lowest first, so that live sessions stay next to each other in memory."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._free = list(range(count))
        self._leases: dict[int, SlotLease] = {}
        self._generations = 0

    @property
    def num_free(self) -> int:
        return len(self._free)

    @property
    def num_live(self) -> int:
        return len(self._leases)

    def __contains__(self, session: int) -> bool:
        return session in self._leases

    def take(self, session: int, now_s: float) -> SlotLease:
        """A slot for a new session; raises SlotsExhausted. A session that holds one may not take a second."""
        assert session not in self._leases, "close the session before it is opened again"
        if not self._free:
            raise SlotsExhausted(f"all {self.count} slots are held")
        self._generations += 1
        lease = SlotLease(session, heapq.heappop(self._free), self._generations, now_s)
        self._leases[session] = lease
        return lease

    def of(self, session: int) -> SlotLease:
        """Raises SessionForgotten for a session that was never opened, was closed or has expired."""
        try:
            return self._leases[session]
        except KeyError:
            raise SessionForgotten("unknown session") from None

    def give_back(self, session: int) -> None:
        heapq.heappush(self._free, self.of(session).slot)
        del self._leases[session]

    def idle_since(self, limit_s: float) -> list[int]:
        """Sessions last seen before `limit_s`, the longest idle first."""
        idle = [lease for lease in self._leases.values() if lease.seen_s < limit_s]
        return [lease.session for lease in sorted(idle, key=lambda lease: lease.seen_s)]

    def check_integrity(self) -> None:
        """Every slot is free or held once."""
        held = [lease.slot for lease in self._leases.values()]
        assert sorted(held + self._free) == list(range(self.count)), (held, self._free)


@dataclass(frozen=True, slots=True)
class StepInput:
    """One chunk of one session. `injected` is text of the service for the action channel, "" for none."""

    session: int
    samples: NDArray[np.int16]  # [2560]
    injected: str = ""


@dataclass(frozen=True, slots=True)
class StepOutput:
    """What the session said and wrote in this chunk."""

    session: int
    samples: NDArray[np.int16]  # [2560]
    codes: tuple[int, ...]  # 4
    anchor: str
    action: list[str]  # pieces; the last is <|action_end|>
    injected_tokens: int = 0  # how many of them, from the left, the service wrote
    pending_injected: str = ""  # text of the service that is not written yet
    waited_chunks: int = 0  # for which the oldest of it has waited
    choices: Sequence[CallChoice] = ()  # of the pieces that opened a call or went on with one
    calls: Mapping[int, CallConfidence] = field(default_factory=dict)  # by which piece closed them
    finite: bool = True  # else it means nothing, and neither does what would follow

    @property
    def silent(self) -> bool:
        return self.anchor == tokens.VAD_SILENCE


class Engine:
    """For one thread. A step takes each session at most once; time is given by the caller."""

    def __init__(
        self,
        model: NanoModel,
        codec: ChunkCodec,
        vocabulary: Vocabulary,
        toolsets: Mapping[str, Toolset],
        *,
        slots: int,
        budget: int = ACTION_BUDGET,
        draft: bool = True,
        kernels: KernelChoice = "any",
    ) -> None:
        self.vocabulary, self._budget = vocabulary, budget
        self.slots = Slots(slots)
        self.dropped_texts = 0  # of the service, that found no room
        self._sessions: dict[int, SessionState] = {}
        self._draft_vocabulary = DraftVocabulary(vocabulary)
        self._rules = {name: ActionRules(vocabulary, toolset) for name, toolset in toolsets.items()}
        self._device = model.norm.weight.device
        with self._computing():
            backends = select_backends(
                model, codec, slots=slots, most_positions=MOST_POSITIONS, kernels=kernels
            )
            self.backends = backends
            self._codec_stream = CodecStream(backends.codec, slots)
            self._tick = Tick(model, vocabulary, backends, silence_code=codec.silence_code, draft=draft)
            length = model.config.prompt_length
            prompts = {name: prompt_tokens(vocabulary, name, length) for name in toolsets}
            self._prompts = {name: self._tick.read_prompt(ids) for name, ids in prompts.items()}

    @contextmanager
    def _computing(self) -> Iterator[None]:
        """New tensors are made where the model is."""
        with torch.inference_mode(), self._device if self._device.type != "cpu" else nullcontext():
            yield

    @property
    def work(self) -> Work:
        """What all steps have cost so far."""
        return replace(self._tick.work)

    def open(self, session: int, toolset: str, *, now_s: float = 0.0) -> None:
        """Gives a session an empty slot. Raises SlotsExhausted, or ProtocolError for an unknown toolset."""
        channel = self._channel(toolset)
        slot = self.slots.take(session, now_s).slot
        with self._computing():
            self._tick.open(slot, self._prompts[toolset])
            self._codec_stream.reset(slot)
        self._sessions[session] = SessionState(
            id=session,
            slot=slot,
            channel=channel,
            drafter=Drafter(self._draft_vocabulary),
            codes=[self._codec_stream.silence_code] * TOKENS_PER_CHUNK,
        )

    def restore(self, session: int, prefix: Prefix, *, now_s: float = 0.0) -> None:
        """Opens a session that was decoded elsewhere; its next step computes the prefix first.

        Raises SlotsExhausted, or ProtocolError for a prefix that cannot be.
        """
        chunks = prefix_tensors(prefix, self.vocabulary, budget=self._budget)
        channel = self._channel(prefix.toolset)
        parts = zip(chunks.actions, chunks.injected, chunks.choices, strict=True)
        for written, injected, choices in parts:
            channel.replay(written, injected=injected, choices=choices)
        pending = self._text_ids(prefix.pending_injected)
        self.dropped_texts += not channel.restore_pending(pending, prefix.waited_chunks)
        self.open(session, prefix.toolset, now_s=now_s)
        opened = self._sessions[session]
        opened.channel, opened.prefix = channel, chunks if prefix.chunks else None

    def _prefill(self, sessions: Sequence[SessionState]) -> None:
        """The prefixes that are still to be computed, in one pass."""
        waiting = [(each, each.prefix.on(self._device)) for each in sessions if each.prefix is not None]
        self._tick.prefill(waiting)
        for session, prefix in waiting:
            self._codec_stream.restore(session.slot, prefix.codes, prefix.silent)
            session.prefix = None

    def _channel(self, toolset: str) -> ActionChannel:
        if toolset not in self._rules:
            raise ProtocolError(f"unknown toolset {toolset[:32]!r}, there is {', '.join(self._rules)}")
        return ActionChannel(self._rules[toolset], budget=self._budget)

    def close(self, session: int) -> None:
        """Raises SessionForgotten for a session that is not open."""
        self.slots.give_back(session)
        del self._sessions[session]

    def expire(self, limit_s: float) -> list[int]:
        """Closes the sessions that no step has seen since `limit_s`."""
        idle = self.slots.idle_since(limit_s)
        for session in idle:
            self.close(session)
        return idle

    def _inject(self, session: SessionState, text: str) -> None:
        """Queues text of the service for a session's action channel; markers in it are dropped.

        Text that finds no room is dropped whole, and counted.
        """
        if len(text) > MAX_INJECTED_CHARS:
            self.dropped_texts += 1
            return
        self.dropped_texts += not session.channel.inject(self._text_ids(text))

    def _text_ids(self, text: str) -> list[int]:
        """Ids of a text, without any markers in it."""
        ids = self.vocabulary.encode(text)
        pieces = self.vocabulary.pieces(ids)
        return [id for id, piece in zip(ids, pieces, strict=True) if not tokens.is_marker(piece)]

    def step(self, inputs: Sequence[StepInput], *, now_s: float = 0.0) -> list[StepOutput]:
        """One tick over distinct open sessions, in any order.

        Raises SessionForgotten for one that is not open; then none is decoded.
        """
        for each in inputs:
            self.slots.of(each.session).seen_s = now_s
        ordered = sorted(inputs, key=lambda each: self._sessions[each.session].slot)
        sessions = [self._sessions[each.session] for each in ordered]
        for session, each in zip(sessions, ordered, strict=True):
            if each.injected:
                self._inject(session, each.injected)
        samples = np.stack([each.samples for each in ordered]).astype(np.float32) / 32_768
        assert samples.shape == (len(sessions), CHUNK_SAMPLES), samples.shape
        with self._computing():
            self._prefill(sessions)
            anchors = self._tick.run(sessions, torch.from_numpy(samples).to(self._device))
            outputs = self._outputs(sessions, self.vocabulary.pieces(anchors))
        return [outputs[each.session] for each in inputs]

    def _outputs(self, sessions: Sequence[SessionState], anchors: Sequence[str]) -> dict[int, StepOutput]:
        codes = torch.tensor([session.codes for session in sessions])
        speaking = [not session.silent for session in sessions]
        slots = [session.slot for session in sessions]
        sound = self._codec_stream.decode(slots, codes, speaking).cpu().numpy()
        return {
            session.id: StepOutput(
                session=session.id,
                samples=sound[row].copy(),
                codes=tuple(session.codes),
                anchor=anchors[row],
                action=[*self.vocabulary.pieces(session.channel.written), tokens.ACTION_END],
                injected_tokens=session.channel.injected_tokens,
                pending_injected=self.vocabulary.text(session.channel.pending),
                waited_chunks=session.channel.waited_chunks,
                choices=session.channel.choices,
                calls=session.channel.closed,
                finite=session.finite,
            )
            for row, session in enumerate(sessions)
        }
