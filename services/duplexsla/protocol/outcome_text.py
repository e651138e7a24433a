"""What the model reads about an action's outcome. The training data says it with the same function."""

import re
from collections.abc import Mapping

from duplexsla.protocol.tokens import OUTCOME_CLOSE, OUTCOME_OPEN

MAX_VALUE_WORDS = 6
# State of an outcome (lower-case end of its wire name) -> word.
WORDS = {
    "done": "done",
    "failed": "failed",  # the device said no
    "unknown": "silent",  # no answer came
    "unavailable": "silent",
    "expired": "late",
    "refused": "refused",  # by the schema
    "fenced": "refused",  # a newer owner exists
}


def outcome_text(state: str, result: Mapping[str, object] | None = None) -> str:
    """Action-channel text of an outcome and its result's `value` and `unit`: " [ done 21 degrees]".

    An unknown state reads as silent: nothing is known about the effect.
    """
    words = [WORDS.get(state, "silent")]
    if state == "done" and result:
        words += _spoken(result.get("value")) + _spoken(result.get("unit"))
    return OUTCOME_OPEN + "".join(f" {word}" for word in words[: 1 + MAX_VALUE_WORDS]) + OUTCOME_CLOSE


def _spoken(value: object) -> list[str]:
    """Words and digits of a value: 21.5 is "21 point 5"."""
    if value is None:
        return []
    if isinstance(value, bool):
        return ["on" if value else "off"]
    if isinstance(value, float):
        value = f"{value:.1f}".removesuffix(".0").replace(".", " point ").replace("-", "minus ")
    elif isinstance(value, int):
        value = str(value).replace("-", "minus ")
    return re.findall(r"[a-z0-9]+", str(value).lower())
