"""Gives a scenario its sound: a user's voice says the lines, the assistant's voice the answers, as codes."""

import random
from dataclasses import replace
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from duplexsla.clock import CHUNK_SAMPLES, SAMPLE_RATE, TOKENS_PER_CHUNK
from duplexsla.model.codec import Codec
from duplexsla_lab.data.scenarios.scenario import Scenario, ScenarioLine, Speaker
from duplexsla_lab.data.timeline.reply_grid import LEAD_SAMPLES, codes_of, on_grid
from duplexsla_lab.data.timeline.timeline import SpokenLine
from duplexsla_lab.data.timeline.training_session import Reply
from duplexsla_lab.data.voices.reply_voice import ASSISTANT
from duplexsla_lab.data.voices.user_speech import Synthesizers, Utterance, trimmed, with_pause
from duplexsla_lab.data.voices.voices import UserVoice, draw_voice

TRIES = 5  # voices, before a scenario is given up


class VoiceDraw(Protocol):
    """A random voice of the training side, or of the held-out one."""

    def __call__(self, rng: random.Random, *, held_out: bool) -> UserVoice: ...


class SynthesisFailed(ValueError):
    """A synthesizer lost the times of a text's words: draw another scenario, or another voice."""


def speak_words(synthesizers: Synthesizers, words: tuple[str, ...], voice: UserVoice) -> Utterance:
    """The words with the time of each. Raises SynthesisFailed."""
    utterance = trimmed(synthesizers.say(" ".join(words), voice), voice.warp)
    if utterance is None or len(utterance.words) != len(words):
        raise SynthesisFailed(f"{voice.group} lost the words of {' '.join(words)!r}")
    return replace(utterance, voice=voice)


def speak_line(synthesizers: Synthesizers, line: ScenarioLine, voice: UserVoice) -> SpokenLine:
    """A line with its pauses; what only happens has no sound. Raises SynthesisFailed."""
    if not line.words:
        return SpokenLine(line, np.zeros(0, np.float32), [], [])
    utterance = speak_words(synthesizers, line.words, voice)
    for before, pause_s in line.pauses:
        utterance = with_pause(utterance, before, pause_s)
    return SpokenLine(line, utterance.samples, utterance.words, utterance.phones)


def speak_lines(
    synthesizers: Synthesizers, scenario: Scenario, rng: random.Random, *, held_out_voice: bool
) -> list[SpokenLine]:
    """All lines of a scenario in one voice, drawn from the training side or the held-out one."""
    return speak_in_one_voice(synthesizers, scenario, rng, held_out_voice=held_out_voice)[1]


def speak_in_one_voice(
    synthesizers: Synthesizers,
    scenario: Scenario,
    rng: random.Random,
    *,
    held_out_voice: bool,
    draw: VoiceDraw = draw_voice,
) -> tuple[UserVoice, list[SpokenLine]]:
    """The user's voice that was drawn, and all lines: the user's in it, those of others in one of their own.

    Raises SynthesisFailed after some tries.
    """
    for left in reversed(range(TRIES)):
        voice = draw(rng, held_out=held_out_voice)
        try:
            voices: dict[Speaker, UserVoice] = {"user": voice, "echo": ASSISTANT}
            for line in scenario.lines:
                if line.speaker not in voices:
                    voices[line.speaker] = draw(rng, held_out=held_out_voice)
            return voice, [speak_line(synthesizers, line, voices[line.speaker]) for line in scenario.lines]
        except SynthesisFailed:
            if not left:
                raise
    raise AssertionError("unreachable")


class AssistantVoice:
    """Sentences of the assistant, on the chunk grid; with a codec also as its codes. Kept once spoken."""

    def __init__(self, synthesizers: Synthesizers, codec: Codec | None) -> None:
        self._synthesizers, self._codec = synthesizers, codec
        self._sounds: dict[str, NDArray[np.float32]] = {}
        self.replies: dict[str, Reply] = {}

    @property
    def silence_code(self) -> int:
        return self._codec.silence_code if self._codec else 0

    def speak_answers(self, scenario: Scenario) -> None:
        """Speaks all sentences of a scenario into `replies`. Raises SynthesisFailed."""
        for line in scenario.lines:
            for text in line.answer:
                self.reply(text)

    def reply(self, text: str) -> Reply:
        """A sentence, spoken if it was not yet. Raises SynthesisFailed."""
        if text not in self.replies:
            self._speak(text)
        return self.replies[text]

    def sound(self, text: str, chunks: int) -> NDArray[np.float32]:
        """The first chunks of a sentence as the synthesizer says it, float32 [2560 chunks]."""
        return self._sounds[text][: chunks * CHUNK_SAMPLES]

    def decoded(self, codes: NDArray[np.int64]) -> NDArray[np.float32]:
        """What the codec makes of a session's codes [n, 4], float32 [2560 n]. ValueError without a codec."""
        if self._codec is None:
            raise ValueError("there is no codec to decode with")
        return np.asarray(self._codec.decode(torch.from_numpy(codes.reshape(1, -1)))[0].numpy(), np.float32)

    def _speak(self, text: str) -> None:
        spoken = speak_words(self._synthesizers, tuple(text.split()), ASSISTANT)
        sound = on_grid(spoken.samples)
        lead_s = LEAD_SAMPLES / SAMPLE_RATE
        words = [(start + lead_s, end + lead_s, word) for start, end, word in spoken.words]
        self._sounds[text], self.replies[text] = sound, Reply(words, self._codes(sound))

    def _codes(self, sound: NDArray[np.float32]) -> NDArray[np.int64]:
        """Codes [n, 4]; zeros without a codec."""
        if self._codec is None:
            return np.zeros((len(sound) // CHUNK_SAMPLES, TOKENS_PER_CHUNK), np.int64)
        return codes_of(self._codec, sound)
