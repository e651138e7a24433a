"""What a command is at a Home Assistant: a service with its data, and the state that proves its effect.

Values are checked here against what the entity says of itself: a hub may accept 500 degrees.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from duplexsla.executor.backends.home_assistant.hub_properties import (
    ARMED,
    BRIGHTEST,
    MODES,
    RGB,
    hue_distance,
    hue_of,
    properties,
    told_hue,
)
from duplexsla.executor.backends.home_assistant.hub_registry import commands_of
from duplexsla.executor.backends.home_assistant.hub_states import HubState
from duplexsla.executor.backends.outcomes import CallFinding, failure
from duplexsla.v1 import home_pb2 as pb

MAX_TEXT = 256
MAX_HUE_OFF = 12.0  # between what was asked for and what the lamp says that it shows
TURN_S = 0.5  # the least time of a lock or an alarm
ANYTHING = ("", "music", "something", "anything")
Proof = Callable[[HubState], bool]
Data = dict[str, Any]


@dataclass(frozen=True)
class ServiceCall:
    """`proved`: whether a state is what was wanted; without one a change by this call is the proof.

    `stuck`: whether the device says that it stopped on the way. `least_s`: what it needs to get there.
    """

    domain: str
    service: str
    data: Data = field(default_factory=dict)
    proved: Proof | None = None
    stuck: Proof = lambda state: False
    least_s: float = 0.0

    def seen(self, states: Iterable[HubState]) -> bool:
        """What was wanted, in one of the states that came after the call."""
        return self.proved is not None and any(not each.away and self.proved(each) for each in states)

    def stopped(self, states: Iterable[HubState]) -> bool:
        return any(map(self.stuck, states))


def service_call(command: pb.EntityCommand, state: HubState, code: str = "") -> ServiceCall:
    """Raises DeviceRefused for what the entity does not take, ActionRefused for a value that it cannot have.

    DeviceUnavailable where the hub says that the device is away.
    """
    if state.away and state.domain not in _STATELESS:
        raise failure(CallFinding.DEVICE_AWAY)
    if command.command not in commands_of(state, code) or command.command not in _CALLS:
        raise failure(CallFinding.NO_SUCH_DEVICE)
    return _CALLS[command.command](command, state, code)


_STATELESS = ("scene", "script")  # a scene is unknown until it was activated once


def _number(command: pb.EntityCommand, lowest: float, highest: float) -> float:
    if not command.HasField("number") or not math.isfinite(command.number):
        raise failure(CallFinding.BAD_VALUE, "a number is missing")
    if not lowest <= command.number <= highest:
        raise failure(CallFinding.BAD_VALUE, f"{command.number:g} is not between {lowest:g} and {highest:g}")
    return float(command.number)


def _word(command: pb.EntityCommand, words: list[str]) -> str:
    """The hub's own spelling of it."""
    wanted = command.text.casefold().replace(" ", "_")
    for word in words:
        if word.casefold().replace(" ", "_") == wanted:
            return word
    raise failure(CallFinding.BAD_VALUE, f"it cannot be {command.text[:MAX_TEXT]!r}")


def _is(name: str, value: Any) -> Proof:
    return lambda state: properties(state).get(name) == value


def _near(name: str, value: float, by: float) -> Proof:
    """A number in the words of home.proto."""

    def proved(state: HubState) -> bool:
        told = properties(state).get(name)
        return isinstance(told, int | float) and abs(told - value) <= by

    return proved


def _simple(service: str, proved: Proof | None = None, **more: Any) -> Callable[..., ServiceCall]:
    def call(command: pb.EntityCommand, state: HubState, code: str) -> ServiceCall:
        return ServiceCall(state.domain, service, {"code": code} if code else {}, proved, **more)

    return call


