"""The users' voices: several hundred by synthesizer, accent, variant, rate, pitch and resampling.

A voice is held out by the hash of its variant's name, so a new voice never moves an old one to another split.
"""

import random
from dataclasses import dataclass

from duplexsla_lab.data.splits import bucket

ACCENTS = [
    "en-us",
    "en-us",
    "en-us",
    "en",
    "en-gb-x-rp",
    "en-gb-scotland",
    "en-gb-x-gbclan",
    "en-029",
    "en-us-nyc",
]
VARIANTS = [
    "adam",
    "Alex",
    "Alicia",
    "Andrea",
    "Andy",
    "Annie",
    "antonio",
    "aunty",
    "belinda",
    "benjamin",
    "boris",
    "caleb",
    "david",
    "Denis",
    "Diogo",
    "ed",
    "edward",
    "edward2",
    "Gene",
    "Gene2",
    "gustave",
    "Henrique",
    "Hugo",
    "iven",
    "iven2",
    "iven3",
    "iven4",
    "Jacky",
    "john",
    "Lee",
    "linda",
    "marcelo",
    "Marco",
    "Mario",
    "max",
    "Michael",
    "michel",
    "miguel",
    "Mike",
    "Nguyen",
    "pablo",
    "paul",
    "pedro",
    "quincy",
    "RicishayMax",
    "RicishayMax2",
    "rob",
    "robert",
    "steph",
    "steph2",
    "steph3",
    "zac",
    "anika",
    "f1",
    "f2",
    "f3",
    "f4",
    "f5",
    "grandpa",
    "grandma",
    "klatt",
    "klatt2",
    "klatt3",
    "klatt4",
    "klatt5",
    "klatt6",
    "m1",
    "m2",
    "m3",
    "m4",
    "m5",
    "m6",
    "m7",
    "m8",
    "norbert",
    "sandro",
    "shelby",
    "travis",
    "victor",
]
HELD_OUT_VARIANTS = tuple(name for name in VARIANTS if bucket("variant", name) < 18)
TRAIN_VARIANTS = tuple(name for name in VARIANTS if name not in HELD_OUT_VARIANTS)
TRAIN_FLITE = ("awb", "kal16", "slt")
HELD_OUT_FLITE = ("rms",)
FLITE_F0_HZ = {"awb": (80, 150), "kal16": (80, 150), "rms": (80, 150), "slt": (150, 220)}


@dataclass(frozen=True, slots=True)
class UserVoice:
    """How one utterance is spoken. `warp` resamples: above 1 is a shorter vocal tract, faster and higher."""

    synthesizer: str  # "espeak", "flite", "kokoro" or "pico"
    name: str
    rate_wpm: int = 170
    pitch: int = 50  # of espeak 0..99, of pico in percent of its own
    pitch_range: int = 50
    stretch: float = 1.0
    f0_hz: float = 0.0
    warp: float = 1.0

    @property
    def group(self) -> str:
        return f"{self.synthesizer} {self.name.split('+')[-1]}"


@dataclass(frozen=True, slots=True)
class Ranges:
    """How far voices are varied: words per minute, espeak's pitch 0..99, and resampling."""

    rate_wpm: tuple[int, int]
    pitch: tuple[int, int]
    pitch_range: tuple[int, int]
    stretch: tuple[float, float]
    warp: tuple[float, float]


TYPICAL = Ranges((135, 205), (25, 80), (20, 80), (0.8, 1.2), (0.9, 1.12))
WIDE = Ranges((120, 225), (10, 95), (5, 95), (0.75, 1.3), (0.85, 1.18))  # wider than what is judged on


def draw_voice(rng: random.Random, *, held_out: bool, flite_share: float = 0.25) -> UserVoice:
    """A random voice of the training side, widely varied, or of the held-out side."""
    ranges = TYPICAL if held_out else WIDE
    warp = rng.uniform(*ranges.warp)
    if rng.random() < flite_share:
        name = rng.choice(HELD_OUT_FLITE if held_out else TRAIN_FLITE)
        f0_hz = rng.uniform(*FLITE_F0_HZ[name])
        return UserVoice("flite", name, stretch=rng.uniform(*ranges.stretch), f0_hz=f0_hz, warp=warp)
    name = f"{rng.choice(ACCENTS)}+{rng.choice(HELD_OUT_VARIANTS if held_out else TRAIN_VARIANTS)}"
    return UserVoice(
        "espeak",
        name,
        rate_wpm=rng.randint(*ranges.rate_wpm),
        pitch=rng.randint(*ranges.pitch),
        pitch_range=rng.randint(*ranges.pitch_range),
        warp=warp,
    )
