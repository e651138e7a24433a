"""A case from its two lines: spoken, placed on the clock with what an assistant does then, and cut in two.

What comes before the cut is the history, what comes after it is the case's own audio, to the end of the
user's line. Where the line talks over the assistant, the cut is half a second to one and a half before it.
"""

import random
from dataclasses import dataclass
from typing import Any

from duplexsla.clock import CHUNK_S, CHUNK_SAMPLES, SAMPLE_RATE, chunk_at
from duplexsla.protocol import tokens
from duplexsla.protocol.tokens import Vocabulary
from duplexsla_lab.bench.case import (
    ActionText,
    AssistantTrack,
    Case,
    CaseSentence,
    CaseTurn,
    ExpectedCall,
    PlacedSound,
)
from duplexsla_lab.bench.event_log import EventLog, LoggedCall
from duplexsla_lab.data.pcm import pcm
from duplexsla_lab.data.scenarios.scenario import Scenario, ScenarioLine
from duplexsla_lab.data.speaking import AssistantVoice, speak_in_one_voice
from duplexsla_lab.data.splits import held_out_wording
from duplexsla_lab.data.spoken_scenario import sample_hash
from duplexsla_lab.data.timeline import speech_track
from duplexsla_lab.data.timeline.timeline import AnnotatedSession, PlacedLine, SpokenLine, Timeline
from duplexsla_lab.data.voices.user_speech import Synthesizers
from duplexsla_lab.data.voices.voices import UserVoice

LEAD_S = (0.5, 1.5)  # of a case, before the user's line
TAIL_CHUNKS = 32  # of the truth, after it


class NoSpeechAtCut(ValueError):
    """The assistant is not speaking where the case would begin: draw again."""


@dataclass(frozen=True, slots=True)
class CaseDraft:
    """A case before anything is spoken: a line of the history, and its own."""

    id: str
    scenario: str
    toolset: str
    before: ScenarioLine
    own: ScenarioLine


