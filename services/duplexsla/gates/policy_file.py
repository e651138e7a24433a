"""A policy as JSON, checked before it decides anything. The one that ships is `default_policy.json`."""

import itertools
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import get_args

from duplexsla.errors import PolicyError, PolicyLocksOut
from duplexsla.gates.confidence import ConfidenceBounds
from duplexsla.gates.policy import (
    CONDITIONS,
    OTHERWISE,
    ActionOrigin,
    Driving,
    Policy,
    PolicyRequest,
    PolicyRule,
    PolicyVerdict,
    Presence,
)
from duplexsla.gates.risk import RISKS
from duplexsla.tools import VERSIONS, Risk

DEFAULT_FILE = Path(__file__).with_name("default_policy.json")
MAX_BYTES = 1 << 20
MAX_RULES = 500
MAX_VALUES = 1_000
MAX_NAME_CHARS = 64
WITNESSES_OF_A_RULE = 8  # requests, of which one of all rules must be answered
NOON = 12
# As `EntityClass` of the registry in lower case, then what a car's functions move.
ENTITY_CLASSES = frozenset(
    {
        *(
            "unspecified",
            "light",
            "switch",
            "fan",
            "climate",
            "humidifier",
            "cover",
            "window",
            "garage_door",
            "gate",
        ),
        *(
            "lock",
            "alarm",
            "media_player",
            "vacuum",
            "mower",
            "valve",
            "appliance",
            "camera",
            "sensor",
            "scene",
        ),
        *("list", "timer", "weather", "car_setting", "system_setting", "app", "media"),
    }
)
# Values of conditions that are known beforehand; the others are words of the home.
KNOWN: Mapping[str, frozenset[str]] = {
    "risk": frozenset(get_args(Risk)),
    "function": frozenset(each.name for toolset in VERSIONS.values() for each in toolset.functions),
    "entity_class": ENTITY_CLASSES | {""},
    "presence": frozenset(Presence),
    "driving": frozenset(Driving),
    "origin": frozenset(ActionOrigin),
    "toolset": frozenset(name for name, _ in VERSIONS),
}
# Conditions whose values are one of few, and how a text becomes one.
ENUMS: Mapping[str, Callable[..., str]] = {
    "risk": str,
    "presence": Presence,
    "driving": Driving,
    "origin": ActionOrigin,
}


@cache
def default_policy() -> Policy:
    return parse_policy(DEFAULT_FILE.read_bytes())


def parse_policy(text: str | bytes) -> Policy:
    """Raises PolicyError that names what is wrong, PolicyLocksOut where nobody could have anything done.

    A small one takes a millisecond; one with as many rules as there may be takes seconds: not for an event
    loop.
    """
    if len(text) > MAX_BYTES:
        raise PolicyError(f"the policy has {len(text)} bytes, of at most {MAX_BYTES}")
    try:
        found = json.loads(text, object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError) as error:
        raise PolicyError(f"the policy is no JSON: {error}") from None
    top = _object(found, "the policy", {"version", "rules", "confidence", "otherwise"})
    rules = _list(top.get("rules"), "rules", MAX_RULES)
    policy = Policy(
        version=_name(top.get("version"), "version"),
        rules=tuple(_rule(each, place) for place, each in enumerate(rules)),
        bounds=_bounds(top.get("confidence")),
        otherwise=_verdict(top.get("otherwise"), "otherwise"),
    )
    names = [OTHERWISE, *(rule.name for rule in policy.rules)]
    if repeated := next((name for name in names if names.count(name) > 1), None):
        raise PolicyError(f"two rules are named {repeated!r}")
    for risk in ("read", "comfort"):
        if all(policy.evaluate(one).verdict is PolicyVerdict.DENY for one in _witnesses(policy, risk)):
            raise PolicyLocksOut(f"nobody could have anything done that is {risk}")
    return policy


def recorded_request(record: Mapping[str, object]) -> PolicyRequest:
    """A request as `PolicyRequest.record` wrote it, for a dry run. Raises PolicyError."""
    known = set(PolicyRequest.__dataclass_fields__)
    found = _object(dict(record), "the record", known)
    hour = found.pop("hour", None)
    if hour is not None and (isinstance(hour, bool) or not isinstance(hour, int) or not 0 <= hour < 24):
        raise PolicyError("the record's hour is none of 0..23")
    for name, value in found.items():
        if not isinstance(value, str) or (name in ENUMS and value not in KNOWN[name]):
            raise PolicyError(f"the record's {name} is {str(value)[:MAX_NAME_CHARS]!r}")
    if "risk" not in found:
        raise PolicyError("the record has no risk")
    typed = {name: ENUMS[name](value) if name in ENUMS else value for name, value in found.items()}
    return PolicyRequest(**typed, hour=hour)  # type: ignore[arg-type]


