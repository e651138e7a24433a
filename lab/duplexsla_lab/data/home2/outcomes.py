"""What the service tells of a call, and the one short sentence that the assistant makes of it.

The lines are those of `protocol/channel_lines.py`; which, confirm, code and taken
back belong to conversations of more than one turn.
"""

import random
from collections.abc import Callable, Mapping

from duplexsla.protocol.channel_lines import outcome_text, question_text
from duplexsla.tools.home import ROOMS
from duplexsla.tools.home2 import HOME_2
from duplexsla_lab.data.language.exchange import Value
from duplexsla_lab.data.language.intent_pattern import joined, varied
from duplexsla_lab.data.language.spoken_times import due

FAILED = joined("""
(sorry/i am sorry/) that did not work|sorry {thing} did not do it|something went wrong with {thing}
{thing} could not do that|that failed|sorry it did not work with {thing}|i tried but {thing} did not do it
""")
SILENT = joined("""
(sorry/) {thing} did not answer|(sorry/) i can not reach {thing}|there is no answer from {thing}
{thing} is not answering|i can not get through to {thing}|{thing} seems to be offline
{thing} does not respond
""")
LATE = joined("""
sorry that took too long|sorry {thing} took too long|that took too long so i stopped
sorry i was too late with that
""")
REFUSED = joined("""
sorry i can not do that|(sorry/) i can not do that with {thing}|{thing} can not do that
that is not possible with {thing}
""")
DENIED = joined("""
you may not do that now|sorry you may not do that|that is not allowed right now
sorry i am not allowed to do that|that is not allowed for you|i may not do that now
""")
NO_SUCH = joined("""
i know no {name}|(sorry/) i do not know a {name}|there is no {name}|i can not find a {name}
sorry i find no {name}|which {name} i know none|i have no {name} here
""")
PARTLY = joined("""
all but {name}|done except {name}|everything but {name}|all of them but {name} did not answer
only {name} did not work
""")
LATER = joined("""
okay {when}|i will do it {when}|all right {when}|okay i will do that {when}|sure {when}|{when} it is
""")
PLAIN_FAILURES = (
    ("failed", 3, FAILED),
    ("unknown", 3, SILENT),
    ("unavailable", 3, SILENT),
    ("expired", 2, LATE),
    ("refused", 1, REFUSED),
)
SCHEDULED_SHARE = 0.7  # of reminders and wake alarms: they are done when they are set, and due later
_NAMED = ("device", "door", "list", "name", "scene")


def thing_of(arguments: Mapping[str, Value], function: str) -> str:
    """What a sentence about the call names."""
    if "device" in arguments:
        device, room = str(arguments["device"]), str(arguments.get("room", ""))
        if "scope" in arguments or device == "everything":
            return "that"
        own = "'" in device
        return (
            device
            if own
            else f"the {device}"
            if not room or room == "here" or "'" in room
            else f"the {room} {device}"
        )
    for key, shape in (
        ("door", "the {}"),
        ("scene", "the {} scene"),
        ("list", "the {} list"),
        ("name", "the {} timer"),
    ):
        if key in arguments:
            return shape.format(arguments[key])
    for part, thing in (
        ("timer", "the timer"),
        ("alarm", "the alarm"),
        ("media", "the player"),
        ("track", "the player"),
        ("weather", "the weather service"),
        ("message", "the speakers"),
    ):
        if part in function:
            return thing
    return "that"


def named_of(arguments: Mapping[str, Value]) -> str:
    """The name that the home may not know; "" for none."""
    if str(arguments.get("room", "here")) != "here" and "scope" not in arguments and "device" in arguments:
        return "" if "'" in str(arguments["room"]) else f"{arguments['room']} {arguments['device']}"
    name = next((str(arguments[key]) for key in _NAMED if key in arguments), "")
    suffix = (
        "list"
        if "list" in arguments
        else "timer"
        if "name" in arguments
        else "scene"
        if "scene" in arguments
        else ""
    )
    return "" if name in ("", "everything", "lights", "music") or "'" in name else f"{name} {suffix}".strip()


def done(rng: random.Random, function: str, arguments: Mapping[str, Value], value: str) -> str:
    """ " [ done 21 degrees]"; what was set is told back mostly."""
    if not value and function == "set_home_device" and rng.random() < 0.6:
        value = f"{arguments['value']} {arguments.get('unit', '')}".strip()
    return outcome_text("done", {"value": value}) if value else outcome_text("done")


def later(rng: random.Random, when: str) -> tuple[str, str]:
    """(line, reply) of what was put off."""
    return question_text("scheduled", [due(when, rng)]), rng.choice(LATER.split("|")).format(when=when)


def unhappy(rng: random.Random, function: str, arguments: Mapping[str, Value]) -> tuple[str, str]:
    """(line, reply) of a call that came to nothing or not to all; no reply where nothing is to be said."""
    kinds: list[tuple[int, Callable[[], tuple[str, str]]]] = []
    thing = thing_of(arguments, function)

    def plain() -> tuple[str, str]:
        state, _, replies = rng.choices(PLAIN_FAILURES, [share for _, share, _ in PLAIN_FAILURES])[0]
        return outcome_text(state), _said(rng, replies, thing=thing)

    kinds.append((8, plain))
    if HOME_2.function(function).risk != "read":
        kinds.append((2, lambda: (outcome_text("denied"), _said(rng, DENIED))))
        kinds.append((1, lambda: (outcome_text("duplicate"), "")))
    if HOME_2.function(function).risk in ("mess", "entry"):
        kinds.append((4, lambda: (outcome_text("unsure"), "")))
        kinds.append((3, lambda: (outcome_text("denied"), _said(rng, DENIED))))
    if name := named_of(arguments):
        kinds.append((5, lambda: (question_text("not_found", [name]), _said(rng, NO_SUCH, name=name))))
    if arguments.get("scope") in ("all", "both", "every") and "device" in arguments:
        kinds.append((14, lambda: partly(rng, str(arguments["device"]))))
    return rng.choices([draw for _, draw in kinds], [share for share, _ in kinds])[0]()


def partly(rng: random.Random, device: str) -> tuple[str, str]:
    """All but one of them, which the service names."""
    kind = "light" if device == "everything" else device.removesuffix("s")
    missed = f"{rng.choice(ROOMS)} {kind}"
    return question_text("partial", [missed]), _said(rng, PARTLY, name=f"the {missed}")


def _said(rng: random.Random, replies: str, **slots: str) -> str:
    return varied(rng, rng.choice(replies.split("|"))).format(**slots)
