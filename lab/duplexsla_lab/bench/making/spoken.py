"""A case from its two lines: spoken, laid on the clock with what an assistant does then, and cut in two.

What comes before the cut is the history, what comes after it is the case's own audio, to the end of the
user's line. Where the line talks over the assistant, the cut is half a second to one and a half before it.
"""

import random
from dataclasses import dataclass
from typing import Any

from duplexsla.clock import CHUNK_S, CHUNK_SAMPLES, SAMPLE_RATE, chunk_at
from duplexsla.protocol import tokens
from duplexsla.protocol.vocabulary import Vocabulary
from duplexsla_lab.bench.case import Case, CaseSentence, CaseTurn, Placed, Track, Wanted, Writing
from duplexsla_lab.bench.event_log import EventLog, LoggedCall
from duplexsla_lab.data.language.scenario import Scenario, ScenarioLine
from duplexsla_lab.data.pcm import pcm
from duplexsla_lab.data.splits import held_wording
from duplexsla_lab.data.spoken_scenario import sample_hash
from duplexsla_lab.data.timeline import speech_track
from duplexsla_lab.data.timeline.timeline import Laid, PlacedLine, SpokenLine, Timeline
from duplexsla_lab.data.voices.speaking import AssistantVoice, say_in_a_voice
from duplexsla_lab.data.voices.user_speech import Speakers
from duplexsla_lab.data.voices.voices import UserVoice

LEAD_S = (0.5, 1.5)  # of a case, before the user's line
TAIL_CHUNKS = 32  # of the truth, after it


class Uncut(ValueError):
    """The assistant is not speaking where the case would begin: draw again."""


@dataclass(frozen=True, slots=True)
class CaseDraft:
    """A case before anything is spoken: a line of the history, and its own."""

    id: str
    scenario: str
    toolset: str
    before: ScenarioLine
    own: ScenarioLine


