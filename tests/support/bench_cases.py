"""Cases made by hand: 2.5 s of silence as the user's audio, anchors off the grid of chunks."""

from typing import Any

import numpy as np

from duplexsla_lab.bench.case import Case, ExpectedCall
from duplexsla_lab.bench.conversation import Heartbeat
from duplexsla_lab.bench.event_log import EventLog

AUDIO = np.zeros(40_000, np.int16)  # 2.5 s
AUDIO_S = 2.5
QUIET = Heartbeat()
LIGHT = ("open_home_device", {"device": "light", "room": "kitchen"})
FAN = ("open_home_device", {"device": "fan", "room": "office"})
DOOR = ("lock_home_door", {"door": "front door"})


def turn_case(scenario: str, id: str = "", **anchors: float) -> Case:
    return Case(id or scenario, scenario, "home", AUDIO, anchors)


def normal(user_end_s: float = 1.5, id: str = "") -> Case:
    return turn_case("normal", id, user_end_s=user_end_s)


def interrupt(interrupt_s: float = 1.5) -> Case:
    return turn_case("interrupt", interrupt_s=interrupt_s)


def backchannel(start_s: float = 1.0, end_s: float = 1.5) -> Case:
    return turn_case("backchannel", backchannel_start_s=start_s, backchannel_end_s=end_s)


def tool_case(*wanted: tuple[str, dict[str, Any], float], scenario: str = "single", **more: Any) -> Case:
    return Case(
        scenario, scenario, "home", AUDIO, wanted=tuple(ExpectedCall(*each) for each in wanted), **more
    )


def all_kinds() -> list[Case]:
    return [
        normal(),
        turn_case("pause", user_end_s=2.3),
        interrupt(),
        backchannel(),
        tool_case((*LIGHT, 1.1)),
        tool_case((*LIGHT, 0.9), (*DOOR, 1.9), scenario="multi"),
        tool_case((*FAN, 1.3), scenario="backchannel_action"),
    ]


def speech(pattern: str, *labels: tuple[int, str]) -> EventLog:
    """A log from "..##..": one character a chunk."""
    return EventLog([each == "#" for each in pattern], list(labels))
