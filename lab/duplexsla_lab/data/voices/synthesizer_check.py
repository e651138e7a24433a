"""Says a sentence with every synthesizer, checks the times, and tells what a second of speech costs.

    python -m duplexsla_lab.data.voices.synthesizer_check

Public packages are fetched. It fails with what is wrong, or with the command that mends what is missing.
"""

import argparse
import json
import sys
import time

import numpy as np

from duplexsla.clock import SAMPLE_RATE
from duplexsla.errors import MissingDependency
from duplexsla_lab.data.voices.speech import PHONES, Speech
from duplexsla_lab.data.voices.user_speech import Synthesizers
from duplexsla_lab.data.voices.voices import UserVoice

TEXT = "could you set the lamp in the kitchen to twenty one percent"
VOICES = (
    UserVoice("espeak", "en-us+f2"),
    UserVoice("flite", "slt"),
    UserVoice("pico", "en-US", pitch=100),
    UserVoice("kokoro", "am_michael"),
    UserVoice("kokoro", "bf_alice"),
    UserVoice("kokoro", "mix-000"),
)
SHORTEST_WORD_S, LONGEST_WORD_S = 0.02, 1.2


def faults(speech: Speech, text: str) -> list[str]:
    """What is wrong with a speech of the text; nothing when all is well."""
    found = []
    words, starts = [word for _, word in speech.words], [start for start, _ in speech.words]
    phone_starts = [start for start, _ in speech.phones]
    if words != text.split():
        return [f"its words are {' '.join(words)!r}"]
    lengths = np.diff([*starts, speech.end_s])
    if lengths.min() < SHORTEST_WORD_S or lengths.max() > LONGEST_WORD_S:
        found.append(f"its words last {np.round(lengths, 2).tolist()} s")
    if phone_starts != sorted(phone_starts) or not {phone for _, phone in speech.phones} <= set(PHONES):
        found.append("its phones are out of order or of another alphabet")
    if not 0 < speech.end_s <= len(speech.samples) / SAMPLE_RATE + 0.05:
        found.append(f"it ends at {speech.end_s:.2f} s")
    if not np.isfinite(speech.samples).all() or not 0.01 < np.abs(speech.samples).max() <= 1:
        found.append("its samples are silent or beyond full scale")
    return found


def main() -> None:
    argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0]).parse_args()
    synthesizers, wrong = Synthesizers(), 0
    for voice in VOICES:
        try:
            synthesizers.say("hello", voice)  # what is loaded once is not the price of a second
            start_s = time.process_time()
            speech = synthesizers.say(TEXT, voice)
        except MissingDependency as error:
            sys.exit(str(error))
        cost = (time.process_time() - start_s) / (len(speech.samples) / SAMPLE_RATE)
        found = faults(speech, TEXT)
        wrong += bool(found)
        print(json.dumps({"voice": voice.group, "cpu_s_per_s": round(cost, 3), "wrong": found}), flush=True)
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
