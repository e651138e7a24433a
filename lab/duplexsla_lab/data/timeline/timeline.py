"""Lays a spoken scenario on the conversational clock, chunk by chunk (paper section 3.3).

What is triggered by a word comes a fixed lag after the word's end, as the constants below have it, and all
of it waits in one queue. An interrupt silences the assistant from the chunk after its own; feedback and
unrelated requests do not. A sentence is planned in the last chunk of the one before it, with the response
label, or when the last outcome is fed in, and sounds from the chunk after its plan.
"""

import random
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from duplexsla.clock import CHUNK_S, CHUNK_SAMPLES, SAMPLE_RATE, chunk_at
from duplexsla.protocol.actions import ActionObject, assistant_text, planning_text
from duplexsla.protocol.vocabulary import Vocabulary
from duplexsla_lab.data.language.scenario import Act, ScenarioLine
from duplexsla_lab.data.timeline.action_track import ActionStep, ActionTrack, Key
from duplexsla_lab.data.timeline.speech_track import ReplySentence, SpeechTrack
from duplexsla_lab.data.timeline.training_session import Reply, TrainingSession, outcome_wait, phone_targets
from duplexsla_lab.data.voices.speech import SILENCE

TRANSCRIPT_LAG = 2  # chunks after a word's end (appendix A.1)
CALL_LAG = 3  # chunks after the word that makes the request clear: its transcript stands before it
ANSWER_LAG = 1  # of the response label when nothing is called: speech is expected at once
LABEL_LAGS = {"interrupt": 1, "backchannel": 2}  # to yield is urgent; feedback is judged by what follows it
STOP_LAG = 1  # chunks after the interrupt's: the assistant is silent from there on
ASSISTANT_LAG = 2  # chunks after the end of the assistant's own word
MAX_CHUNKS = 4_000  # a session that is longer has gone wrong


class Overtaken(ValueError):
    """The assistant had fallen silent before the user cut in: draw another scenario."""


@dataclass(frozen=True, slots=True)
class SpokenLine:
    """A line as it sounds. samples: float32 [N]; words: (start s, end s, word); phones: (start s, phone)."""

    line: ScenarioLine
    samples: NDArray[np.float32]
    words: list[tuple[float, float, str]]
    phones: list[tuple[float, str]]

    def __post_init__(self) -> None:
        if len(self.words) != len(self.line.words):
            raise ValueError(f"{len(self.words)} words sound where {len(self.line.words)} are written")


@dataclass(slots=True)
class PlacedAct:
    """An action on the clock: its semantic offset, its trigger chunk, and where it was written."""

    act: Act
    offset_s: float
    chunk: int
    begun: int = -1
    closed: int = -1


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """An utterance of the user on the clock."""

    line: ScenarioLine
    start_s: float
    words: list[tuple[float, float, str]]
    acts: list[PlacedAct] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Laid:
    """A session, and the truth about it: what was said when, and what was to be done when."""

    session: TrainingSession
    lines: list[PlacedLine]
    speech: list[ReplySentence]


def lag_of(act: Act, line: ScenarioLine) -> int:
    """Chunks between the end of the word that an action hangs on and its trigger."""
    if act.name == "response":
        return CALL_LAG if line.calls else ANSWER_LAG
    return LABEL_LAGS.get(act.name, CALL_LAG)


