"""From the choices of a call to its figures; what is not known counts as nothing."""

import math

import pytest

from duplexsla.protocol.call_confidence import UNKNOWN, CallChoice, OpenCall


def _choice(p: float, outside: float) -> CallChoice:
    return CallChoice(math.log(p), math.log(outside))


def test_name_and_arguments_are_products_and_the_margin_is_the_least() -> None:
    call = OpenCall()
    call.opened(_choice(0.5, 0.25))
    for p in (0.9, 0.5):
        call.named(_choice(p, 0.01))
    for p in (0.8, 0.5):
        call.filled(_choice(p, 0.4))
    function_p, argument_p, margin = call.confidence()
    assert (function_p, argument_p) == pytest.approx((0.45, 0.4))
    assert margin == pytest.approx(math.log(0.5 / 0.4))


def test_arguments_without_a_choice_are_certain() -> None:
    call = OpenCall()
    call.opened(_choice(0.9, 0.1))
    call.named(_choice(0.9, 0.01))
    assert call.confidence().argument_p == 1.0


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_a_choice_that_is_not_known_makes_the_whole_call_unknown(lost: int) -> None:
    call, choice = OpenCall(), _choice(0.9, 0.1)
    for number, take in enumerate((call.opened, call.named, call.filled)):
        take(None if number == lost else choice)
    assert call.confidence() == UNKNOWN == (0.0, 0.0, 0.0)
