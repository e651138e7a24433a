"""Requests that turn devices on and off, and open and close what covers a window or a way."""

import random
from collections.abc import Mapping

from duplexsla.tools.home import ROOMS
from duplexsla_lab.data.language.exchange import Arguments, ExchangeDraft, Value, pick

SWITCHED = (
    "light", "lamp", "fan", "heater", "air conditioner", "television", "speaker", "radio", "oven",
    "dishwasher", "washing machine", "coffee maker", "kettle", "humidifier", "vacuum", "projector",
    "camera", "sprinkler", "plug", "thermostat",
)  # fmt: skip
OPENED = (
    "blinds", "curtains", "shutters", "awning", "window", "garage door", "gate",
)  # fmt: skip
_PLURAL = {"blinds", "curtains", "shutters"}
_LIGHTS = ("light", "lamp")


def thing(rng: random.Random, device: str, room: str | None) -> str:
    """A device as people call it, without the article."""
    if room is None:
        return device
    kitchen_light, light_in = f"{room} {device}", f"{device} in the {room}"
    return rng.choice((*[kitchen_light] * 6, *[light_in] * 4, f"{device} of the {room}"))


def slots_of(rng: random.Random, device: str, room: str | None) -> dict[str, str]:
    """What phrasings may name: {where} with an article, {thing} without, {device}, {room}."""
    called = thing(rng, device, room)
    article = rng.choice(("the", "the", "the", "the", "the", "my", "our"))
    return {"where": f"{article} {called}", "thing": called, "device": device, "room": room or ""}


def agreeing(phrasings: str, device: str) -> str:
    """Phrasings with {is} and {it} as the device wants them: "are" and "them" for blinds."""
    verb, pronoun = ("are", "them") if device in _PLURAL else ("is", "it")
    return phrasings.replace("{is}", verb).replace("{it}", pronoun)


def named(arguments: Mapping[str, Value]) -> str:
    """How a reply names the device."""
    device, room = arguments["device"], arguments.get("room")
    return f"the {room} {device}" if room else f"the {device}"


def is_or_are(arguments: Mapping[str, Value]) -> str:
    return "are" if arguments["device"] in _PLURAL else "is"


def maybe_room(rng: random.Random) -> str | None:
    return None if rng.random() < 0.2 else rng.choice(ROOMS)


def with_room(arguments: Arguments, room: str | None) -> Arguments:
    """Puts the room behind the device, where the schema has it."""
    if room is None:
        return arguments
    rest = {k: v for k, v in arguments.items() if k != "device"}
    return {"device": arguments["device"], "room": room, **rest}