def _opening(verb: str, moving: str, end: float) -> Callable[..., ServiceCall]:
    """Of a cover or a valve. It moves for long: that it moves there is the proof."""

    def call(command: pb.EntityCommand, state: HubState, code: str) -> ServiceCall:
        moved = _moved(state, end, moving)
        ended = "open" if end else "closed"
        return ServiceCall(
            state.domain,
            f"{verb}_{state.domain}",
            {},
            lambda now: moved(now) or (now.state == ended and now.number("current_position") is None),
        )

    return call


def _moved(before: HubState, level: float, moving: str) -> Proof:
    """It moves the right way, or is nearer than it was, or there."""
    near = _near("level", level, 2.0)
    was = before.number("current_position")

    def proved(now: HubState) -> bool:
        level_now = now.number("current_position")
        nearer = was is not None and level_now is not None and abs(level_now - level) < abs(was - level)
        return near(now) or nearer or now.state == moving

    return proved


def _jammed(state: HubState) -> bool:
    return state.state == "jammed"


def _stop(command: pb.EntityCommand, state: HubState, code: str) -> ServiceCall:
    if state.domain in ("cover", "valve"):
        still: Proof = lambda now: now.state not in ("opening", "closing")  # noqa: E731
        return ServiceCall(state.domain, f"stop_{state.domain}", {}, still)
    if state.domain == "media_player":
        return ServiceCall(state.domain, "media_stop", {}, lambda now: now.state not in ("playing", "paused"))
    service = "pause" if state.domain == "lawn_mower" else "stop"
    return ServiceCall(state.domain, service, {}, _is("activity", "stopped"))


def _start(command: pb.EntityCommand, state: HubState, code: str) -> ServiceCall:
    service = "start_mowing" if state.domain == "lawn_mower" else "start"
    return ServiceCall(state.domain, service, {}, _is("activity", "working"))


def _dock(command: pb.EntityCommand, state: HubState, code: str) -> ServiceCall:
    service = "dock" if state.domain == "lawn_mower" else "return_to_base"
    return ServiceCall(state.domain, service, {}, lambda now: now.state in ("docked", "returning"))


def _level(command: pb.EntityCommand, state: HubState, code: str) -> ServiceCall:
    return _set_level(state, _number(command, 0.0, 100.0))


def _level_step(command: pb.EntityCommand, state: HubState, code: str) -> ServiceCall:
    """From what it is to what it should be: done twice it is the same."""
    told = properties(state)
    dark = state.domain in ("light", "fan") and told.get("on") is False
    now = 0.0 if dark else told.get("level")
    if not isinstance(now, int | float):
        raise failure(CallFinding.NO_SUCH_DEVICE, "it does not say how far it is")
    return _set_level(state, min(100.0, max(0.0, now + _number(command, -100.0, 100.0))))


def _set_level(state: HubState, level: float) -> ServiceCall:
    if state.domain == "light" and level == 0:
        return ServiceCall("light", "turn_off", {}, _is("on", False))
    if state.domain == "light":
        lit = _near("level", level, 1.0)
        return ServiceCall("light", "turn_on", {"brightness": max(1, round(level * BRIGHTEST / 100))}, lit)
    if state.domain == "fan":
        step = state.number("percentage_step") or 1.0
        return ServiceCall("fan", "set_percentage", {"percentage": round(level)}, _speed(level, step))
    if state.domain == "humidifier":
        lowest, highest = state.number("min_humidity") or 0.0, state.number("max_humidity") or 100.0
        if not lowest <= level <= highest:
            raise failure(CallFinding.BAD_VALUE, f"{level:g} is not between {lowest:g} and {highest:g}")
        data = {"humidity": round(level)}
        return ServiceCall("humidifier", "set_humidity", data, _near("level", level, 1.0))
    if state.domain == "media_player":
        volume = {"volume_level": round(level / 100, 2)}
        return ServiceCall("media_player", "volume_set", volume, _near("level", level, 1.0))
    return _position(state, level)


def _speed(level: float, step: float) -> Proof:
    """A fan has few speeds: the next one is what was wanted; at 0 it is off."""
    if level == 0:
        return _is("on", False)
    near = _near("level", level, step)
    return lambda state: state.state == "on" and near(state)


