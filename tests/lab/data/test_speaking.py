"""Scenarios with their sound: words where they are heard, pauses where they are written."""

import random
from pathlib import Path

import pytest

from duplexsla.clock import CHUNK_S, CHUNK_SAMPLES, SAMPLE_RATE
from duplexsla_lab.data import show
from duplexsla_lab.data.scenarios.backchannels import BACKCHANNELS
from duplexsla_lab.data.scenarios.scenario import Scenario, ScenarioAction, ScenarioLine
from duplexsla_lab.data.speaking import AssistantVoice, SynthesisFailed, speak_line, speak_lines, speak_words
from duplexsla_lab.data.voices.speech import MissingSynthesizer
from duplexsla_lab.data.voices.user_speech import Synthesizers
from duplexsla_lab.data.voices.voices import UserVoice, draw_voice

WORDS = ("turn", "on", "the", "lamp")
LINE = ScenarioLine(WORDS, (ScenarioAction("response", 3),), ("the lamp is on",))
VOICE = UserVoice("espeak", "en-us+f2")


@pytest.fixture(scope="module")
def synthesizers() -> Synthesizers:
    try:
        return Synthesizers()
    except MissingSynthesizer as error:
        pytest.skip(str(error))


def test_a_pause_is_silence_in_front_of_its_word(synthesizers: Synthesizers) -> None:
    fluent, slow = (
        speak_line(synthesizers, LINE, VOICE),
        speak_line(synthesizers, LINE.with_pause(3, 1.0), VOICE),
    )
    longer_s = (len(slow.samples) - len(fluent.samples)) / SAMPLE_RATE
    assert longer_s == pytest.approx(1, abs=0.01)  # espeak carries a little state from call to call
    assert [b[0] - a[0] for a, b in zip(fluent.words, slow.words, strict=True)] == pytest.approx(
        [0, 0, 0, 1], abs=0.01
    )
    gap = slow.samples[int(slow.words[2][1] * SAMPLE_RATE) + 1 : int(slow.words[3][0] * SAMPLE_RATE) - 1]
    assert len(gap) > 0.9 * SAMPLE_RATE and not gap[: int(0.9 * SAMPLE_RATE)].any()


@pytest.mark.slow
def test_all_feedback_can_be_said(synthesizers: Synthesizers) -> None:
    rng = random.Random(0)
    for text in BACKCHANNELS:
        spoken = speak_words(synthesizers, tuple(text.split()), draw_voice(rng, held_out=False))
        assert 0.05 < spoken.end_s < 2.5


def test_a_scenario_is_said_in_one_voice(synthesizers: Synthesizers) -> None:
    case = Scenario("dialogue", "home", (LINE, LINE))
    first, second = speak_lines(synthesizers, case, random.Random(1), held_out_voice=True)
    ends = [[end for _, end, _ in line.words] for line in (first, second)]
    assert ends[0] == pytest.approx(ends[1], abs=0.01)  # espeak carries a little state from call to call


def test_a_text_without_words_cannot_be_said(synthesizers: Synthesizers) -> None:
    with pytest.raises(SynthesisFailed):
        speak_words(synthesizers, ("...",), VOICE)


def test_a_sentence_of_the_assistant_lies_on_the_grid(synthesizers: Synthesizers) -> None:
    voice = AssistantVoice(synthesizers, None)
    voice.speak_answers(Scenario("single", "home", (LINE,)))
    reply = voice.replies["the lamp is on"]
    assert [word for *_, word in reply.words] == ["the", "lamp", "is", "on"]
    assert reply.words[-1][1] <= len(reply.codes) * CHUNK_S
    assert len(voice.sound("the lamp is on", 2)) == 2 * CHUNK_SAMPLES
    with pytest.raises(ValueError, match="no codec"):
        voice.decoded(reply.codes)


def test_a_conversation_is_shown_and_recorded(
    synthesizers: Synthesizers, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wav = tmp_path / "session.wav"
    args = show.parser().parse_args(["--family", "multi", "--codec", "none", "--wav", str(wav)])
    show.show(args)
    out = capsys.readouterr().out
    assert out.count("<|toolcall_begin|>") == out.count("<|toolcall_end|>") >= 2
    assert wav.stat().st_size > 4 * CHUNK_SAMPLES * (len(out.splitlines()) - 2)
