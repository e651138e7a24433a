"""When two calls have the same arguments: the canonical rule, in place of the paper's judge (section 5.2).

Two calls of one function agree when their canonical arguments are equal. An argument becomes canonical by
its type in the schema:

1. Text of any kind: lower case, hyphens as blanks, other punctuation dropped, single blanks, and number
   words as digits ("Twenty-one" is "21").
2. A choice is then replaced by the choice it is a synonym of (synonyms.py, held to the schema by a test:
   two different choices of one argument never become one). Plural or singular of a choice is that choice.
3. A free text loses the words that carry nothing: articles, possessives, "some", "please". Nothing else is
   dropped. Digits alone are one number to dial, however they are grouped.
4. A number may come as a number, as digits or in words; 21.0 is 21. A percent or degree sign is its unit.
5. A value and its unit are one quantity: lengths of time in seconds (2 minutes are 120 seconds, 1 hour is
   60 minutes), and where the unit is left out it is the usual one of the property: degrees of temperature;
   percent of brightness, volume, position, humidity and battery; level of speed and level. A unit without a
   number is nothing.
6. The minute of a time of day may be left out when it is 0.
7. Everything else counts: an argument more or less, an unknown argument, another number or another word
   disagree. No number is rounded; a room that is left out is not a room that is named.

The strict rule beside it: equal as JSON, nothing forgiven but 21 for 21.0.
"""

import re
from collections.abc import Mapping
from typing import Any

from duplexsla.tools.schema import Argument, Function
from duplexsla_lab.bench.number_words import digits_for_words
from duplexsla_lab.bench.synonyms import SYNONYMS

Value = str | float
Quantity = tuple[Value, str]
Canonical = dict[str, Value | Quantity]

_EMPTY_WORDS = {"a", "an", "the", "my", "our", "your", "some", "please"}
_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3_600}
_USUAL_UNIT = {
    "temperature": "degrees",
    **dict.fromkeys(("brightness", "volume", "position", "humidity", "battery"), "percent"),
    **dict.fromkeys(("speed", "fan speed", "level"), "level"),
}
_SIGNS = {"%": "percent", "°": "degrees", "°c": "degrees"}
_NUMBER = re.compile(r"([-+]?\d+(?:\.\d+)?)\s*(%|°c?)?")


def strictly_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return dict(one) == dict(other)


def same(function: Function, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return canonical(function, one) == canonical(function, other)


def canonical(function: Function, arguments: Mapping[str, Any]) -> Canonical:
    """Never raises: what does not fit the schema stays as it is written, and agrees with nothing else."""
    schema = {argument.name: argument for argument in function.arguments}
    found: dict[str, Value] = {}
    signs = ""
    for name, value in arguments.items():
        found[name], sign = _value(schema.get(name), value)
        signs = sign or signs
    whole: Canonical = dict(found)
    if "unit" in schema and "value" in schema:
        _join_unit(whole, found, signs)
    if "minute" in schema and "hour" in found:
        whole.setdefault("minute", 0.0)
    return whole


def plain(text: str) -> str:
    """Lower case, no punctuation, single blanks, number words as digits: rule 1."""
    words = re.sub(r"[^\w\s.%°+-]|(?<!\d)\.|\.(?!\d)", "", re.sub(r"[-_/](?!\d)", " ", text.lower()))
    return " ".join(digits_for_words(words.split()))


def _value(argument: Argument | None, value: object) -> tuple[Value, str]:
    """Canonical value, and the unit that its sign names."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value), ""
    text = plain(str(value))
    number = _NUMBER.fullmatch(text)
    if argument is None:
        return text, ""
    if argument.takes_number and number:
        return float(number[1]), _SIGNS.get(number[2] or "", "")
    if argument.takes_choice:
        return _choice(argument, text), ""
    kept = [word for word in text.split() if word not in _EMPTY_WORDS]
    return ("" if all(map(str.isdigit, kept)) else " ").join(kept) or text, ""


def _choice(argument: Argument, text: str) -> str:
    spellings = {plain(choice): choice for choice in argument.choices}
    known = SYNONYMS.get(argument.name, {})
    for form in (text, text.removeprefix("the "), text.removesuffix("s"), f"{text}s"):
        if form in spellings:
            return spellings[form]
        if known.get(form) in argument.choices:
            return known[form]
    return text


def _join_unit(whole: Canonical, found: Mapping[str, Value], sign: str) -> None:
    whole.pop("unit", None)
    if "value" not in found:
        return
    meant = str(found.get("property") or found.get("setting"))
    value, unit = found["value"], found.get("unit") or sign or _USUAL_UNIT.get(meant, "")
    if isinstance(value, str):
        whole["value"] = value
    elif unit in _SECONDS:
        whole["value"] = (value * _SECONDS[str(unit)], "seconds")
    else:
        whole["value"] = (value, str(unit))