def _position(state: HubState, level: float) -> ServiceCall:
    before = state.number("current_position")
    moving = "closing" if before is not None and level < before else "opening"
    data = {"position": round(level)}
    return ServiceCall(state.domain, f"set_{state.domain}_position", data, _moved(state, level, moving))


def _color(command: pb.EntityCommand, state: HubState, code: str) -> ServiceCall:
    rgb = RGB[_word(command, list(RGB))]

    def proved(now: HubState) -> bool:
        hue = told_hue(now)
        return now.state == "on" and hue is not None and hue_distance(hue, hue_of(rgb)) <= MAX_HUE_OFF

    return ServiceCall("light", "turn_on", {"rgb_color": list(rgb)}, proved)


def _color_temperature(command: pb.EntityCommand, state: HubState, code: str) -> ServiceCall:
    """The whitest or warmest that the lamp has is what was wanted beyond it."""
    lowest = state.number("min_color_temp_kelvin") or 2_000.0
    highest = state.number("max_color_temp_kelvin") or 6_500.0
    kelvin = min(highest, max(lowest, _number(command, 1_000.0, 10_000.0)))
    lit = _near("color_temperature", kelvin, kelvin * 0.03)
    data = {"color_temp_kelvin": round(kelvin)}
    return ServiceCall("light", "turn_on", data, lambda now: now.state == "on" and lit(now))


def _temperature(command: pb.EntityCommand, state: HubState, code: str) -> ServiceCall:
    return _set_temperature(state, _number(command, *_degrees(state)))


def _temperature_step(command: pb.EntityCommand, state: HubState, code: str) -> ServiceCall:
    now = state.number("temperature")
    if now is None:
        raise failure(CallFinding.NO_SUCH_DEVICE, "it does not say to what it is set")
    lowest, highest = _degrees(state)
    return _set_temperature(state, min(highest, max(lowest, now + _number(command, -100.0, 100.0))))


def _degrees(state: HubState) -> tuple[float, float]:
    lowest, highest = state.number("min_temp"), state.number("max_temp")
    if lowest is None or highest is None:
        raise failure(CallFinding.NO_SUCH_DEVICE, "it does not say which degrees it takes")
    return lowest, highest


def _set_temperature(state: HubState, degrees: float) -> ServiceCall:
    step = state.number("target_temp_step") or 0.5
    data = {"temperature": round(degrees, 1)}
    return ServiceCall(state.domain, "set_temperature", data, _near("temperature", degrees, step / 2 + 0.05))


def _mode(command: pb.EntityCommand, state: HubState, code: str) -> ServiceCall:
    """A climate's own mode, else one of its presets; of others a preset."""
    own = state.words("hvac_modes")
    wanted = command.text.casefold().replace(" ", "_")
    if state.domain == "climate" and wanted in own:
        said = MODES.get(wanted, wanted)
        return ServiceCall("climate", "set_hvac_mode", {"hvac_mode": wanted}, _is("mode", said))
    name = "mode" if state.domain == "humidifier" else "preset_mode"
    words = state.words("available_modes" if state.domain == "humidifier" else "preset_modes")
    word = _word(command, words)
    return ServiceCall(
        state.domain, f"set_{name}", {name: word}, lambda now: now.attributes.get(name) == word
    )


def _arm(command: pb.EntityCommand, state: HubState, code: str) -> ServiceCall:
    services = {mode: service for service, mode in ARMED.items()}
    bits = {"home": 1, "away": 2, "night": 4}
    mode = command.text or "away"
    if mode not in bits or not state.features & bits[mode]:
        raise failure(CallFinding.BAD_VALUE, f"it cannot be armed for {mode[:MAX_TEXT]!r}")
    data = {"code": code} if code else {}
    armed: Proof = lambda now: now.state in (services[mode], "arming")  # noqa: E731
    return ServiceCall(state.domain, f"alarm_arm_{mode}", data, armed)


