"""What says that something was done, and what asks for it; everything else is neither."""

import pytest

from duplexsla.gates.claims import asks_for_effect, claims_effect


@pytest.mark.parametrize(
    ("said", "claims"),
    [
        ("the kitchen light is on", True),
        ("okay the front door is now locked", True),
        ("i turned the heater off", True),
        ("i've added milk", True),
        ("turning on the light", True),
        ("okay done", True),
        ("", False),
        ("it is twenty one degrees", False),
        ("shall i lock the front door", False),
        ("the front door is not locked", False),
        ("which light is on", False),
        ("sorry that did not work", False),
        ("i know no reading lamp", False),
        ("it is one o'clock", False),
    ],
)
def test_a_claim(said: str, claims: bool) -> None:
    assert claims_effect(said) is claims


@pytest.mark.parametrize(
    ("heard", "asks"),
    [
        ("turn on the kitchen light", True),
        ("could you lock the front door", True),
        ("would you mind closing the window", True),
        ("how warm is it", False),
        ("did you lock the front door", False),
        ("don't lock the front door", False),
        ("lock", False),
        ("what a nice day", False),
    ],
)
def test_a_request(heard: str, asks: bool) -> None:
    assert asks_for_effect(heard) is asks
