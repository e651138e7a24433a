from typing import Any

import numpy as np
import pytest

from duplexsla_lab.data.voices.espeak import Espeak, common_phones, written_word_starts
from duplexsla_lab.data.voices.flite import VOICES, Flite
from duplexsla_lab.data.voices.reply_voice import LEVEL, ReplyVoice
from duplexsla_lab.data.voices.speech import PHONES, MissingSynthesizer, Speech

TEXT = "no no, set the lamp in the kitchen to twenty one degrees"


def built(kind: type[Any]) -> Any:
    try:
        return kind()
    except MissingSynthesizer as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def espeak() -> Espeak:
    synthesizer: Espeak = built(Espeak)
    return synthesizer


@pytest.fixture(scope="module")
def flite() -> Flite:
    synthesizer: Flite = built(Flite)
    return synthesizer


def check(speech: Speech, text: str) -> None:
    starts = [start for start, _ in speech.words]
    phone_starts = [start for start, _ in speech.phones]
    assert [word for _, word in speech.words] == text.split()
    assert starts == sorted(starts)
    assert phone_starts == sorted(phone_starts)
    assert {phone for _, phone in speech.phones} <= set(PHONES)
    assert starts[-1] < speech.end_s <= len(speech.samples) / 16_000 + 0.05
    assert speech.samples.dtype == np.float32
    assert 0.01 < float(np.abs(speech.samples).max()) <= 1.0


@pytest.mark.parametrize("voice", ["en-us", "en-gb-scotland+f3", "en-029+m2"])
def test_espeak_times_every_written_word(espeak: Espeak, voice: str) -> None:
    check(espeak.speak(TEXT, voice=voice), TEXT)


@pytest.mark.parametrize("voice", VOICES)
def test_flite_times_every_written_word(flite: Flite, voice: str) -> None:
    check(flite.speak(TEXT, voice=voice), TEXT)


def test_words_merged_by_espeak_have_starts_between_their_neighbours(espeak: Espeak) -> None:
    starts = {word: start for start, word in espeak.speak("lamp in the kitchen").words}
    assert starts["lamp"] < starts["in"] < starts["the"] < starts["kitchen"]


def test_both_synthesizers_name_the_same_phones_in_a_plain_word(espeak: Espeak, flite: Flite) -> None:
    spoken = [
        [phone for _, phone in s.phones if phone != "sil"]
        for s in (espeak.speak("nine"), flite.speak("nine"))
    ]
    assert spoken == [["n", "ay", "n"]] * 2


def test_flite_forgets_the_pitch_and_stretch_of_the_sentence_before(flite: Flite) -> None:
    plain = flite.speak("hello there")
    changed = flite.speak("hello there", stretch=1.3, f0_hz=120.0)
    again = flite.speak("hello there")
    assert len(changed.samples) > len(plain.samples) == len(again.samples)
    # the noise in flite's consonants is new each time; the voice is not
    assert np.corrcoef(plain.samples, again.samples)[0, 1] > 0.9


def test_an_unknown_voice_is_refused(espeak: Espeak, flite: Flite) -> None:
    for synthesizer in (espeak, flite):
        with pytest.raises(ValueError, match="no voice 'martian'"):
            synthesizer.speak("hello", voice="martian")


def test_the_reply_voice_speaks_at_its_level(flite: Flite) -> None:
    loud, soft = flite.speak("hello"), ReplyVoice().speak("hello")
    assert np.abs(soft.samples).max() == pytest.approx(np.abs(loud.samples).max() * LEVEL, rel=0.1)


def test_words_without_events_share_the_gap() -> None:
    words = written_word_starts("a b c d", [(0.0, 0), (1.0, 6)], 2.0)
    assert [word for _, word in words] == ["a", "b", "c", "d"]
    assert 0.0 < words[1][0] < words[2][0] < 1.0


def test_words_after_the_last_event_end_before_the_speech_does() -> None:
    assert all(start < 2.0 for start, _ in written_word_starts("a b c", [(0.5, 0)], 2.0))


def test_text_without_words_has_no_starts() -> None:
    assert written_word_starts("  ", [], 0.0) == []


def test_a_mnemonic_for_two_phones_shares_its_time() -> None:
    assert common_phones([(0.0, "A@"), (0.2, "t"), (0.3, "_:")]) == [
        (0.0, "aa"),
        (0.1, "r"),
        (0.2, "t"),
        (0.3, "sil"),
    ]


def test_two_espeaks_in_one_process_do_not_disturb_each_other() -> None:
    first, second = Espeak(), Espeak()
    alone = first.speak("turn on the light", voice="en-us+f3").samples
    second.speak("good morning", voice="en+m2")
    again = first.speak("turn on the light", voice="en-us+f3").samples
    assert len(alone) == len(again)
