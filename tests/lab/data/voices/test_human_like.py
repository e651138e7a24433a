"""Users' human-like voices: the sides share none, and the assistant's voice is on neither."""

import random

from duplexsla_lab.data.voices.human_like import HELD_OUT_PICO, draw_human_like
from duplexsla_lab.data.voices.kokoro_voices import ASSISTANT_VOICE, HELD_OUT_KOKORO, TRAIN_KOKORO


def test_the_sides_share_no_voice() -> None:
    rng = random.Random(1)
    trained = {draw_human_like(rng, held_out=False).group for _ in range(8_000)}
    held = {draw_human_like(rng, held_out=True).group for _ in range(800)}
    assert held == {*(f"kokoro {name}" for name in HELD_OUT_KOKORO), *(f"pico {n}" for n in HELD_OUT_PICO)}
    assert not trained & held and f"kokoro {ASSISTANT_VOICE}" not in trained
    assert {f"kokoro {name}" for name in TRAIN_KOKORO} <= trained and len(trained) > 190
