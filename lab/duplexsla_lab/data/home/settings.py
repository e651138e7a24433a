"""Requests that set a property of a device, or ask for more or less of it."""

import random
from dataclasses import dataclass

from duplexsla.tools.home import COLORS, MODES
from duplexsla_lab.data.home.devices import agreeing, is_or_are, maybe_room, named, slots_of, with_room
from duplexsla_lab.data.language.exchange import ExchangeDraft, Value, pick
from duplexsla_lab.data.language.spoken_numbers import spoken

PERCENTS = range(5, 101, 5)
DEGREES = range(15, 31)

# Ways to set any number: with the property's {name}, and where the device and the unit tell it.
SET_NAMED = (
    "set the {name} of {where} to {value}|set {where} {name} to {value}|"
    "change the {name} of {where} to {value}|change {where} {name} to {value}|"
    "put the {name} of {where} at {value}|put {where} {name} at {value}|"
    "put the {name} of {where} on {value}|bring the {name} of {where} to {value}|"
    "turn the {name} of {where} to {value}|adjust the {name} of {where} to {value}|"
    "get the {name} of {where} to {value}|move the {name} of {where} to {value}|"
    "keep the {name} of {where} at {value}|have the {name} of {where} at {value}|"
    "make the {name} of {where} {value}|make sure the {name} of {where} is {value}|"
    "i want the {name} of {where} at {value}|i want the {name} of {where} to be {value}|"
    "i would like the {name} of {where} at {value}|i need the {name} of {where} at {value}|"
    "we need the {name} of {where} at {value}|we want the {name} of {where} at {value}|"
    "i want {where} at {value} {name}|i would like {where} at {value} {name}|set {where} to {value} {name}|"
    "put {where} on {value} {name}|the {name} of {where} should be {value}|"
    "the {name} of {where} should be at {value}|the {name} of {where} must be {value}|"
    "the {name} of {where} to {value}|the {name} of {where} at {value}|the {thing} {name} should be {value}|"
    "the {thing} should have a {name} of {value}"
)
SET_PLAIN = (
    "set {where} to {value}|set {where} at {value}|put {where} at {value}|put {where} to {value}|"
    "put {where} on {value}|change {where} to {value}|turn {where} to {value}|bring {where} to {value}|"
    "get {where} to {value}|adjust {where} to {value}|keep {where} at {value}|have {where} at {value}|"
    "leave {where} at {value}|make sure {where} {is} at {value}|i want {where} at {value}|"
    "i want {where} set to {value}|i would like {where} at {value}|i would like to have {where} at {value}|"
    "i need {where} at {value}|we need {where} at {value}|we want {where} at {value}|"
    "we would like {where} at {value}|the {thing} at {value}|the {thing} to {value}|"
    "the {thing} should be at {value}|the {thing} should go to {value}|the {thing} must be at {value}"
)
SET_COLOR = (
    "make {where} {value}|set {where} to {value}|turn {where} {value}|turn {where} to {value}|"
    "change {where} to {value}|switch {where} to {value}|put {where} on {value}|color {where} {value}|"
    "change the color of {where} to {value}|set the color of {where} to {value}|"
    "set {where} color to {value}|switch the color of {where} to {value}|make the color of {where} {value}|"
    "turn the color of {where} to {value}|give {where} the color {value}|use {value} for {where}|"
    "use the color {value} for {where}|get {where} to {value}|let {where} be {value}|have {where} in {value}|"
    "make {where} look {value}|i want {where} {value}|i want {where} in {value}|i want {where} to be {value}|"
    "i would like {where} in {value}|i would like {where} to be {value}|i need {where} in {value}|"
    "we want {where} in {value}|the {thing} in {value}|the {thing} to {value}|the {thing} should be {value}|"
    "the {thing} should turn {value}|the {thing} should be in {value}|the color of {where} should be {value}|"
    "i want the color {value} for {where}"
)
SET_MODE = (
    "set {where} to {value} mode|put {where} in {value} mode|put {where} on {value} mode|"
    "switch {where} to {value} mode|switch {where} over to {value} mode|change {where} to {value} mode|"
    "turn {where} to {value} mode|bring {where} to {value} mode|use {value} mode on {where}|"
    "use {value} mode for {where}|run {where} in {value} mode|let {where} run in {value} mode|"
    "keep {where} in {value} mode|have {where} in {value} mode|start {value} mode on {where}|"
    "activate {value} mode on {where}|turn on {value} mode on {where}|turn on {value} mode for {where}|"
    "choose {value} mode for {where}|go to {value} mode on {where}|set the mode of {where} to {value}|"
    "set {where} mode to {value}|change the mode of {where} to {value}|switch the mode of {where} to {value}|"
    "i want {where} in {value} mode|i would like {where} in {value} mode|i need {where} in {value} mode|"
    "we need {where} in {value} mode|i want {value} mode on {where}|the {thing} in {value} mode|"
    "the {thing} to {value} mode|the {thing} should be in {value} mode|"
    "the {thing} should run in {value} mode|the mode of {where} should be {value}"
)
# Ways to change any number; of each pair the first is for more, the second for less.
_UP = {"increase": "decrease", "raise": "lower", "higher": "lower", "low": "high", "up": "down"}
UP_NAMED = (
    "increase the {name} of {where}|raise the {name} of {where}|turn up the {name} of {where}|"
    "turn the {name} of {where} up|bring up the {name} of {where}|bring the {name} of {where} up|"
    "move the {name} of {where} up|put the {name} of {where} up|increase {where} {name}|raise {where} {name}|"
    "turn up {where} {name}|turn {where} {name} up|increase the {name} of {where} a bit|"
    "increase the {name} of {where} a little|raise the {name} of {where} a bit|"
    "raise the {name} of {where} a little|turn the {name} of {where} up a bit|"
    "turn the {name} of {where} up a little|turn up the {name} of {where} a little|"
    "make the {name} of {where} higher|make the {name} of {where} a bit higher|"
    "i want a higher {name} on {where}|i would like a higher {name} on {where}|"
    "i need a higher {name} on {where}|i want the {name} of {where} higher|"
    "we need the {name} of {where} higher|the {name} of {where} should be higher|"
    "the {name} of {where} should go up|the {name} of {where} should go up a bit|"
    "the {name} of {where} is too low|the {name} of {where} is too low turn it up"
)
UP_BY = (
    "increase the {name} of {where} by {value}|raise the {name} of {where} by {value}|"
    "turn up the {name} of {where} by {value}|turn the {name} of {where} up by {value}|"
    "turn the {name} of {where} up {value}|increase {where} {name} by {value}|"
    "raise {where} {name} by {value}|turn up {where} {name} by {value}|increase {where} by {value}|"
    "raise {where} by {value}|turn up {where} by {value}|turn {where} up by {value}|turn {where} up {value}|"
    "move {where} up by {value}|bring the {name} of {where} up by {value}|bring {where} up by {value}|"
    "put {where} up by {value}|make the {name} of {where} {value} higher|"
    "i want the {name} of {where} {value} higher|i would like the {name} of {where} {value} higher|"
    "i need the {name} of {where} up by {value}|i want {where} {value} higher|"
    "the {name} of {where} should be {value} higher|the {name} of {where} should go up by {value}|"
    "the {thing} should go up by {value}|the {thing} up by {value}"
)
COMPARED = (
    "make {where} {more}|make {where} a bit {more}|make {where} a little {more}|get {where} {more}|"
    "turn {where} a bit {more}|i want {where} {more}|i want {where} a bit {more}|i would like {where} {more}|"
    "i would like {where} a little {more}|i need {where} {more}|i need {where} to be {more}|"
    "we need {where} {more}|we want {where} a bit {more}|the {thing} should be {more}|"
    "the {thing} should be a bit {more}|the {thing} could be {more}|the {thing} could be a little {more}|"
    "the {thing} is too {less}|the {thing} is way too {less}|the {thing} is a bit too {less}|"
    "the {thing} is too {less} for me|the {thing} is not {enough} enough"
)
COMPARED_BY = (
    "make {where} {value} {more}|i want {where} {value} {more}|i would like {where} {value} {more}|"
    "i need {where} {value} {more}|we need {where} {value} {more}|get {where} {value} {more}|"
    "the {thing} should be {value} {more}|the {thing} could be {value} {more}"
)


