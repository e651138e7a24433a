import pytest

from duplexsla_lab.bench.number_words import digits_for_words
from duplexsla_lab.data.language.spoken_numbers import spoken


def test_what_the_data_says_is_read_back() -> None:
    for number in range(101):
        assert digits_for_words(spoken(number).split()) == [str(number)]


@pytest.mark.parametrize(
    ("words", "digits"),
    [
        ("two hundred and five", "205"),
        ("one thousand two hundred thirty four", "1234"),
        ("one point five", "1.5"),
        ("one hundred one point five", "101.5"),
        ("one two three", "1 2 3"),
        ("twenty twelve", "20 12"),
        ("ten one", "10 1"),
        ("twenty zero", "20 0"),
        ("salt and pepper", "salt and pepper"),
        ("one and two", "1 and 2"),
        ("two hundred and", "200 and"),
        ("hundred", "hundred"),
        ("a point of view", "a point of view"),
        ("five point", "5 point"),
        ("five minutes and one second", "5 minutes and 1 second"),
        ("", ""),
    ],
)
def test_runs_of_number_words_become_digits(words: str, digits: str) -> None:
    assert " ".join(digits_for_words(words.split())) == digits
