"""Validation of arguments: what is canonical, what is refused, and that JSON Schema says the same."""

import random
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from duplexsla.errors import ActionRefused
from duplexsla.tools import TOOLSETS, VERSIONS, Argument, Function, Toolset

HOME = TOOLSETS["home"]

FUNCTION = Function(
    "paint",
    "",
    (
        Argument("color", "choice", choices=("red", "warm white")),
        Argument("coats", "integer", required=False, minimum=1, maximum=9),
        Argument("amount", "number_or_choice", required=False, choices=("half", "all"), maximum=20),
        Argument("note", "text", required=False, maximum=12),
    ),
)
TOOLS = Toolset("shed", (FUNCTION,))

CANONICAL: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"color": " warm  white "}, {"color": "warm white"}),
    ({"coats": 2.0, "color": "red"}, {"color": "red", "coats": 2}),
    ({"note": " milk\n& honey", "color": "red"}, {"color": "red", "note": "milk & honey"}),
    ({"color": "red", "amount": 0.5}, {"color": "red", "amount": 0.5}),
    ({"color": "red", "amount": "half"}, {"color": "red", "amount": "half"}),
    ({"color": "red", "note": "été"}, {"color": "red", "note": "été"}),
]
REFUSED: list[dict[str, Any]] = [
    {},
    {"color": "blue"},
    {"color": ""},
    {"color": 3},
    {"color": None},
    {"color": ["red"]},
    {"color": "red", "size": 3},
    {"color": "red", "coats": 0},
    {"color": "red", "coats": 10},
    {"color": "red", "coats": 1.5},
    {"color": "red", "coats": "two"},
    {"color": "red", "coats": True},
    {"color": "red", "coats": 10**400},
    {"color": "red", "amount": float("nan")},
    {"color": "red", "amount": float("inf")},
    {"color": "red", "amount": -1},
    {"color": "red", "amount": "third"},
    {"color": "red", "note": ""},
    {"color": "red", "note": 'say "hi"'},
    {"color": "red", "note": "back\\slash"},
    {"color": "red", "note": "\0"},
    {"color": "red", "note": "\ud800"},
    {"color": "red", "note": "thirteen char"},
]


@pytest.mark.parametrize(("given", "canonical"), CANONICAL)
def test_canonical_arguments_are_trimmed_and_in_schema_order(
    given: dict[str, Any], canonical: dict[str, Any]
) -> None:
    arguments = TOOLS.validate("paint", given)
    assert arguments == canonical and list(arguments) == list(canonical)
    assert TOOLS.validate("paint", arguments) == arguments
    assert all(type(value) is type(canonical[name]) for name, value in arguments.items())


@pytest.mark.parametrize("given", REFUSED)
def test_what_does_not_fit_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ActionRefused):
        TOOLS.validate("paint", given)


def test_an_unknown_function_is_refused_by_name() -> None:
    with pytest.raises(ActionRefused, match="'demolish' in toolset shed"):
        TOOLS.validate("demolish", {})


def test_an_argument_that_cannot_hold_a_value_is_a_mistake_of_the_author() -> None:
    for bad in (
        lambda: Argument("a", "choice"),
        lambda: Argument("a", "text", choices=("b",)),
        lambda: Argument("a", "integer", minimum=2, maximum=1),
        lambda: Argument("a", "integer", minimum=-1),
    ):
        with pytest.raises(ValueError, match="argument a"):
            bad()


def _id(toolset: Toolset) -> str:
    return f"{toolset.name} {toolset.version}"


@pytest.mark.parametrize("toolset", [*VERSIONS.values(), TOOLS], ids=_id)
def test_json_schema_is_valid_2020_12(toolset: Toolset) -> None:
    schema = toolset.json_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)
    assert [form["properties"]["function"]["const"] for form in schema["oneOf"]] == list(
        toolset.function_names
    )


def test_json_schema_and_validate_agree() -> None:
    schema = Draft202012Validator(TOOLS.json_schema())
    for _, canonical in CANONICAL:
        schema.validate({"function": "paint", "arguments": canonical})
    for refused in REFUSED:
        if not any(value != value for value in refused.values()):  # JSON has no NaN
            assert not schema.is_valid({"function": "paint", "arguments": refused}), refused


@pytest.mark.parametrize("toolset", VERSIONS.values(), ids=_id)
def test_json_schema_and_validate_agree_on_random_calls(toolset: Toolset) -> None:
    schemas = {each.name: Draft202012Validator(each.json_schema()) for each in toolset.functions}
    rng = random.Random(1)
    values: list[Any] = [
        0,
        7,
        21.5,
        500,
        "kitchen",
        "light",
        "percent",
        "home",
        "x" * 65,
        "on",
        "power",
        True,
    ]
    fitting = 0
    for _ in range(4_000):
        function = rng.choice(toolset.functions)
        arguments = {
            each.name: _value(rng, each, values) for each in function.arguments if rng.random() < 0.8
        }
        try:
            function.validate(arguments)
            fits = True
        except ActionRefused:
            fits = False
        assert schemas[function.name].is_valid(arguments) == fits, (function.name, arguments)
        fitting += fits
    assert 400 < fitting < 3_600


def _value(rng: random.Random, argument: Argument, others: list[Any]) -> Any:
    if argument.choices and rng.random() < 0.9:
        return rng.choice(argument.choices)
    if argument.takes_number and rng.random() < 0.9:
        return rng.randint(argument.minimum, argument.maximum)
    return rng.choice(others)