@dataclass(frozen=True, slots=True)
class SettingRequest:
    """A property that can be set on some devices. `also` are its own ways to set it; `up` and `down` its own
    ways to ask for more and less, with `compared` as (more, too little, plain) of either direction."""

    name: str
    devices: str
    unit: str
    values: tuple[Value, ...]
    also: str = ""
    up: str = ""
    down: str = ""
    compared: tuple[tuple[str, str, str], tuple[str, str, str]] | None = None

    @property
    def ways(self) -> str:
        if not self.unit:
            return self.also
        return f"{SET_NAMED}|{SET_PLAIN}|{SET_PLAIN}{self.also}".replace("{name}", self.name)

    def ways_of_change(self, *, up: bool, by: bool) -> str:
        named_ways, compared = UP_BY if by else UP_NAMED, COMPARED_BY if by else COMPARED
        ways = named_ways if up else lowered(named_ways)
        if not by:
            ways += self.up if up else self.down
        if self.compared:
            for slot, word in zip(("more", "less", "enough"), self.compared[not up], strict=True):
                compared = compared.replace(f"{{{slot}}}", word)
            ways += f"|{compared}"
        return ways.replace("{name}", self.name)


def lowered(phrasings: str) -> str:
    """The same phrasings for less."""
    return "|".join(" ".join(_UP.get(word, word) for word in each.split()) for each in phrasings.split("|"))


