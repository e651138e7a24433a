"""Places a spoken scenario on the conversational clock, chunk by chunk (paper section 3.3).

What is triggered by a word comes a fixed lag after the word's end, as the constants below have it, and all
of it waits in one queue. An interrupt silences the assistant from the chunk after its own; feedback and
unrelated requests do not. A sentence is planned in the last chunk of the one before it, with the response
label, or when the last outcome is injected, and sounds from the chunk after its plan.
"""

import random
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from duplexsla.clock import CHUNK_S, CHUNK_SAMPLES, SAMPLE_RATE, chunk_at
from duplexsla.protocol.actions import ActionObject, assistant_text, planning_text
from duplexsla.protocol.channel_lines import event_text
from duplexsla.protocol.tokens import Vocabulary
from duplexsla_lab.data.scenarios.scenario import ScenarioAction, ScenarioLine
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
STOPPED = event_text("stopped")
CUT_WORDS = 3
MAX_CHUNKS = 4_000  # a longer session is an error


class TimingConflict(ValueError):
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
class PlacedAction:
    """An action on the clock: its semantic offset, its trigger chunk, and where it was written."""

    action: ScenarioAction
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
    actions: list[PlacedAction] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class AnnotatedSession:
    """A session, and its annotation: what was said when, and what was to be done when."""

    session: TrainingSession
    lines: list[PlacedLine]
    speech: list[ReplySentence]