def _witnesses(policy: Policy, risk: Risk) -> Iterator[PolicyRequest]:
    """An ordinary request, then of every rule that does not deny some that it asks for; at every hour, if any
    rule asks for the hour.
    """
    ordinary = {"presence": Presence.SOMEBODY, "driving": Driving.NO, "risk": risk}
    hours = range(24) if any(rule.hours for rule in policy.rules) else (NOON,)
    askers: list[dict[str, str]] = [{}]
    for rule in policy.rules:
        if rule.verdict is not PolicyVerdict.DENY and risk in rule.when.get("risk", {risk}):
            asked = [name for name in rule.when if name != "risk"]
            values = itertools.product(*(sorted(rule.when[name]) for name in asked))
            some = itertools.islice(values, WITNESSES_OF_A_RULE)
            askers += [dict(zip(asked, each, strict=True)) for each in some]
    for asker in askers:
        for hour in hours:
            yield PolicyRequest(**(ordinary | asker), hour=hour)  # type: ignore[arg-type]


def _rule(found: object, place: int) -> PolicyRule:
    where = f"rules[{place}]"
    rule = _object(found, where, {"name", "verdict", "when", "hours", "because"})
    name = _name(rule.get("name"), f"{where}.name")
    because = rule.get("because", "")
    if not isinstance(because, str):
        raise PolicyError(f"{where}.because is no text")
    when = _object(rule.get("when", {}), f"{where}.when", set(CONDITIONS))
    return PolicyRule(
        name=name,
        verdict=_verdict(rule.get("verdict"), f"{where}.verdict"),
        when={key: _values(values, key, f"{where}.when.{key}") for key, values in when.items()},
        hours=_hours(rule["hours"], f"{where}.hours") if "hours" in rule else None,
        because=because,
    )


def _values(found: object, condition: str, where: str) -> frozenset[str]:
    values = _list(found, where, MAX_VALUES)
    for value in values:
        if not isinstance(value, str):
            raise PolicyError(f"{where} holds {str(value)[:MAX_NAME_CHARS]!r}, which is no text")
        if condition in KNOWN and value not in KNOWN[condition]:
            raise PolicyError(f"{where} holds {value[:MAX_NAME_CHARS]!r}, and there is no such {condition}")
    if not values:
        raise PolicyError(f"{where} is empty: it would never fit")
    return frozenset(map(str, values))


def _hours(found: object, where: str) -> tuple[int, int]:
    hours = _list(found, where, 2)
    whole = [
        hour for hour in hours if isinstance(hour, int) and not isinstance(hour, bool) and 0 <= hour <= 24
    ]
    if len(hours) != 2 or len(whole) != 2 or whole[0] == whole[1]:
        raise PolicyError(f"{where} is not [from, to] with two different hours, 0..24")
    return whole[0], whole[1]


def _bounds(found: object) -> Mapping[Risk, ConfidenceBounds]:
    given = _object(found, "confidence", set(RISKS))
    bounds: dict[Risk, ConfidenceBounds] = {}
    least = ConfidenceBounds(0, 0)
    for risk in RISKS:
        where = f"confidence.{risk}"
        numbers = _object(given.get(risk), where, {"floor", "threshold"})
        floor, threshold = (_share(numbers.get(name), f"{where}.{name}") for name in ("floor", "threshold"))
        if floor > threshold:
            raise PolicyError(f"{where}: the floor {floor} is above the threshold {threshold}")
        if floor < least.floor or threshold < least.threshold:
            raise PolicyError(f"{where} asks for less than a class that costs less")
        least = bounds[risk] = ConfidenceBounds(floor, threshold)
    return bounds


def _share(found: object, where: str) -> float:
    if (
        isinstance(found, bool)
        or not isinstance(found, int | float)
        or math.isnan(found)
        or not 0 <= found <= 1
    ):
        raise PolicyError(f"{where} is no number from 0 to 1")
    return float(found)


def _verdict(found: object, where: str) -> PolicyVerdict:
    try:
        return PolicyVerdict(str(found))
    except ValueError:
        known = ", ".join(PolicyVerdict)
        raise PolicyError(f"{where} is {str(found)[:MAX_NAME_CHARS]!r}, none of: {known}") from None


def _name(found: object, where: str) -> str:
    if not isinstance(found, str) or not 0 < len(found) <= MAX_NAME_CHARS or not found.isprintable():
        raise PolicyError(f"{where} is no name of 1 to {MAX_NAME_CHARS} characters")
    return found


def _object(found: object, where: str, keys: set[str]) -> dict[str, object]:
    if not isinstance(found, dict):
        raise PolicyError(f"{where} is no object")
    if strangers := sorted(set(found) - keys):
        raise PolicyError(
            f"{where} has {strangers[0][:MAX_NAME_CHARS]!r}; it may have {', '.join(sorted(keys))}"
        )
    return found


def _list(found: object, where: str, most: int) -> list[object]:
    if not isinstance(found, list):
        raise PolicyError(f"{where} is no list")
    if len(found) > most:
        raise PolicyError(f"{where} has {len(found)} entries, of at most {most}")
    return found


def _without_repeats(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise PolicyError(f"{key[:MAX_NAME_CHARS]!r} is given twice in one object")
        found[key] = value
    return found
