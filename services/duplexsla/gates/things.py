"""What a call would move, as gates and policies see it. Pure.

A home's things are found by the resolver, in the registry. A car has no registry: its things are the words of
its functions' arguments.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from duplexsla.tools import Risk


@dataclass(frozen=True, slots=True)
class MeantThing:
    """One thing that the call would move: its id, its class as in the registry and its area; `risk` is that
    of this command on it (to lock a door and to unlock it are two), None where nobody knows.
    """

    entity: str
    entity_class: str
    room: str
    risk: Risk | None


# Arguments of the car's functions that name a thing, and the class of what they name.
CAR_CLASSES = {
    "setting": "car_setting",
    "app": "app",
    "kind": "media",
    "connection": "system_setting",
}
# What a wrong effect on the car's settings would cost; all others are comfort.
CAR_RISKS: Mapping[str, Risk] = {
    "doors": "entry",
    "trunk": "entry",
    "hood": "entry",
    "fuel door": "entry",
    "child lock": "entry",
    "charging port": "mess",
    "steering wheel": "mess",
    "headlights": "mess",
    "cruise control": "mess",
    "lane assist": "mess",
    "parking assist": "mess",
    "suspension": "mess",
    "horn": "mess",
}


def car_things(function: str, arguments: Mapping[str, object]) -> tuple[MeantThing, ...]:
    """The setting, app or kind of media that a call of the `car` toolset names; its zone is its room."""
    asks = function.startswith(("query_", "search_"))
    return tuple(
        MeantThing(
            entity=str(arguments[name]),
            entity_class="system_setting" if "system_setting" in function else kind,
            room=str(arguments.get("zone", "")),
            risk="read" if asks else CAR_RISKS.get(str(arguments[name]), "comfort"),
        )
        for name, kind in CAR_CLASSES.items()
        if name in arguments
    )
