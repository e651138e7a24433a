"""Typed schemas of the functions a model may call: source of validation, decoding grammar and JSON Schema."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from duplexsla.errors import ActionRefused

Kind = Literal["choice", "text", "integer", "number", "number_or_choice"]
Delivery = Literal["idempotent", "at_most_once"]
Risk = Literal["read", "comfort", "mess", "entry"]
"""What a wrong effect would cost: nothing, a moment, something to clean up or to pay, a way into the home."""

MAX_TEXT_CHARS = 64
# What can be said aloud: no quotes, no backslash, no control characters, no lone surrogates.
TEXT_PATTERN = r'^[^"\\\u0000-\u001f\u007f-\u009f\ud800-\udfff]+$'
_SPOKEN = re.compile(TEXT_PATTERN)


@dataclass(frozen=True)
class Argument:
    """One argument. Numbers are >= 0 and bounded; `maximum` of a text is its length in characters."""

    name: str
    kind: Kind
    required: bool = True
    choices: tuple[str, ...] = ()
    minimum: int = 0
    maximum: int = MAX_TEXT_CHARS
    unit: str = ""
    description: str = ""

    def __post_init__(self) -> None:
        if self.takes_choice != bool(self.choices):
            raise ValueError(f"argument {self.name}: kind {self.kind} with {len(self.choices)} choices")
        if not 0 <= self.minimum <= self.maximum:
            raise ValueError(f"argument {self.name}: empty or negative range {self.minimum}..{self.maximum}")

    @property
    def takes_choice(self) -> bool:
        return self.kind in ("choice", "number_or_choice")

    @property
    def takes_number(self) -> bool:
        return self.kind in ("integer", "number", "number_or_choice")

    def canonical(self, value: object) -> str | int | float:
        """`value` with blanks trimmed and whole numbers as int; raises ActionRefused if it does not fit."""
        if isinstance(value, str):
            return self._word(" ".join(value.split()))
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return self._number(value)
        raise ActionRefused(f"{self.name} is neither text nor a number")

    def _word(self, word: str) -> str:
        if self.takes_choice and word in self.choices:
            return word
        if self.kind == "text" and len(word) <= self.maximum and _SPOKEN.fullmatch(word):
            return word
        raise ActionRefused(f"{self.name} cannot be {word[:MAX_TEXT_CHARS]!r}")

    def _number(self, value: int | float) -> int | float:
        if not self.takes_number or not self.minimum <= value <= self.maximum:  # NaN fails here too
            raise ActionRefused(f"{self.name} cannot be {str(value)[:20]}")
        if value == int(value):
            return int(value)
        if self.kind == "integer":
            raise ActionRefused(f"{self.name} must be whole, not {value:g}")
        return value

    def json_schema(self) -> dict[str, Any]:
        forms: list[dict[str, Any]] = []
        if self.takes_number:
            whole = "integer" if self.kind == "integer" else "number"
            forms.append({"type": whole, "minimum": self.minimum, "maximum": self.maximum})
        if self.takes_choice:
            forms.append({"type": "string", "enum": list(self.choices)})
        if self.kind == "text":
            limits = {"minLength": 1, "maxLength": self.maximum, "pattern": TEXT_PATTERN}
            forms.append({"type": "string"} | limits)
        schema = forms[0] if len(forms) == 1 else {"anyOf": forms}
        notes = {"description": self.description, "x-unit": self.unit}
        return schema | {key: note for key, note in notes.items() if note}


@dataclass(frozen=True)
class Function:
    """One function, its arguments in the order in which a call names them, and how it is delivered."""

    name: str
    description: str
    arguments: tuple[Argument, ...] = ()
    delivery: Delivery = "idempotent"
    expires_ms: int = 5_000  # no effect may happen later than this after the call closed
    risk: Risk = "comfort"  # at least; what the call resolves to may raise it

    def validate(self, arguments: Mapping[str, object]) -> dict[str, str | int | float]:
        """Canonical arguments in schema order; raises ActionRefused that names the argument at fault."""
        known = {argument.name for argument in self.arguments}
        if strangers := [name for name in arguments if name not in known]:
            raise ActionRefused(f"{self.name} has no argument {str(strangers[0])[:MAX_TEXT_CHARS]!r}")
        for argument in self.arguments:
            if argument.required and argument.name not in arguments:
                raise ActionRefused(f"{self.name} lacks {argument.name}")
        given = [argument for argument in self.arguments if argument.name in arguments]
        return {argument.name: argument.canonical(arguments[argument.name]) for argument in given}

    def json_schema(self) -> dict[str, Any]:
        """Schema of the arguments object."""
        return {
            "type": "object",
            "properties": {argument.name: argument.json_schema() for argument in self.arguments},
            "required": [argument.name for argument in self.arguments if argument.required],
            "additionalProperties": False,
        }


@dataclass(frozen=True)
class Toolset:
    """The functions of one surrounding, for example a home.

    A later version accepts every call of an earlier one, with the same meaning: functions and optional
    arguments are only added, choices become text.
    """

    name: str
    functions: tuple[Function, ...]
    version: int = 1

    @cached_property
    def by_name(self) -> dict[str, Function]:
        return {function.name: function for function in self.functions}

    @property
    def function_names(self) -> Sequence[str]:
        return [function.name for function in self.functions]

    @property
    def argument_names(self) -> Sequence[str]:
        """Every argument name once, in order of appearance."""
        return list(dict.fromkeys(argument.name for each in self.functions for argument in each.arguments))

    def function(self, name: str) -> Function:
        """The function of that name; raises ActionRefused."""
        try:
            return self.by_name[name]
        except KeyError:
            raise ActionRefused(f"no function {name[:MAX_TEXT_CHARS]!r} in toolset {self.name}") from None

    def validate(self, function: str, arguments: Mapping[str, object]) -> dict[str, str | int | float]:
        """Canonical arguments of a call, in schema order; raises ActionRefused."""
        return self.function(function).validate(arguments)

    def json_schema(self) -> dict[str, Any]:
        """JSON Schema (draft 2020-12) of a call: {"function": NAME, "arguments": {...}}."""
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": f"A call of the {self.name} toolset",
            "oneOf": [_call_schema(function) for function in self.functions],
        }


def _call_schema(function: Function) -> dict[str, Any]:
    return {
        "title": function.name,
        "description": function.description,
        "type": "object",
        "properties": {"function": {"const": function.name}, "arguments": function.json_schema()},
        "required": ["function", "arguments"],
        "additionalProperties": False,
        "x-delivery": function.delivery,
        "x-expires-ms": function.expires_ms,
        "x-risk": function.risk,
    }