class Studio:
    """Speaks drafts. One a process: the synthesizers' sound depends on what they have spoken before."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary, self._speakers = vocabulary, Speakers()
        self._assistant = AssistantVoice(self._speakers, None)

    def case(self, draft: CaseDraft, rng: random.Random) -> Case:
        """Raises Unspeakable, Overtaken, Uncut."""
        scenario = Scenario(draft.scenario, draft.toolset, (draft.before, draft.own))
        voice, lines = say_in_a_voice(self._speakers, scenario, rng, held_voice=True)
        self._assistant.learn(scenario)
        timeline = Timeline(lines, self._assistant.replies, self._vocabulary, rng=rng)
        laid = timeline.run(silence_code=0, silence_chunks=TAIL_CHUNKS)
        first = _cut(laid, rng)
        own = laid.lines[1]
        start_s = own.start_s - first * CHUNK_S
        return Case(
            id=draft.id,
            scenario=draft.scenario,
            toolset=draft.toolset,
            audio=_own_audio(lines[1], start_s),
            anchors=_anchors(draft.scenario, own, first),
            wanted=_wanted(own, first) if own.line.calls else (),
            history=(self._turn(laid, lines[0], first),),
            notes=_notes(draft, voice, lines),
            truth=_truth(laid, self._vocabulary, first),
        )

    def _turn(self, laid: Laid, line: SpokenLine, end: int) -> CaseTurn:
        """The chunks before `end`."""
        heard = [each for each in laid.speech if each.first < end]
        cut = heard[-1].end > end if heard else False
        said = " ".join(word for each in heard for _, stop, word in _heard(each) if stop <= end * CHUNK_S)
        all_words = " ".join(line.line.answer).split()
        at = int(laid.lines[0].start_s * SAMPLE_RATE)
        return CaseTurn(
            user=line.line.said,
            assistant=said,
            audio=Placed(pcm(line.samples), at, end * CHUNK_SAMPLES),
            rest=" ".join(all_words[len(said.split()) :]) if cut else "",
            track=Track(end, tuple(self._sentence(each, end) for each in heard), self._writing(laid, end)),
        )

    def _sentence(self, spoken: speech_track.ReplySentence, end: int) -> CaseSentence:
        words = tuple((round(a, 3), round(b, 3), word) for a, b, word in spoken.reply.words)
        sound = pcm(self._assistant.sound(spoken.text, len(spoken.reply.codes)))
        return CaseSentence(words, spoken.first, min(spoken.end, end), sound)

    def _writing(self, laid: Laid, end: int) -> tuple[Writing, ...]:
        written = []
        for chunk, ids in enumerate(laid.session.actions[:end]):
            forced = laid.session.forced[chunk]
            if ids:
                text, service = self._vocabulary.text(ids), self._vocabulary.text(ids[:forced])
                written.append(Writing(chunk, text, len(service)))
        return tuple(written)


def _cut(laid: Laid, rng: random.Random) -> int:
    """The chunk with which the case begins. Raises Uncut."""
    own = laid.lines[1]
    if own.line.over_words is None:
        return chunk_at(own.start_s - own.line.silence_s + 1e-6)
    first = chunk_at(own.start_s - rng.uniform(*LEAD_S))
    if not any(each.first < first < each.end for each in laid.speech):
        raise Uncut(f"nothing is said at chunk {first}")
    return first


def _heard(sentence: speech_track.ReplySentence) -> list[tuple[float, float, str]]:
    start_s = sentence.first * CHUNK_S
    return [(start_s + a, start_s + b, word) for a, b, word in sentence.reply.words]


def _own_audio(line: SpokenLine, start_s: float) -> Placed:
    at, sound = int(start_s * SAMPLE_RATE), pcm(line.samples)
    return Placed(sound, at, at + len(sound))


def _anchors(scenario: str, own: PlacedLine, first: int) -> dict[str, float]:
    start_s, end_s = own.start_s - first * CHUNK_S, own.words[-1][1] - first * CHUNK_S
    if scenario == "interrupt":
        (offset_s,) = [each.offset_s for each in own.acts if each.act.name == "interrupt"]
        return {"interrupt_s": round(offset_s - first * CHUNK_S, 4), "user_end_s": round(end_s, 4)}
    if scenario == "backchannel":
        return {"backchannel_start_s": round(start_s, 4), "backchannel_end_s": round(end_s, 4)}
    return {"user_end_s": round(end_s, 4)}


def _wanted(own: PlacedLine, first: int) -> tuple[Wanted, ...]:
    return tuple(
        Wanted(each.act.name, each.act.arguments, round(each.offset_s - first * CHUNK_S, 4))
        for each in own.acts
        if each.act.is_call
    )


def _notes(draft: CaseDraft, voice: UserVoice, lines: list[SpokenLine]) -> dict[str, Any]:
    """For the report and for the proof that nothing leaks. hashes: of every utterance's samples."""
    return {
        "said": draft.own.said,
        "voice": voice.group,
        "wording": "new words" if any(map(held_wording, draft.own.phrasings)) else "new frame",
        "phrasings": list(draft.own.phrasings),
        "history_phrasings": list(draft.before.phrasings),
        "history_calls": [[each.name, each.arguments] for each in draft.before.calls],
        "hashes": [sample_hash(pcm(line.samples)) for line in lines],
    }


def _truth(laid: Laid, vocabulary: Vocabulary, first: int) -> EventLog:
    """What the timeline has the assistant do from chunk `first` on."""
    acts = laid.lines[1].acts
    silence = vocabulary.id(tokens.VAD_SILENCE)
    return EventLog(
        speech=[bool(anchor != silence) for anchor in laid.session.anchors[first:]],
        labels=[(each.begun - first, each.act.name) for each in acts if not each.act.is_call],
        calls=[
            LoggedCall(each.act.name, each.act.arguments, each.begun - first, each.closed - first)
            for each in acts
            if each.act.is_call
        ],
    )