class Timeline:
    """Steps through the chunks of one session; `run` does it all."""

    def __init__(
        self,
        lines: Sequence[SpokenLine],
        replies: Mapping[str, Reply],
        vocabulary: Vocabulary,
        *,
        rng: random.Random,
        transcribe_assistant: bool = True,
        transcribe_user: bool = True,
    ) -> None:
        self._coming = deque(lines)
        self._replies, self._rng = replies, rng
        self._transcribe_assistant, self._transcribe_user = transcribe_assistant, transcribe_user
        self._actions, self._speech = ActionTrack(vocabulary), SpeechTrack(vocabulary)
        self._placed: list[PlacedLine] = []
        self._sounds: list[tuple[int, NDArray[np.float32]]] = []
        self._phones: list[tuple[float, str]] = [(0.0, SILENCE)]
        self._outcomes: deque[tuple[int, int, str]] = deque()  # (chunk, line, text), in the calls' order
        self._open_calls: dict[int, int] = {}  # line -> calls whose outcome is not known yet
        self._owing: deque[int] = deque()  # lines whose answer is not begun

    def run(self, *, silence_code: int, silence_chunks: int) -> Laid:
        """All lines, and `silence_chunks` of silence at the end. Raises Overtaken."""
        while self._coming or not self._quiet:
            if self._actions.chunk > MAX_CHUNKS:
                raise ValueError(f"a session of more than {MAX_CHUNKS} chunks")
            self._step()
        while silence_chunks:
            self._actions.step()
            silence_chunks -= 1
        return Laid(self._session(silence_code), self._placed, self._speech.said)

    @property
    def _quiet(self) -> bool:
        """Whether all is said and done before the coming chunk."""
        waits = self._outcomes or self._owing or any(self._open_calls.values())
        return self._actions.idle and not waits and self._speech.idle(self._actions.chunk)

    def _step(self) -> None:
        chunk = self._actions.chunk
        self._place_next(chunk)
        self._cut_in(chunk)
        self._feed_outcomes(chunk)
        self._answer(chunk)
        self._follow(chunk, self._actions.step())
        if self._transcribe_assistant:
            for end_s, word in self._speech.words_ending(chunk):
                time_s = end_s + ASSISTANT_LAG * CHUNK_S
                self._actions.schedule(chunk + ASSISTANT_LAG, time_s, assistant_text(word))

    def _place_next(self, chunk: int) -> None:
        """Puts the next line on the clock as soon as it is known when it starts."""
        if not self._coming or (start_s := self._start_s(chunk)) is None:
            return
        spoken = self._coming.popleft()
        line, number = spoken.line, len(self._placed)
        words = [(start_s + start, start_s + end, word) for start, end, word in spoken.words]
        placed = PlacedLine(line, start_s, words)
        self._placed.append(placed)
        self._sounds.append((int(start_s * SAMPLE_RATE), spoken.samples))
        self._phones += [(start_s + t, phone) for t, phone in spoken.phones]
        self._phones.append((start_s + len(spoken.samples) / SAMPLE_RATE, SILENCE))
        for _, end, word in words if self._transcribe_user else ():
            time_s = end + TRANSCRIPT_LAG * CHUNK_S
            self._actions.schedule(chunk_at(end) + TRANSCRIPT_LAG, time_s, f" {word}")
        for act in line.acts:
            self._schedule_act(placed, act, number)
        self._open_calls[number] = len(line.calls)
        if line.answer:
            self._owing.append(number)

    def _schedule_act(self, placed: PlacedLine, act: Act, number: int) -> None:
        lag = lag_of(act, placed.line)
        offset_s = placed.words[act.word][1]
        on_clock = PlacedAct(act, offset_s, chunk_at(offset_s) + lag)
        text = ActionObject(act.name, on_clock.chunk, act.planning, act.arguments).text()
        key = ("act", number, len(placed.acts))
        self._actions.schedule(on_clock.chunk, offset_s + lag * CHUNK_S, text, key)
        placed.acts.append(on_clock)

    def _start_s(self, chunk: int) -> float | None:
        """When the next line starts; None while that is not known. Raises Overtaken."""
        line = self._coming[0].line
        if line.over_words is None:
            return chunk * CHUNK_S + line.silence_s if self._quiet else None
        if not self._placed or self._owing or chunk <= self._busy_through():
            return None
        word_end_s = self._speech.word_end_s(line.over_words)
        if word_end_s is None:
            if self._speech.idle(chunk):
                raise Overtaken(f"the assistant never says {line.over_words} words before {line.said!r}")
            return None
        return max(word_end_s, chunk * CHUNK_S) + line.silence_s

    def _busy_through(self) -> int:
        """The chunk through which the last line sounds and triggers."""
        last = self._placed[-1]
        return max([chunk_at(last.words[-1][1]) + TRANSCRIPT_LAG, *(act.chunk for act in last.acts)])

    def _cut_in(self, chunk: int) -> None:
        """Interrupts silence the assistant; feedback wants it to be speaking. Raises Overtaken."""
        for act in self._placed[-1].acts if self._placed else ():
            if act.chunk != chunk or act.act.name not in ("interrupt", "backchannel"):
                continue
            if self._speech.idle(chunk):
                raise Overtaken(f"the assistant is silent before {self._placed[-1].line.said!r}")
            if act.act.name == "interrupt":
                self._speech.cut(chunk + STOP_LAG)

    def _feed_outcomes(self, chunk: int) -> None:
        """The service's texts that are due, unless something spills into this chunk."""
        if not self._actions.open_to_service:
            return
        while self._outcomes and self._outcomes[0][0] <= chunk:
            _, number, text = self._outcomes.popleft()
            self._actions.force(text)
            self._open_calls[number] -= 1

    def _answer(self, chunk: int) -> None:
        """Begins the answers whose outcomes are known, and plans the sentence that is due."""
        while self._owing and self._answerable(self._owing[0], chunk):
            answer = self._placed[self._owing.popleft()].line.answer
            self._speech.say([(text, self._replies.get(text)) for text in answer], chunk)
        if (planned := self._speech.to_plan(chunk)) is not None:
            number, text, more = planned
            plan = planning_text(text, more=more)
            self._actions.schedule(chunk, self._plan_time_s(chunk), plan, ("plan", number, 0))

    def _answerable(self, number: int, chunk: int) -> bool:
        """Known what to say, and silent for a chunk when it was interrupted."""
        acts = self._placed[number].acts
        due = max((act.chunk + STOP_LAG * (act.act.name == "interrupt") for act in acts), default=0)
        return not self._open_calls[number] and due <= chunk

    def _plan_time_s(self, chunk: int) -> float:
        """Behind the label that it answers, when that comes in the same chunk."""
        acts = self._placed[-1].acts
        line = self._placed[-1].line
        labels = [act.offset_s + lag_of(act.act, line) * CHUNK_S for act in acts if act.chunk == chunk]
        return max([chunk * CHUNK_S, *labels])

    def _follow(self, chunk: int, step: ActionStep) -> None:
        """What the texts that began and ended in this chunk bring about."""
        for key in step.begun:
            if key[0] == "plan":
                self._speech.plan_begun(key[1], chunk)
            else:
                self._act(key).begun = chunk
        for key in step.ended:
            if key[0] == "act":
                self._close(self._act(key), key[1], chunk)

    def _act(self, key: Key) -> PlacedAct:
        return self._placed[key[1]].acts[key[2]]

    def _close(self, placed: PlacedAct, number: int, chunk: int) -> None:
        """A call that is written goes out; its outcome comes back no earlier than that of the one before."""
        placed.closed = chunk
        if placed.act.is_call:
            due = chunk + outcome_wait(placed.act.outcome, self._rng)
            last = self._outcomes[-1][0] if self._outcomes else 0
            self._outcomes.append((max(due, last), number, placed.act.outcome))

    def _session(self, silence_code: int) -> TrainingSession:
        n = self._actions.chunk
        samples = np.zeros(n * CHUNK_SAMPLES, np.float32)
        for first, sound in self._sounds:
            samples[first : first + len(sound)] += sound[: max(0, len(samples) - first)]
        anchors, codes = self._speech.anchors_and_codes(n, silence_code)
        phones = phone_targets(self._phones, n)
        return TrainingSession(samples, anchors, codes, phones, self._actions.written, self._actions.forced)
