"""An engine that decodes by script: sessions, slots and action channel of the real one, and no tensors."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from tests.support.scripted_decoder.script import DEFAULT, Line, name_in

from duplexsla.clock import CHUNK_SAMPLES, SAMPLE_RATE, TOKENS_PER_CHUNK
from duplexsla.engine.action_channel import ActionChannel, ActionRules
from duplexsla.engine.engine import Slots, StepInput, StepOutput
from duplexsla.engine.native.library import KernelChoice
from duplexsla.engine.prefix import Prefix
from duplexsla.errors import ProtocolError
from duplexsla.protocol import tokens
from duplexsla.protocol.call_confidence import CallChoice
from duplexsla.protocol.tokens import Vocabulary
from duplexsla.tools import Toolset

_TONE = np.sin(np.arange(CHUNK_SAMPLES) * 2 * math.pi * 440 / SAMPLE_RATE) * 6_000
SOUND: NDArray[np.int16] = _TONE.astype(np.int16)
SILENCE: NDArray[np.int16] = np.zeros(CHUNK_SAMPLES, np.int16)
OUTSIDE = -20.0  # logarithm of the best token that would not be in a call
SAID_CODE, SILENT_CODE = 1, 0


@dataclass(slots=True)
class _Session:
    """One session: where it stands in its script."""

    channel: ActionChannel
    script: list[Line] = field(default_factory=list)
    named: bool = False
    next_line: int = 0
    since: int = 0  # chunks since the line before
    to_write: list[int] = field(default_factory=list)
    sure: float = 1.0  # of the newest line
    to_say: list[str] = field(default_factory=list)
    injected: str = ""  # text of the service that was written since the line before


@dataclass(frozen=True, slots=True)
class NoKernels:
    """As `Backends` where torch computes."""

    kernels: KernelChoice = "torch"


class ScriptedEngine:
    """`scripts` by name; a session follows the one that its first chunk names, or DEFAULT."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        toolsets: Mapping[str, Toolset],
        scripts: Mapping[str, Sequence[Line]],
        *,
        slots: int,
    ) -> None:
        self.vocabulary, self.slots, self.dropped_texts = vocabulary, Slots(slots), 0
        self.backends = NoKernels()
        self._rules = {name: ActionRules(vocabulary, each) for name, each in toolsets.items()}
        self._scripts, self._sessions = scripts, dict[int, _Session]()

    def open(self, session: int, toolset: str, *, now_s: float = 0.0) -> None:
        if toolset not in self._rules:
            raise ProtocolError(f"unknown toolset {toolset!r}")
        self.slots.take(session, now_s)
        self._sessions[session] = _Session(ActionChannel(self._rules[toolset]))

    def restore(self, session: int, prefix: Prefix, *, now_s: float = 0.0) -> None:
        """Goes on behind the last line that the prefix has begun to write."""
        self.open(session, prefix.toolset, now_s=now_s)
        opened = self._sessions[session]
        for chunk in prefix.chunks:
            self._follow(opened, chunk.samples)
            self._choose(opened)
            ids = [self.vocabulary.id(piece) for piece in chunk.action[:-1]]
            opened.channel.replay(ids, injected=chunk.injected_tokens, choices=chunk.choices)
            opened.injected += "".join(chunk.action[: chunk.injected_tokens])
            del opened.to_write[: len(ids) - chunk.injected_tokens]
            del opened.to_say[: chunk.anchor != tokens.VAD_SILENCE]
        opened.channel.restore_pending(self.vocabulary.encode(prefix.pending_injected), prefix.waited_chunks)

    def close(self, session: int) -> None:
        self.slots.give_back(session)
        del self._sessions[session]

    def expire(self, limit_s: float) -> list[int]:
        idle = self.slots.idle_since(limit_s)
        for session in idle:
            self.close(session)
        return idle

    def step(self, inputs: Sequence[StepInput], *, now_s: float = 0.0) -> list[StepOutput]:
        for each in inputs:
            self.slots.of(each.session).seen_s = now_s
        return [self._step(each) for each in inputs]

    def _step(self, given: StepInput) -> StepOutput:
        session = self._sessions[given.session]
        if given.injected:
            self.dropped_texts += not session.channel.inject(self.vocabulary.encode(given.injected))
        self._follow(session, given.samples)
        self._choose(session)
        self._write(session)
        channel = session.channel
        pieces = self.vocabulary.pieces(channel.written)
        session.injected += "".join(pieces[: channel.injected_tokens])
        word = session.to_say.pop(0) if session.to_say else ""
        return StepOutput(
            session=given.session,
            samples=SOUND if word else SILENCE,
            codes=(SAID_CODE if word else SILENT_CODE,) * TOKENS_PER_CHUNK,
            anchor=f" {word}" if word else tokens.VAD_SILENCE,
            action=[*pieces, tokens.ACTION_END],
            injected_tokens=channel.injected_tokens,
            pending_injected=self.vocabulary.text(channel.pending),
            waited_chunks=channel.waited_chunks,
            choices=channel.choices,
            calls=channel.closed,
        )

    def _follow(self, session: _Session, samples: NDArray[np.int16]) -> None:
        """The script that its first chunk names."""
        if not session.named:
            name = name_in(samples.astype("<i2").tobytes())
            session.script = list(self._scripts.get(name) or self._scripts.get(DEFAULT, ()))
            session.named = True

    def _choose(self, session: _Session) -> None:
        """The next line, if its time has come and the one before is written."""
        if session.to_write or session.next_line >= len(session.script):
            session.since += 1
            return
        line = session.script[session.next_line]
        if line.after in session.injected and session.since >= line.at:
            session.next_line, session.since, session.injected = session.next_line + 1, 0, ""
            session.to_write, session.sure = self.vocabulary.encode(line.write), line.sure
            session.to_say += line.say.split()
        session.since += 1

    def _write(self, session: _Session) -> None:
        channel = session.channel
        channel.begin_chunk()
        while not channel.full:
            certain = channel.certain()
            if certain is not None and not channel.in_call:
                channel.put(certain)  # text of the service
            elif session.to_write:
                token = session.to_write.pop(0)
                asked = channel.outside_of_call(token) is not None
                channel.put(token, CallChoice(math.log(session.sure), OUTSIDE) if asked else None)
            else:
                channel.put(self.vocabulary.id(tokens.ACTION_END))
                return
