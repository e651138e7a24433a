import pytest

from duplexsla.executor.planning.phonetic_key import phonetic_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(("lamp", "lump"), ("light", "lite"), ("blind", "blend"), ("kitchen", "kitchin"), ("phone", "fone")),
        *(("knob", "nob"), ("write", "right"), ("fan", "van"), ("heater", "header"), ("curtain", "kurten")),
    ],
)
def test_what_sounds_alike_has_one_key(one: str, other: str) -> None:
    assert phonetic_key(one) == phonetic_key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("lamp", "light"), ("door", "floor"), ("kitchen", "bathroom"), ("", "a")]
)
def test_what_sounds_otherwise_has_another(one: str, other: str) -> None:
    assert phonetic_key(one) != phonetic_key(other)


def test_any_text_has_one() -> None:
    assert phonetic_key("") == "" and phonetic_key("\u00e9\u4e2d 42") != ""
