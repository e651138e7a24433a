"""Short forms: they lean on a word behind them, and come apart again."""

import pytest

from duplexsla_lab.data.language.contractions import contracted, expanded


@pytest.mark.parametrize(
    ("long", "short"),
    [
        ("it is too dark in here", "it's too dark in here"),
        ("do not unlock it i can not see", "don't unlock it i can't see"),
        ("i would like it off please", "i'd like it off please"),
        ("yes it is", "yes it is"),
        ("that is it please", "that's it please"),
        ("i know where it is now", "i know where it is now"),
    ],
)
def test_short_forms_and_back(long: str, short: str) -> None:
    assert contracted(long) == short
    assert expanded(short) == long