class CaseSynthesizer:
    """Speaks drafts. One a process: the synthesizers' sound depends on what they have spoken before."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary, self._synthesizers = vocabulary, Synthesizers()
        self._assistant = AssistantVoice(self._synthesizers, None)

    def case(self, draft: CaseDraft, rng: random.Random) -> Case:
        """Raises SynthesisFailed, TimingConflict, NoSpeechAtCut."""
        scenario = Scenario(draft.scenario, draft.toolset, (draft.before, draft.own))
        voice, lines = speak_in_one_voice(self._synthesizers, scenario, rng, held_out_voice=True)
        self._assistant.speak_answers(scenario)
        timeline = Timeline(lines, self._assistant.replies, self._vocabulary, rng=rng)
        annotated = timeline.run(silence_code=0, silence_chunks=TAIL_CHUNKS)
        first = _cut(annotated, rng)
        own = annotated.lines[1]
        start_s = own.start_s - first * CHUNK_S
        return Case(
            id=draft.id,
            scenario=draft.scenario,
            toolset=draft.toolset,
            audio=_own_audio(lines[1], start_s),
            anchors=_anchors(draft.scenario, own, first),
            wanted=_wanted(own, first) if own.line.calls else (),
            history=(self._turn(annotated, lines[0], first),),
            notes=_notes(draft, voice, lines),
            truth=_truth(annotated, self._vocabulary, first),
        )

    def _turn(self, annotated: AnnotatedSession, line: SpokenLine, end: int) -> CaseTurn:
        """The chunks before `end`."""
        heard = [each for each in annotated.speech if each.first < end]
        cut = heard[-1].end > end if heard else False
        said = " ".join(
            word for each in heard for _, stop, word in _words_on_clock(each) if stop <= end * CHUNK_S
        )
        all_words = " ".join(line.line.answer).split()
        at = int(annotated.lines[0].start_s * SAMPLE_RATE)
        return CaseTurn(
            user=line.line.said,
            assistant=said,
            audio=PlacedSound(pcm(line.samples), at, end * CHUNK_SAMPLES),
            rest=" ".join(all_words[len(said.split()) :]) if cut else "",
            track=AssistantTrack(
                end, tuple(self._sentence(each, end) for each in heard), self._action_texts(annotated, end)
            ),
        )

    def _sentence(self, spoken: speech_track.ReplySentence, end: int) -> CaseSentence:
        words = tuple((round(a, 3), round(b, 3), word) for a, b, word in spoken.reply.words)
        sound = pcm(self._assistant.sound(spoken.text, len(spoken.reply.codes)))
        return CaseSentence(words, spoken.first, min(spoken.end, end), sound)

    def _action_texts(self, annotated: AnnotatedSession, end: int) -> tuple[ActionText, ...]:
        written = []
        for chunk, ids in enumerate(annotated.session.actions[:end]):
            forced = annotated.session.forced[chunk]
            if ids:
                text, service = self._vocabulary.text(ids), self._vocabulary.text(ids[:forced])
                written.append(ActionText(chunk, text, len(service)))
        return tuple(written)


def _cut(annotated: AnnotatedSession, rng: random.Random) -> int:
    """The chunk with which the case begins. Raises NoSpeechAtCut."""
    own = annotated.lines[1]
    if own.line.over_words is None:
        return chunk_at(own.start_s - own.line.silence_s + 1e-6)
    first = chunk_at(own.start_s - rng.uniform(*LEAD_S))
    if not any(each.first < first < each.end for each in annotated.speech):
        raise NoSpeechAtCut(f"nothing is said at chunk {first}")
    return first


def _words_on_clock(sentence: speech_track.ReplySentence) -> list[tuple[float, float, str]]:
    start_s = sentence.first * CHUNK_S
    return [(start_s + a, start_s + b, word) for a, b, word in sentence.reply.words]


def _own_audio(line: SpokenLine, start_s: float) -> PlacedSound:
    at, sound = int(start_s * SAMPLE_RATE), pcm(line.samples)
    return PlacedSound(sound, at, at + len(sound))


def _anchors(scenario: str, own: PlacedLine, first: int) -> dict[str, float]:
    start_s, end_s = own.start_s - first * CHUNK_S, own.words[-1][1] - first * CHUNK_S
    if scenario == "interrupt":
        (offset_s,) = [each.offset_s for each in own.actions if each.action.name == "interrupt"]
        return {"interrupt_s": round(offset_s - first * CHUNK_S, 4), "user_end_s": round(end_s, 4)}
    if scenario == "backchannel":
        return {"backchannel_start_s": round(start_s, 4), "backchannel_end_s": round(end_s, 4)}
    return {"user_end_s": round(end_s, 4)}


def _wanted(own: PlacedLine, first: int) -> tuple[ExpectedCall, ...]:
    return tuple(
        ExpectedCall(each.action.name, each.action.arguments, round(each.offset_s - first * CHUNK_S, 4))
        for each in own.actions
        if each.action.is_call
    )


def _notes(draft: CaseDraft, voice: UserVoice, lines: list[SpokenLine]) -> dict[str, Any]:
    """For the report and for the proof that nothing leaks. hashes: of every utterance's samples."""
    return {
        "said": draft.own.said,
        "voice": voice.group,
        "wording": "new words" if any(map(held_out_wording, draft.own.phrasings)) else "new frame",
        "phrasings": list(draft.own.phrasings),
        "history_phrasings": list(draft.before.phrasings),
        "history_calls": [[each.name, each.arguments] for each in draft.before.calls],
        "hashes": [sample_hash(pcm(line.samples)) for line in lines],
    }


def _truth(annotated: AnnotatedSession, vocabulary: Vocabulary, first: int) -> EventLog:
    """What the timeline has the assistant do from chunk `first` on."""
    actions = annotated.lines[1].actions
    silence = vocabulary.id(tokens.VAD_SILENCE)
    return EventLog(
        speech=[bool(anchor != silence) for anchor in annotated.session.anchors[first:]],
        labels=[(each.begun - first, each.action.name) for each in actions if not each.action.is_call],
        calls=[
            LoggedCall(each.action.name, each.action.arguments, each.begun - first, each.closed - first)
            for each in actions
            if each.action.is_call
        ],
    )
