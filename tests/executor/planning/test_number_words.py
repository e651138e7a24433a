import pytest

from duplexsla.executor.planning.number_words import with_numbers


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("twenty five minutes", [25, "minutes"]), ("seven thirty", [7, 30]), ("twenty twenty five", [20, 25]),
        ("one hundred and five", [105]), ("two hundred", [200]), ("two point five", [2.5]), ("2.5", [2.5]),
        ("seven oh five", [7, "oh", 5]), ("hundred", ["hundred"]), ("ten hundred", [10, "hundred"]),
        ("point five", ["point", 5]), ("1234567", ["1234567"]), ("9:30", ["9:30"]), ("", []),
        ("five point", [5, "point"]),
    ],
)  # fmt: skip
def test_runs_of_words_are_numbers(said: str, expected: list[object]) -> None:
    assert with_numbers(said.split()) == expected
