"""Phrasings with choices, fragments and mentions."""

import random

import pytest

from duplexsla.errors import ActionRefused
from duplexsla.tools.home2 import HOME_2
from duplexsla_lab.data.language.intent_pattern import IntentPattern, Mention, joined, variants, varied


def lamp(rng: random.Random) -> Mention:
    return Mention("my lamps", {"device": "lamps", "room": "den"}, "lamps", "the lamps", plural=True)


def test_a_phrasing_makes_all_its_variants_and_no_other() -> None:
    rng, text = random.Random(0), "(turn/switch) {x} on (now/)"
    assert set(variants(text)) == {
        f"{verb} {{x}} on{end}" for verb in ("turn", "switch") for end in ("", " now")
    }
    assert {varied(rng, text) for _ in range(60)} == set(variants(text))


def test_a_fragment_is_a_choice_and_an_unknown_one_an_error() -> None:
    assert "i would like {x}" in variants(joined("(<want>) {x}"))
    with pytest.raises(KeyError):
        joined("(<nonsense>) {x}")


def test_a_mention_gives_its_arguments_and_its_forms() -> None:
    pattern = IntentPattern(
        "open_home_device", "{x_is} {x_bare} off put {x_it} on", "{x} {x_is} on", {"x": lamp}
    )
    drawn = pattern.draw(random.Random(0), HOME_2)
    assert drawn.said == "are lamps off put them on" and drawn.reply == "the lamps are on"
    assert drawn.arguments == {"device": "lamps", "room": "den"}


def test_a_pattern_whose_call_does_not_fit_is_refused() -> None:
    pattern = IntentPattern("open_home_device", "on", "okay", fixed={"colour": "red"})
    with pytest.raises(ActionRefused, match="no argument"):
        pattern.draw(random.Random(0), HOME_2)