_WARMTH = (("warmer", "cold", "warm"), ("cooler", "warm", "cool"))
SETTINGS = (
    SettingRequest(
        "temperature",
        "thermostat|heater",
        "degrees",
        tuple(DEGREES),
        "|run {where} at {value}|heat {where} to {value}|let {where} heat to {value}",
        "|turn up {where}|turn {where} up|turn {where} up a bit|turn up {where} a little",
        "|turn down {where}|turn {where} down|turn {where} down a bit|turn down {where} a little",
        _WARMTH,
    ),
    SettingRequest(
        "temperature",
        "air conditioner",
        "degrees",
        tuple(DEGREES),
        "|run {where} at {value}|cool {where} to {value}|let {where} cool to {value}",
        compared=_WARMTH,
    ),
    SettingRequest(
        "brightness",
        "light|lamp|projector",
        "percent",
        tuple(PERCENTS),
        "|dim {where} to {value}|dim {where} down to {value}|brighten {where} to {value}",
        "|brighten {where}|brighten {where} a bit|brighten up {where}|brighten {where} up|turn up {where}|"
        "turn {where} up|turn {where} up a bit|more brightness on {where}|give {where} more brightness",
        "|dim {where}|dim {where} a bit|dim {where} down|dim {where} a little|turn down {where}|"
        "turn {where} down|turn {where} down a bit|less brightness on {where}|give {where} less brightness",
        (("brighter", "dark", "bright"), ("darker", "bright", "dark")),
    ),
    SettingRequest(
        "volume",
        "speaker|television|radio",
        "percent",
        tuple(PERCENTS),
        "|play {where} at {value}|run {where} at {value} volume|play {where} at {value} volume",
        "|turn up {where}|turn {where} up|turn {where} up a bit|turn up {where} a little|"
        "more volume on {where}|give {where} more volume|i can not hear {where} turn it up",
        "|turn down {where}|turn {where} down|turn {where} down a bit|turn down {where} a little|"
        "less volume on {where}|give {where} less volume|the baby is sleeping turn down {where}",
        (("louder", "quiet", "loud"), ("quieter", "loud", "quiet")),
    ),
    SettingRequest(
        "speed",
        "fan|vacuum|humidifier",
        "level",
        tuple(range(1, 6)),
        "|run {where} at {value}|run {where} on {value}|let {where} run at {value}|"
        "let {where} run on {value}|switch {where} to {value}|turn {where} on {value}",
        "|speed up {where}|speed {where} up|speed {where} up a bit|more speed on {where}|"
        "give {where} more speed|make {where} run faster|the {thing} should run faster",
        "|slow down {where}|slow {where} down|slow {where} down a bit|less speed on {where}|"
        "give {where} less speed|make {where} run slower|the {thing} should run slower",
        (("faster", "slow", "fast"), ("slower", "fast", "slow")),
    ),
    SettingRequest(
        "position",
        "blinds|curtains|shutters|awning",
        "percent",
        tuple(PERCENTS),
        "|move {where} to {value}|open {where} to {value}|open {where} {value}|"
        "i want {where} {value} open|i would like {where} {value} open|the {thing} should be {value} open|"
        "roll {where} to {value}|leave {where} {value} open|pull {where} to {value}",
        "|open {where} a bit more|open {where} a little more|open {where} further|open {where} a bit further|"
        "i want {where} open a bit more|the {thing} should be open a little more",
        "|close {where} a bit more|close {where} a little more|close {where} further|"
        "close {where} a bit further|i want {where} closed a bit more|"
        "the {thing} should be closed a little more",
    ),
    SettingRequest("humidity", "humidifier", "percent", tuple(range(20, 91, 5))),
    SettingRequest("color", "light|lamp", "", tuple(COLORS), SET_COLOR),
    SettingRequest("mode", "air conditioner|thermostat|humidifier|fan", "", tuple(MODES), SET_MODE),
)
_SHARES = {"position": 0.6, "humidity": 0.4}
_STEPS = {"degrees": range(1, 6), "level": range(1, 4), "percent": range(5, 55, 5)}