def lag_chunks(action: ScenarioAction, line: ScenarioLine) -> int:
    """Chunks between the end of the word that an action hangs on and its trigger."""
    if action.name == "response":
        return CALL_LAG if line.calls else ANSWER_LAG
    return LABEL_LAGS.get(action.name, CALL_LAG)


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
        self._upcoming = deque(lines)
        self._replies, self._rng = replies, rng
        self._transcribe_assistant, self._transcribe_user = transcribe_assistant, transcribe_user
        self._actions, self._speech = ActionTrack(vocabulary), SpeechTrack(vocabulary)
        self._placed: list[PlacedLine] = []
        self._sounds: list[tuple[int, NDArray[np.float32]]] = []
        self._phones: list[tuple[float, str]] = [(0.0, SILENCE)]
        self._outcomes: deque[tuple[int, int, str]] = deque()  # (chunk, line, text), in the calls' order
        self._open_calls: dict[int, int] = {}  # line -> calls whose outcome is not known yet
        self._unanswered: deque[int] = deque()  # lines whose answer is not begun

    def run(self, *, silence_code: int, silence_chunks: int) -> AnnotatedSession:
        """All lines, and `silence_chunks` of silence at the end. Raises TimingConflict."""
        while self._upcoming or not self._idle:
            if self._actions.chunk > MAX_CHUNKS:
                raise ValueError(f"a session of more than {MAX_CHUNKS} chunks")
            self._step()
        while silence_chunks:
            self._actions.step()
            silence_chunks -= 1
        return AnnotatedSession(self._session(silence_code), self._placed, self._speech.said)

    @property
    def _idle(self) -> bool:
        """Whether nothing is left to say or to do before the coming chunk."""
        waits = self._outcomes or self._unanswered or any(self._open_calls.values())
        return self._actions.idle and not waits and self._speech.idle(self._actions.chunk)

    def _step(self) -> None:
        chunk = self._actions.chunk
        self._place_next(chunk)
        self._apply_barge_in(chunk)
        self._inject_outcomes(chunk)
        self._answer(chunk)
        self._apply_step(chunk, self._actions.step())
        if self._transcribe_assistant:
            for end_s, word in self._speech.words_ending(chunk):
                time_s = end_s + ASSISTANT_LAG * CHUNK_S
                self._actions.schedule(chunk + ASSISTANT_LAG, time_s, assistant_text(word))

    def _place_next(self, chunk: int) -> None:
        """Puts the next line on the clock as soon as it is known when it starts."""
        if not self._upcoming or (start_s := self._start_s(chunk)) is None:
            return
        spoken = self._upcoming.popleft()
        line, number = spoken.line, len(self._placed)
        words = [(start_s + start, start_s + end, word) for start, end, word in spoken.words]
        placed = PlacedLine(line, start_s, words)
        self._placed.append(placed)
        self._sounds.append((int(start_s * SAMPLE_RATE), spoken.samples))
        self._phones += [(start_s + t, phone) for t, phone in spoken.phones]
        self._phones.append((start_s + len(spoken.samples) / SAMPLE_RATE, SILENCE))
        heard = self._transcribe_user and line.speaker != "echo"
        for _, end, word in words if heard else ():
            time_s = end + TRANSCRIPT_LAG * CHUNK_S
            self._actions.schedule(chunk_at(end) + TRANSCRIPT_LAG, time_s, f" {word}")
        for action in line.actions:
            self._schedule_action(placed, action, number)
        self._open_calls[number] = len(line.calls)
        if line.event and not line.words:
            self._open_calls[number] += 1
            self._outcomes.append((chunk_at(start_s), number, line.event))
        if line.answer:
            self._unanswered.append(number)

    def _schedule_action(self, placed: PlacedLine, action: ScenarioAction, number: int) -> None:
        lag = lag_chunks(action, placed.line)
        offset_s = placed.words[action.word][1]
        placed_action = PlacedAction(action, offset_s, chunk_at(offset_s) + lag)
        text = ActionObject(action.name, placed_action.chunk, action.planning, action.arguments).text()
        key = ("action", number, len(placed.actions))
        self._actions.schedule(placed_action.chunk, offset_s + lag * CHUNK_S, text, key)
        placed.actions.append(placed_action)

    def _start_s(self, chunk: int) -> float | None:
        """When the next line starts; None while that is not known. Raises TimingConflict."""
        line = self._upcoming[0].line
        if line.over_words is None:
            return chunk * CHUNK_S + line.silence_s if self._idle else None
        if not self._placed or self._unanswered or chunk <= self._busy_through():
            return None
        word_end_s = self._speech.word_end_s(line.over_words)
        if word_end_s is None:
            if self._speech.idle(chunk):
                raise TimingConflict(f"the assistant never says {line.over_words} words before {line.said!r}")
            return None
        return max(word_end_s, chunk * CHUNK_S) + line.silence_s

    def _busy_through(self) -> int:
        """The chunk through which the last line sounds and triggers."""
        last = self._placed[-1]
        end_s = last.words[-1][1] if last.words else last.start_s
        return max([chunk_at(end_s) + TRANSCRIPT_LAG, *(action.chunk for action in last.actions)])

    def _apply_barge_in(self, chunk: int) -> None:
        """Interrupts silence the assistant; feedback needs it to be speaking. Raises TimingConflict."""
        for action in self._placed[-1].actions if self._placed else ():
            if action.chunk != chunk or action.action.name not in ("interrupt", "backchannel"):
                continue
            if self._speech.idle(chunk):
                raise TimingConflict(f"the assistant is silent before {self._placed[-1].line.said!r}")
            if action.action.name == "interrupt":
                self._speech.cut(chunk + STOP_LAG)
                if self._placed[-1].line.event:
                    self._tell_cut(chunk + STOP_LAG)

    def _tell_cut(self, chunk: int) -> None:
        """The last words of the assistant that were heard, before anything is answered."""
        number = len(self._placed) - 1
        heard = [word for each in self._speech.said[-2:] for _, _, word in each.words]
        text = event_text("cut", " ".join(heard[-CUT_WORDS:]))
        self._open_calls[number] += 1
        self._outcomes.append((chunk, number, text))

    def _inject_outcomes(self, chunk: int) -> None:
        """The service's texts that are due, unless something spills into this chunk."""
        if not self._actions.open_to_service:
            return
        while self._outcomes and self._outcomes[0][0] <= chunk:
            _, number, text = self._outcomes.popleft()
            self._actions.force(text)
            if text == STOPPED:
                self._speech.cut(chunk + STOP_LAG)
            self._open_calls[number] -= 1

    def _answer(self, chunk: int) -> None:
        """Begins the answers whose outcomes are known, and plans the sentence that is due."""
        while self._unanswered and self._answerable(self._unanswered[0], chunk):
            answer = self._placed[self._unanswered.popleft()].line.answer
            self._speech.say([(text, self._replies.get(text)) for text in answer], chunk)
        if (planned := self._speech.to_plan(chunk)) is not None:
            number, text, more = planned
            plan = planning_text(text, more=more)
            self._actions.schedule(chunk, self._plan_time_s(chunk), plan, ("plan", number, 0))

    def _answerable(self, number: int, chunk: int) -> bool:
        """Known what to say, and silent for a chunk when it was interrupted."""
        actions = self._placed[number].actions
        due = max(
            (action.chunk + STOP_LAG * (action.action.name == "interrupt") for action in actions), default=0
        )
        return not self._open_calls[number] and due <= chunk

    def _plan_time_s(self, chunk: int) -> float:
        """Behind the label that it answers, when that comes in the same chunk."""
        actions = self._placed[-1].actions
        line = self._placed[-1].line
        labels = [
            action.offset_s + lag_chunks(action.action, line) * CHUNK_S
            for action in actions
            if action.chunk == chunk
        ]
        return max([chunk * CHUNK_S, *labels])

    def _apply_step(self, chunk: int, step: ActionStep) -> None:
        """What the texts that began and ended in this chunk bring about."""
        for key in step.begun:
            if key[0] == "plan":
                self._speech.plan_begun(key[1], chunk)
            else:
                self._action_at(key).begun = chunk
        for key in step.ended:
            if key[0] == "action":
                self._on_written(self._action_at(key), key[1], chunk)

    def _action_at(self, key: Key) -> PlacedAction:
        return self._placed[key[1]].actions[key[2]]

    def _on_written(self, placed: PlacedAction, number: int, chunk: int) -> None:
        """A written call is sent; its outcome comes back no earlier than that of the one before."""
        placed.closed = chunk
        if placed.action.is_call:
            due = chunk + outcome_wait(placed.action.outcome, self._rng)
            last = self._outcomes[-1][0] if self._outcomes else 0
            self._outcomes.append((max(due, last), number, placed.action.outcome))

    def _session(self, silence_code: int) -> TrainingSession:
        n = self._actions.chunk
        samples = np.zeros(n * CHUNK_SAMPLES, np.float32)
        for first, sound in self._sounds:
            samples[first : first + len(sound)] += sound[: max(0, len(samples) - first)]
        anchors, codes = self._speech.anchors_and_codes(n, silence_code)
        phones = phone_targets(self._phones, n)
        session = TrainingSession(
            samples, anchors, codes, phones, self._actions.written, self._actions.forced
        )
        session.assistant = self._speech.sound(n)
        return session
