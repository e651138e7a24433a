"""The cascade baseline of table 5: recogniser, endpoint, text planner, synthesizer, one after the other.

It listens all the time, recognises when the user falls silent, and then acts and speaks. What it computes
takes its time on the case's clock: the seconds of one core that recogniser, planner and synthesizer spent are
waited for, in chunks. Voice activity alone stops it when the user speaks over it; it tells feedback from an
interruption no better than such pipelines do, and it names no labels.
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from duplexsla.clock import CHUNK_S
from duplexsla.tools import TOOLSETS
from duplexsla_lab.bench.case import CaseTurn, Samples
from duplexsla_lab.bench.event_log import LoggedCall
from duplexsla_lab.bench.system_interface import Output, SystemFactory
from duplexsla_lab.bench.systems.cascade.endpointing import Endpointer
from duplexsla_lab.bench.systems.cascade.moonshine import Moonshine, model_folder
from duplexsla_lab.bench.systems.cascade.planner import PlannedCalls, Planner
from duplexsla_lab.bench.systems.cascade.recogniser import Recogniser, Transcribe
from duplexsla_lab.bench.systems.cascade.speech_output import SpeechOutput, SynthesizedReply, Synthesizer
from duplexsla_lab.bench.systems.cascade.training_texts import training_texts

RECOGNISE_S = 0.3  # of quiet: recognition begins, in the hope that the turn is over
HANGOVER_S = 0.6  # of quiet: the turn is over if everything was understood
MAX_HANGOVER_S = 1.2  # of quiet: it is over anyhow
DISCARD_S = 3.0  # of quiet: what was not understood is not waited for any more
BARGE_IN_S = 0.3  # of voice: it stops speaking
DRAWS = 40_000  # requests of the training split that it learns a toolset from

ASKING = ("query_", "search_")
ANSWERED, DONE, NOT_UNDERSTOOD = "let me see", "okay", "sorry i did not understand that"


@dataclass(frozen=True, slots=True)
class CascadeParts:
    """What all conversations about one toolset share; each may be called by several threads."""

    transcribe: Transcribe
    plan: Callable[[str], PlannedCalls]
    synthesize: Callable[[str], SynthesizedReply]


@dataclass(frozen=True, slots=True)
class _PendingPlan:
    """A plan, from the chunk `ready` on."""

    transcript: str
    plan: PlannedCalls
    ready: int


@dataclass(frozen=True, slots=True)
class _Answer:
    sound: Samples
    text: str
    ready: int


class CascadeSystem:
    """One conversation. `core_s`: seconds of this thread's core, for what it computes."""

    def __init__(
        self, parts: Mapping[str, CascadeParts], *, core_s: Callable[[], float] = time.thread_time
    ) -> None:
        self._parts_of, self._core_s = parts, core_s

    def reset(self, toolset: str) -> None:
        self._parts = self._parts_of[toolset]
        self._endpointer, self._output = Endpointer(), SpeechOutput()
        self._chunk = -1
        self._free = 0  # the first chunk in which its core has nothing left to do
        self._plan: _PendingPlan | None = None
        self._acted = False  # on the utterance that is there, which was not understood
        self._answer: _Answer | None = None

    def prefill(self, history: Sequence[CaseTurn]) -> None:
        """It goes on with the sentence that the history ends in; of the rest the planner needs nothing."""
        if history and history[-1].rest:
            self._output.say(self._parts.synthesize(history[-1].rest).sound)

    def step(self, samples: Samples) -> Output:
        self._chunk += 1
        self._endpointer.push(samples)
        if self._endpointer.voice_s >= BARGE_IN_S:
            self._output.stop()
            self._answer = None
        self._recognise()
        heard, calls = self._act()
        said = self._start_reply()
        return Output(self._output.play(), calls=calls, transcript=heard, said=said)

    def close(self) -> None:
        """Nothing to give back."""

    def _recognise(self) -> None:
        """Understands the utterance once for each time that it ends; a voice makes that void."""
        quiet_s = self._endpointer.quiet_s
        if quiet_s < RECOGNISE_S:
            self._plan, self._acted = None, False
        elif self._plan is None and not self._acted and self._chunk >= self._free:
            start_s = self._core_s()
            transcript = self._parts.transcribe(self._endpointer.utterance)
            plan = self._parts.plan(transcript)
            self._plan = _PendingPlan(transcript, plan, self._after(self._core_s() - start_s))
        elif self._acted and quiet_s >= DISCARD_S:
            self._endpointer.reset()

    def _act(self) -> tuple[str, tuple[LoggedCall, ...]]:
        """What was heard and the calls, when the turn is over and all has been computed."""
        found, quiet_s = self._plan, self._endpointer.quiet_s
        if not found or self._chunk < found.ready:
            return "", ()
        if quiet_s < (HANGOVER_S if found.plan.complete else MAX_HANGOVER_S):
            return "", ()
        self._plan = None
        if found.plan.complete or found.plan.calls:
            self._endpointer.reset()
        else:
            self._acted = True  # and it is heard again, with what the user may add
        self._prepare(reply(found.plan))
        calls = tuple(LoggedCall(*call, self._chunk, self._chunk) for call in found.plan.calls)
        return f" {found.transcript}", calls

    def _prepare(self, text: str) -> None:
        if text:
            spoken = self._parts.synthesize(text)
            self._answer = _Answer(spoken.sound, text, self._after(spoken.spent_s))

    def _start_reply(self) -> str:
        if self._answer is None or self._chunk < self._answer.ready:
            return ""
        answer, self._answer = self._answer, None
        self._output.say(answer.sound)
        return f" {answer.text}"

    def _after(self, spent_s: float) -> int:
        """The chunk in which the result of a computation is there that begins now and takes so long."""
        done = max(self._chunk, self._free) + max(0, math.ceil(spent_s / CHUNK_S) - 1)
        self._free = done
        return done


def reply(plan: PlannedCalls) -> str:
    """What is said: an acknowledgement, an answer to small talk, or that nothing was understood."""
    if plan.calls:
        return ANSWERED if plan.calls[-1][0].startswith(ASKING) else DONE
    return plan.reply if plan.complete else NOT_UNDERSTOOD


def cascade(*, draws: int = DRAWS) -> SystemFactory:
    """Makes systems that share what is learned here, in some ten seconds.

    Raises MissingDependency, MissingSynthesizer.
    """
    moonshine, synthesizer = Moonshine(model_folder()), Synthesizer()
    parts = {}
    for name, toolset in TOOLSETS.items():
        texts = training_texts(name, draws=draws)
        planner = Planner(toolset, texts)
        parts[name] = CascadeParts(Recogniser(moonshine, texts.sentences), planner.plan, synthesizer)
    return lambda: CascadeSystem(parts)
