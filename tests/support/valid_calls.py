"""Random calls that a toolset's schema accepts."""

import random
from typing import Any

from duplexsla.tools import Argument, Function


def valid_arguments(function: Function, rng: random.Random) -> dict[str, Any]:
    return {
        argument.name: _value(argument, rng)
        for argument in function.arguments
        if argument.required or rng.random() < 0.6
    }


def _value(argument: Argument, rng: random.Random) -> Any:
    if argument.takes_choice and not (argument.takes_number and rng.random() < 0.5):
        return rng.choice(argument.choices)
    if argument.takes_number:
        return rng.randint(argument.minimum, argument.maximum)
    return rng.choice(("milk", "main street", "jazz", "anna", "twelve"))