def _share(setting: SettingRequest) -> float:
    """How often a setting is drawn: temperature stands twice in the table."""
    return 0.65 if setting.name == "temperature" else _SHARES.get(setting.name, 1.0)


def _said_value(value: Value, unit: str) -> str:
    if isinstance(value, str):
        return value
    return f"level {spoken(int(value))}" if unit == "level" else f"{spoken(int(value))} {unit}"


def _said_step(step: int, unit: str) -> str:
    if unit == "percent":
        return f"{spoken(step)} {unit}"
    return f"{spoken(step)} {unit.removesuffix('s')}{'s' if step > 1 else ''}"


def _draw(rng: random.Random, settings: list[SettingRequest]) -> tuple[SettingRequest, str, str | None]:
    setting = rng.choices(settings, [_share(each) for each in settings])[0]
    return setting, rng.choice(setting.devices.split("|")), maybe_room(rng)


def set_property(rng: random.Random) -> ExchangeDraft:
    setting, device, room = _draw(rng, list(SETTINGS))
    value = rng.choice(setting.values)
    slots = slots_of(rng, device, room) | {"value": _said_value(value, setting.unit)}
    said, phrasing = pick(rng, agreeing(setting.ways, device), **slots)
    arguments = with_room({"device": device, "property": setting.name, "value": value}, room)
    if setting.unit:
        arguments["unit"] = setting.unit
    it, value_text = f"{named(arguments)} {is_or_are(arguments)}", _said_value(value, setting.unit)
    at = "now" if setting.name == "color" else "in" if setting.name == "mode" else "at"
    value_text = f"{value_text} mode" if setting.name == "mode" else value_text
    shapes = (f"{it} {at} {value_text}", f"{it} set to {value_text}", f"{it} now set to {value_text}")
    reply = rng.choice((*shapes, f"i set {named(arguments)} to {value_text}"))
    echoed = f"{value} {setting.unit}".strip() if rng.random() < 0.7 else ""
    return ExchangeDraft(said, phrasing, "set_home_device", arguments, echoed, reply)


def change(rng: random.Random, *, up: bool) -> ExchangeDraft:
    setting, device, room = _draw(rng, [s for s in SETTINGS if s.unit])
    by, step = rng.random() < 0.5, rng.choice(_STEPS[setting.unit])
    slots = slots_of(rng, device, room) | {"value": _said_step(step, setting.unit)}
    said, phrasing = pick(rng, agreeing(setting.ways_of_change(up=up, by=by), device), **slots)
    arguments = with_room({"device": device, "property": setting.name}, room)
    if by:
        arguments |= {"value": step, "unit": setting.unit}
    after = rng.choice(setting.values)
    it, value_text = f"{named(arguments)} {is_or_are(arguments)}", _said_value(after, setting.unit)
    shapes = (f"{it} now at {value_text}", f"{it} at {value_text} now", f"{it} at {value_text}")
    reply = rng.choice((*shapes, f"i set {named(arguments)} to {value_text}"))
    function = f"{'increase' if up else 'decrease'}_home_device"
    return ExchangeDraft(said, phrasing, function, arguments, f"{after} {setting.unit}", reply)
