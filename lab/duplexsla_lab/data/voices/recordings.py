"""The shipped recordings: requests spoken by voices that training never saw, with silence in which to answer.

Example: python -m duplexsla_lab.data.voices.recordings --out examples
"""

import argparse
import random
from pathlib import Path

import numpy as np

from duplexsla.audio.wav import write_wav
from duplexsla.clock import SAMPLE_RATE
from duplexsla_lab.data.pcm import pcm
from duplexsla_lab.data.voices.user_speech import Synthesizers, speak_request
from duplexsla_lab.data.voices.voices import UserVoice

LEAD_S, TAIL_S = 0.5, 3.0
RECORDINGS = {
    "turn on the kitchen light": UserVoice("espeak", "en-us+m3", rate_wpm=160, pitch=50),
    "how warm is it in the bedroom": UserVoice("espeak", "en-gb-x-rp+Mario", rate_wpm=160, pitch=45),
    "lock the front door please": UserVoice("espeak", "en-us+adam", rate_wpm=165, pitch=40),
    "set a pasta timer for twelve minutes": UserVoice("espeak", "en-us+Annie", rate_wpm=160, pitch=60),
    "could you turn off the lamp in the office": UserVoice("flite", "rms", f0_hz=110),
    "thank you that is all": UserVoice("espeak", "en+f1", rate_wpm=160, pitch=60),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=Path("examples"))
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    synthesizers = Synthesizers()
    for text, voice in RECORDINGS.items():
        spoken = speak_request(synthesizers, text, voice, random.Random(0), hesitation=0.0)
        assert spoken is not None, text
        lead, tail = (np.zeros(int(s * SAMPLE_RATE), np.float32) for s in (LEAD_S, TAIL_S))
        path = args.out / f"{text.replace(' ', '_')}.wav"
        write_wav(path, pcm(np.concatenate([lead, spoken.samples, tail])).tobytes())
        print(path)


if __name__ == "__main__":
    main()