OPEN_SWITCH = (
    "turn on {where}|turn {where} on|switch on {where}|switch {where} on|put {where} on|power on {where}|"
    "power {where} on|power up {where}|start {where}|start up {where}|start {where} up|fire up {where}|"
    "activate {where}|get {where} going|get {where} running|get {where} started|get {where} on|"
    "let {where} run|make {where} run|make sure {where} is on|make sure {where} is running|have {where} on|"
    "have {where} running|keep {where} on|leave {where} on|turn {where} back on|switch {where} back on|"
    "turn on {where} again|turn {where} on again|start {where} again|run {where}|use {where}|"
    "bring {where} to life|wake up {where}|set {where} to on|i want {where} on|i want {where} running|"
    "i want {where} turned on|i would like {where} on|i would like to have {where} on|i need {where} on|"
    "i need {where} running|i need {where} turned on|we need {where} on|we want {where} on|"
    "we would like {where} on|i want to use {where}|i am going to use {where} turn it on|the {thing} on|"
    "the {thing} should be on|the {thing} should be running|the {thing} should start|"
    "the {thing} must be on|the {thing} has to be on|the {thing} can go on|the {thing} needs to be on|"
    "the {thing} is off turn it on|the {thing} is still off switch it on|the {thing} is not on start it|"
    "it is time for {where} turn it on|i do not want {where} off any more"
)
CLOSE_SWITCH = (
    "turn off {where}|turn {where} off|switch off {where}|switch {where} off|power off {where}|"
    "power {where} off|power down {where}|shut off {where}|shut {where} off|shut down {where}|"
    "shut {where} down|stop {where}|deactivate {where}|kill {where}|cut {where}|get {where} off|"
    "make {where} stop|make sure {where} is off|make sure {where} is not on|have {where} off|"
    "keep {where} off|leave {where} off|do not leave {where} on|do not let {where} run|"
    "do not keep {where} running|turn {where} back off|switch {where} back off|turn off {where} again|"
    "turn {where} off again|stop {where} again|set {where} to off|let {where} rest|i want {where} off|"
    "i want {where} turned off|i would like {where} off|i would like to have {where} off|i need {where} off|"
    "we need {where} off|we want {where} off|we would like {where} off|i do not want {where} on any more|"
    "i do not need {where} any more|we do not need {where} any more|i do not use {where} any more|"
    "i am done with {where}|we are done with {where}|there is no need for {where} any more|"
    "the {thing} off|the {thing} should be off|the {thing} should stop|the {thing} must be off|"
    "the {thing} has to be off|the {thing} has to stop|the {thing} can go off|the {thing} can stop|"
    "the {thing} needs to be off|the {thing} is on turn it off|the {thing} is still on switch it off|"
    "the {thing} is still running stop it|it is time to stop {where}"
)
OPEN_COVER = (
    "open {where}|open up {where}|open {where} up|get {where} open|pull {where} open|roll {where} open|"
    "raise {where}|open {where} wide|open {where} all the way|open {where} completely|open {where} again|"
    "make sure {where} {is} open|have {where} open|have {where} opened|keep {where} open|"
    "leave {where} open|do not leave {where} closed|do not keep {where} closed|i want {where} open|"
    "i want {where} opened|i would like {where} open|i would like to have {where} open|i need {where} open|"
    "we need {where} open|we want {where} open|i do not want {where} closed any more|the {thing} open|"
    "the {thing} should be open|the {thing} should open|the {thing} must be open|the {thing} can be open|"
    "the {thing} {is} closed open {it}|the {thing} {is} still closed open {it}|"
    "the {thing} {is} not open open {it}|it is time to open {where}"
)
CLOSE_COVER = (
    "close {where}|close up {where}|close {where} up|shut {where}|get {where} closed|get {where} shut|"
    "pull {where} shut|roll {where} shut|close {where} all the way|close {where} completely|"
    "close {where} again|shut {where} again|make sure {where} {is} closed|make sure {where} {is} shut|"
    "have {where} closed|keep {where} closed|keep {where} shut|leave {where} closed|"
    "do not leave {where} open|do not keep {where} open|i want {where} closed|i want {where} shut|"
    "i would like {where} closed|i would like to have {where} closed|i need {where} closed|"
    "we need {where} closed|we want {where} closed|i do not want {where} open any more|"
    "the {thing} closed|the {thing} should be closed|the {thing} should close|the {thing} must be closed|"
    "the {thing} can be closed|the {thing} {is} open close {it}|the {thing} {is} still open shut {it}|"
    "the {thing} {is} not closed close {it}|it is time to close {where}"
)
# Where the room is known, and of a light its reason.
OPEN_IN_ROOM = "|the {room} needs its {device} on|i am in the {room} turn on the {device}|" + (
    "i am going to the {room} switch on the {device}"
)
CLOSE_IN_ROOM = "|i am leaving the {room} turn off the {device}|" + (
    "there is nobody in the {room} switch off the {device}|i am done in the {room} turn the {device} off"
)
OPEN_DARK = (
    "|it is too dark in the {room} turn on the {device}|the {room} is so dark switch on the {device}|"
    "it is getting dark in the {room} put the {device} on|i can not see in the {room} turn the {device} on"
)
CLOSE_BRIGHT = (
    "|it is too bright in the {room} turn off the {device}|the {room} is too bright switch off the {device}|"
    "it is not dark in the {room} any more turn the {device} off"
)


def _phrasings(device: str, room: str | None, *, opening: bool, cover: bool) -> str:
    if cover:
        return agreeing(OPEN_COVER if opening else CLOSE_COVER, device)
    phrasings = OPEN_SWITCH if opening else CLOSE_SWITCH
    if room:
        phrasings += OPEN_IN_ROOM if opening else CLOSE_IN_ROOM
        if device in _LIGHTS:
            phrasings += OPEN_DARK if opening else CLOSE_BRIGHT
    return phrasings


def _reply(rng: random.Random, arguments: Arguments, *, opening: bool, cover: bool) -> str:
    it, verb = named(arguments), is_or_are(arguments)
    if cover:
        did, doing, state = ("opened", "opening", "open") if opening else ("closed", "closing", "closed")
        shapes = (f"{it} {verb} {state}", f"{it} {verb} now {state}", f"i {did} {it}", f"{doing} {it}")
        return rng.choice(shapes)
    state = "on" if opening else "off"
    replies = (f"{it} {verb} {state}", f"{it} {verb} now {state}", f"i turned {it} {state}")
    return rng.choice((*replies, f"turning {state} {it}"))


def open_close(rng: random.Random, *, opening: bool) -> ExchangeDraft:
    cover = rng.random() < 0.3
    device, room = rng.choice(OPENED if cover else SWITCHED), maybe_room(rng)
    phrasings = _phrasings(device, room, opening=opening, cover=cover)
    said, phrasing = pick(rng, phrasings, **slots_of(rng, device, room))
    arguments = with_room({"device": device}, room)
    reply = _reply(rng, arguments, opening=opening, cover=cover)
    return ExchangeDraft(
        said, phrasing, f"{'open' if opening else 'close'}_home_device", arguments, "", reply
    )
