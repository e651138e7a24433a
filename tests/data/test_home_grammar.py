"""Requests of the home: every call fits its schema, and the splits do not touch."""

import random

from duplexsla.data.corpus import SPLITS, draw_exchange
from duplexsla.data.home_grammar import exchange
from duplexsla.data.splits import held_combination, held_phrasing
from duplexsla.data.voices import HELD_VARIANTS, TRAIN_VARIANTS, draw_voice
from duplexsla.protocol import outcome_text
from duplexsla.protocol.actions import call_text
from duplexsla.tools import TOOLSETS

HOME = TOOLSETS["home"]


def test_every_call_fits_its_schema_and_all_functions_occur() -> None:
    rng, seen = random.Random(0), set()
    for _ in range(3_000):
        drawn = exchange(rng)
        if drawn.function is not None:
            assert HOME.validate(drawn.function, drawn.arguments) == drawn.arguments
            seen.add(drawn.function)
    assert seen == {function.name for function in HOME.functions}


def test_outcomes_are_words_that_the_service_says() -> None:
    rng, words = random.Random(0), set(outcome_text.WORDS.values())
    for _ in range(1_000):
        outcome = exchange(rng).outcome
        assert not outcome or outcome.strip(" []").split()[0] in words


def test_splits_do_not_share_combinations_or_phrasings() -> None:
    rng = random.Random(0)
    drawn = {split: [draw_exchange(rng, split) for _ in range(300)] for split in SPLITS}
    trained = {call_text(e.function, e.arguments) for e in drawn["train"] if e.function}
    assert not trained & {call_text(e.function, e.arguments) for e in drawn["combinations"] if e.function}
    assert not {e.phrasing for e in drawn["train"]} & {e.phrasing for e in drawn["phrasings"]}
    assert all(
        not held_combination(e.function, e.arguments) and not held_phrasing(e.phrasing)
        for e in drawn["train"]
    )


def test_held_out_voices_are_never_trained_on() -> None:
    rng = random.Random(0)
    trained = {draw_voice(rng, held=False).group for _ in range(2_000)}
    held = {draw_voice(rng, held=True).group for _ in range(500)}
    assert not trained & held
    assert len(HELD_VARIANTS) >= 10 and len(TRAIN_VARIANTS) >= 60