def _play(command: pb.EntityCommand, state: HubState, code: str) -> ServiceCall:
    """Goes on with what it has: nothing can be looked for at a player in general."""
    if command.text not in ANYTHING:
        raise failure(CallFinding.NO_SUCH_DEVICE, "it cannot look for what to play")
    return ServiceCall("media_player", "media_play", {}, _is("playback", "playing"))


def _activate(command: pb.EntityCommand, state: HubState, code: str) -> ServiceCall:
    """A scene changes by the call itself; a script by a cause of its own, and tells when it ran last."""
    if state.domain == "scene":
        return ServiceCall("scene", "turn_on")
    ran = state.attributes.get("last_triggered")
    return ServiceCall("script", "turn_on", {}, lambda now: now.attributes.get("last_triggered") != ran)


def _mute(muted: bool) -> Callable[..., ServiceCall]:
    return lambda command, state, code: ServiceCall(
        "media_player", "volume_mute", {"is_volume_muted": muted}, _is("muted", muted)
    )


def _item(service: str, status: str = "") -> Callable[..., ServiceCall]:
    """Of a list. Its state counts what is open: that it changes is the proof."""

    def call(command: pb.EntityCommand, state: HubState, code: str) -> ServiceCall:
        if not 0 < len(command.text) <= MAX_TEXT:
            raise failure(CallFinding.BAD_VALUE, f"an item is missing, or longer than {MAX_TEXT} characters")
        data = {"item": command.text, "status": status} if status else {"item": command.text}
        return ServiceCall("todo", service, data)

    return call


_CALLS: Mapping[pb.Command, Callable[[pb.EntityCommand, HubState, str], ServiceCall]] = {
    pb.COMMAND_TURN_ON: _simple("turn_on", lambda now: bool(properties(now).get("on"))),
    pb.COMMAND_TURN_OFF: _simple("turn_off", _is("on", False)),
    pb.COMMAND_SET_LEVEL: _level,
    pb.COMMAND_STEP_LEVEL: _level_step,
    pb.COMMAND_SET_COLOR: _color,
    pb.COMMAND_SET_COLOR_TEMPERATURE: _color_temperature,
    pb.COMMAND_SET_TEMPERATURE: _temperature,
    pb.COMMAND_STEP_TEMPERATURE: _temperature_step,
    pb.COMMAND_SET_MODE: _mode,
    pb.COMMAND_OPEN: _opening("open", "opening", 100.0),
    pb.COMMAND_CLOSE: _opening("close", "closing", 0.0),
    pb.COMMAND_STOP: _stop,
    pb.COMMAND_LOCK: _simple("lock", _is("locked", True), stuck=_jammed, least_s=0.5),
    pb.COMMAND_UNLOCK: _simple(
        "unlock",
        lambda now: now.state in ("unlocked", "open"),
        stuck=_jammed,
        least_s=TURN_S,
    ),
    pb.COMMAND_ARM: _arm,
    pb.COMMAND_DISARM: _simple("alarm_disarm", _is("mode", "disarmed"), least_s=TURN_S),
    pb.COMMAND_START: _start,
    pb.COMMAND_DOCK: _dock,
    pb.COMMAND_PLAY: _play,
    pb.COMMAND_PAUSE: _simple("media_pause", _is("playback", "paused")),
    pb.COMMAND_RESUME: _simple("media_play", _is("playback", "playing")),
    pb.COMMAND_NEXT: _simple("media_next_track"),
    pb.COMMAND_PREVIOUS: _simple("media_previous_track"),
    pb.COMMAND_MUTE: _mute(True),
    pb.COMMAND_UNMUTE: _mute(False),
    pb.COMMAND_ACTIVATE: _activate,
    pb.COMMAND_ADD_ITEM: _item("add_item"),
    pb.COMMAND_REMOVE_ITEM: _item("remove_item"),
    pb.COMMAND_COMPLETE_ITEM: _item("update_item", "completed"),
}
