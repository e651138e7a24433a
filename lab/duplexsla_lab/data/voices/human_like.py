"""The human-like voices of users: Kokoro's, mixtures of them, and Pico's; held out by voice."""

import random

from duplexsla_lab.data.voices.kokoro_voices import HELD_OUT_KOKORO, MIXTURES, TRAIN_KOKORO
from duplexsla_lab.data.voices.voices import UserVoice

HUMAN_LIKE = ("kokoro", "pico")  # synthesizers
TRAIN_PICO, HELD_OUT_PICO = ("en-US",), ("en-GB",)
PICO_SHARE = 0.12  # of the scenarios: one more woman, not as human
MIXTURE_SHARE = 0.5  # of Kokoro's, of the training side
STRETCH = {"kokoro": (0.8, 1.25), "pico": (0.75, 1.3)}  # times as slow
PICO_PITCH = (70, 140)  # % of her own


def draw_human_like(rng: random.Random, *, held_out: bool) -> UserVoice:
    """A random voice of the training side, or of the held-out one."""
    if rng.random() < PICO_SHARE:
        name = rng.choice(HELD_OUT_PICO if held_out else TRAIN_PICO)
        return UserVoice("pico", name, pitch=rng.randint(*PICO_PITCH), stretch=rng.uniform(*STRETCH["pico"]))
    if not held_out and rng.random() < MIXTURE_SHARE:
        name = f"mix-{rng.randrange(MIXTURES):03d}"
    else:
        name = rng.choice(HELD_OUT_KOKORO if held_out else TRAIN_KOKORO)
    return UserVoice("kokoro", name, stretch=rng.uniform(*STRETCH["kokoro"]))
