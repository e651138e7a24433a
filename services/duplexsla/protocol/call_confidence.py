"""How sure the model is of a call: from the choices that wrote it to figures for name and arguments."""

import math
from typing import NamedTuple


class CallChoice(NamedTuple):
    """One choice that opens a call or goes on with it: natural logarithms of probabilities among all tokens.

    As float32 holds them, so that a journal keeps them exactly.
    """

    chosen: float
    outside: float  # of the best token that would not be in the call


class CallConfidence(NamedTuple):
    """What the model's own probabilities say of one call: raw figures, no frequencies of being right."""

    function_p: float  # product over the choices of the function's name, 0..1
    argument_p: float  # the same of all choices after it
    margin: float  # the least logarithm by which a choice was likelier than the best token outside the call


UNKNOWN = CallConfidence(0.0, 0.0, 0.0)


class OpenCall:
    """The choices of one call so far. One of them that is not known makes the whole call unknown."""

    def __init__(self) -> None:
        self._function = self._arguments = 0.0
        self._margin = math.inf
        self._known = True

    def opened(self, choice: CallChoice | None) -> None:
        """To write a call at all."""
        self._take(choice)

    def named(self, choice: CallChoice | None) -> None:
        """Of the function."""
        self._function += self._take(choice)

    def filled(self, choice: CallChoice | None) -> None:
        """Of the arguments."""
        self._arguments += self._take(choice)

    def confidence(self) -> CallConfidence:
        if not self._known:
            return UNKNOWN
        return CallConfidence(math.exp(self._function), math.exp(self._arguments), self._margin)

    def _take(self, choice: CallChoice | None) -> float:
        if choice is None:
            self._known = False
            return 0.0
        self._margin = min(self._margin, choice.chosen - choice.outside)
        return choice.chosen
