"""Requests of the home: every call fits its schema, and the splits do not touch."""

import random
import re
from collections import defaultdict

from duplexsla.protocol import channel_lines
from duplexsla.protocol.actions import call_text
from duplexsla.tools import TOOLSETS
from duplexsla_lab.data.home.grammar import exchange
from duplexsla_lab.data.language.carrier_phrases import BETWEEN
from duplexsla_lab.data.splits import held_out_combination, held_out_phrasing
from duplexsla_lab.data.voices.voices import HELD_OUT_VARIANTS, TRAIN_VARIANTS, draw_voice

HOME = TOOLSETS["home"]


def test_every_call_fits_its_schema_and_all_functions_occur() -> None:
    rng, seen = random.Random(0), set()
    for _ in range(3_000):
        drawn = exchange(rng)
        if drawn.function is not None:
            assert HOME.validate(drawn.function, drawn.arguments) == drawn.arguments
            seen.add(drawn.function)
    assert seen == {function.name for function in HOME.functions}


def test_every_intent_template_means_one_call_and_every_function_has_many() -> None:
    rng, templates = random.Random(1), defaultdict(set)
    meant: dict[str, str] = {}
    function_of: dict[str, str | None] = {}
    for _ in range(8_000):
        drawn = exchange(rng, small_talk=0.0)
        call, template = call_text(str(drawn.function), drawn.arguments), drawn.phrasing.split(BETWEEN)[-1]
        assert meant.setdefault(drawn.bare_text, call) == call
        assert function_of.setdefault(template, drawn.function) == drawn.function
        templates[drawn.function].add(template)
    assert min(map(len, templates.values())) >= 20
    assert all(len(templates[f"{verb}_home_device"]) >= 40 for verb in ("open", "close", "set", "query"))
    assert all(len(templates[f"{verb}_home_device"]) >= 40 for verb in ("increase", "decrease"))


def test_everything_is_said_in_plain_lower_case_words() -> None:
    rng, plain = random.Random(2), re.compile("[a-z]+( [a-z]+)*")
    for _ in range(3_000):
        drawn = exchange(rng, small_talk=0.2)
        assert plain.fullmatch(drawn.said) and plain.fullmatch(drawn.reply)
        assert not {"please", "could you", "can you"} & {drawn.bare_text, *drawn.bare_text.split()}


def test_outcomes_are_words_that_the_service_says() -> None:
    rng, words = random.Random(0), set(channel_lines.WORDS.values())
    for _ in range(1_000):
        outcome = exchange(rng).outcome
        assert not outcome or outcome.strip(" []").split()[0] in words


def test_one_request_in_seven_is_held_out_by_its_words_and_some_by_what_they_mean() -> None:
    rng = random.Random(3)
    drawn = [exchange(rng, small_talk=0.0) for _ in range(5_000)]
    held = sum(held_out_phrasing(each.phrasing) for each in drawn) / len(drawn)
    new = sum(held_out_combination(each.function, each.arguments) for each in drawn) / len(drawn)
    assert 0.10 < held < 0.18 and 0.05 < new < 0.12


def test_held_out_voices_are_never_trained_on() -> None:
    rng = random.Random(0)
    trained = {draw_voice(rng, held_out=False).group for _ in range(2_000)}
    held = {draw_voice(rng, held_out=True).group for _ in range(500)}
    assert not trained & held
    assert len(HELD_OUT_VARIANTS) >= 10 and len(TRAIN_VARIANTS) >= 60
