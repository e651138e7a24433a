import random

import numpy as np

from duplexsla.clock import CHUNK_BYTES
from duplexsla_loadtest.distribution import distribution
from duplexsla_loadtest.mix import CallerKind, Reaction, ScriptLine
from duplexsla_loadtest.recordings import Recording
from duplexsla_loadtest.speaker import SaidLine, Speaker, room_noise

SILENCE = bytes(CHUNK_BYTES)
WORDS = Recording("words", (b"\x01" * CHUNK_BYTES, b"\x02" * CHUNK_BYTES), voice_ends_s=0.2)
YES = Recording("yes", (b"\x03" * CHUNK_BYTES,), voice_ends_s=0.1)


def _speaker(reaction: Reaction | None = None, pause_s: float = 0.48) -> Speaker:
    kind = CallerKind("asks", 1.0, (ScriptLine(WORDS, "lock"),), distribution(pause_s, "pause"), reaction)
    return Speaker(kind, random.Random(1))


def _reaction(*, yields: bool, chance: float = 1.0) -> Reaction:
    return Reaction((ScriptLine(YES),), distribution(0.32, "after"), chance, yields)


def test_it_pauses_speaks_and_pauses_again() -> None:
    speaker = _speaker()
    said = [speaker.next() for _ in range(10)]
    utterance = SaidLine(0.2, "lock", awaits_reply=True)
    first, second = WORDS.chunks
    assert [chunk for chunk, _ in said] == [*[SILENCE] * 3, first, second, *[SILENCE] * 3, first, second]
    assert [begun for _, begun in said] == [*[None] * 3, utterance, None, *[None] * 3, utterance, None]


def test_it_reacts_some_time_after_the_assistant_begins() -> None:
    speaker = _speaker(_reaction(yields=True), pause_s=100)
    speaker.on_chunk(True)
    said = [speaker.next() for _ in range(4)]
    assert [chunk for chunk, _ in said] == [SILENCE, SILENCE, *YES.chunks, SILENCE]
    assert said[2][1] == SaidLine(0.1, "", awaits_reply=True)


def test_a_backchannel_awaits_no_reply() -> None:
    speaker = _speaker(_reaction(yields=False), pause_s=100)
    speaker.on_chunk(True)
    turns = [utterance for _, utterance in (speaker.next() for _ in range(4)) if utterance]
    assert turns == [SaidLine(0.1, "", awaits_reply=False)]


def test_it_does_not_cut_into_silence() -> None:
    speaker = _speaker(_reaction(yields=True), pause_s=100)
    speaker.on_chunk(True)
    speaker.next()
    speaker.on_chunk(False)
    assert [speaker.next() for _ in range(5)] == [(SILENCE, None)] * 5


def test_a_chance_of_nothing_never_reacts() -> None:
    speaker = _speaker(_reaction(yields=True, chance=0.0), pause_s=100)
    speaker.on_chunk(True)
    assert [speaker.next() for _ in range(5)] == [(SILENCE, None)] * 5


def test_the_room_noise_has_the_level_that_is_asked_for() -> None:
    noise = np.frombuffer(b"".join(room_noise(-40.0)), np.int16).astype(float)
    assert abs(20 * np.log10(noise.std() / 32_768) + 40.0) < 0.1
    assert room_noise(None) == [SILENCE]
