"""What people ask of a home, the call it means, and what the assistant answers to each outcome.

A request is made from a phrasing (a template) and typed argument values; `exchange` draws one of any split.
"""

import random
from collections.abc import Callable, Mapping

from duplexsla.data.exchange import Arguments, Draft, Exchange, Value, pick
from duplexsla.data.frames import framed
from duplexsla.data.home_devices import SWITCHED, change, named, open_close, query, set_property
from duplexsla.data.spoken_numbers import spoken
from duplexsla.tools.home import ALARM_MODES, DOORS, LISTS, ROOMS, SCENES, TIMERS

ITEMS = (
    "milk", "bread", "eggs", "butter", "apples", "bananas", "coffee", "cheese", "rice", "pasta",
    "tomatoes", "chicken", "sugar", "onions", "orange juice", "paper towels", "dog food", "toothpaste",
    "batteries", "soap", "potatoes", "carrots", "yogurt", "honey", "lemons", "salt", "pepper",
    "olive oil", "flour", "mushrooms", "cat food", "light bulbs", "shampoo", "candles", "tea bags",
    "cereal", "salmon", "garlic", "spinach", "ice cream",
)  # fmt: skip


def _door(rng: random.Random, *, lock: bool) -> Draft:
    door = rng.choice(DOORS)
    phrasings = (
        "lock the {door}|please lock the {door}|make sure the {door} is locked|can you lock the {door}|"
        "bolt the {door}"
        if lock
        else "unlock the {door}|please unlock the {door}|can you unlock the {door}|i need the {door} unlocked"
    )
    said, phrasing = pick(rng, phrasings, door=door)
    word = "locked" if lock else "unlocked"
    return Draft(
        said,
        phrasing,
        f"{'lock' if lock else 'unlock'}_home_door",
        {"door": door},
        "",
        f"the {door} is {word}",
    )


def _alarm(rng: random.Random, *, arm: bool) -> Draft:
    mode = rng.choice(ALARM_MODES)
    if arm:
        said, phrasing = pick(
            rng,
            "arm the alarm in {mode} mode|set the alarm to {mode}|turn on the alarm in {mode} mode|"
            "activate the {mode} alarm",
            mode=mode,
        )
        return Draft(said, phrasing, "arm_home_alarm", {"mode": mode}, "", f"the alarm is set to {mode}")
    said, phrasing = pick(
        rng,
        "disarm the alarm|turn off the alarm|switch the alarm off|deactivate the alarm|"
        "i am home disarm the alarm",
    )
    return Draft(said, phrasing, "disarm_home_alarm", {}, "", "the alarm is off")


def _scene(rng: random.Random) -> Draft:
    scene = rng.choice(SCENES)
    said, phrasing = pick(
        rng,
        "start the {scene} scene|activate the {scene} scene|run the {scene} scene|set the {scene} scene|"
        "i want the {scene} scene|{scene} scene please|switch to the {scene} scene",
        scene=scene,
    )
    return Draft(
        said,
        phrasing,
        "run_home_scene",
        {"scene": scene},
        "",
        rng.choice((f"the {scene} scene is on", f"starting the {scene} scene")),
    )


def _timer(rng: random.Random) -> Draft:
    unit = rng.choice(("minutes", "minutes", "seconds", "hours"))
    value = rng.choice({"minutes": range(1, 61), "seconds": range(10, 60, 5), "hours": range(1, 13)}[unit])
    name = rng.choice(TIMERS) if rng.random() < 0.6 else None
    said_unit = unit[:-1] if value == 1 else unit
    length = f"{spoken(value)} {said_unit}"
    phrasings = (
        "set a {name} timer for {length}|start a {name} timer for {length}|"
        "set a timer for {length} for the {name}|"
        "count down {length} for the {name}|give me a {name} timer of {length}"
        if name
        else "set a timer for {length}|start a timer for {length}|count down {length}|"
        "give me a timer of {length}|timer for {length}"
    )
    said, phrasing = pick(rng, phrasings, name=name or "", length=length)
    arguments: Arguments = {"value": value, "unit": unit}
    if name:
        arguments = {"name": name, **arguments}
    echoed = f"{value} {unit}" if rng.random() < 0.5 else ""
    return Draft(
        said,
        phrasing,
        "set_timer",
        arguments,
        echoed,
        f"your {name + ' ' if name else ''}timer is set for {length}",
    )


def _cancel(rng: random.Random) -> Draft:
    name = rng.choice(TIMERS) if rng.random() < 0.7 else None
    said, phrasing = pick(
        rng,
        "cancel the {name}timer|stop the {name}timer|delete the {name}timer|"
        "i do not need the {name}timer any more",
        name=f"{name} " if name else "",
    )
    arguments: Arguments = {"name": name} if name else {}
    return Draft(
        said, phrasing, "cancel_timer", arguments, "", f"the {name + ' ' if name else ''}timer is cancelled"
    )


def _item(rng: random.Random) -> Draft:
    item, name = rng.choice(ITEMS), rng.choice(LISTS)
    said, phrasing = pick(
        rng,
        "add {item} to the {name} list|put {item} on my {name} list|we need {item} on the {name} list|"
        "i want {item} on the {name} list|write {item} on the {name} list|{item} for the {name} list please",
        item=item,
        name=name,
    )
    return Draft(
        said,
        phrasing,
        "add_list_item",
        {"item": item, "list": name},
        "",
        f"i added {item} to the {name} list",
    )


MAKERS: tuple[tuple[int, Callable[[random.Random], Draft]], ...] = (
    (5, lambda rng: open_close(rng, opening=True)),
    (5, lambda rng: open_close(rng, opening=False)),
    (8, set_property),
    (4, lambda rng: change(rng, up=True)),
    (4, lambda rng: change(rng, up=False)),
    (5, query),
    (2, lambda rng: _door(rng, lock=True)),
    (2, lambda rng: _door(rng, lock=False)),
    (2, lambda rng: _alarm(rng, arm=True)),
    (1, lambda rng: _alarm(rng, arm=False)),
    (2, _scene),
    (4, _timer),
    (2, _cancel),
    (3, _item),
)

SMALL_TALK = (
    ("hello", "hello"),
    ("good morning", "good morning"),
    ("good evening", "good evening"),
    ("how are you", "i am fine thank you"),
    ("thank you", "you are welcome"),
    ("thanks a lot", "you are welcome"),
    ("thank you that is all", "you are welcome"),
    ("never mind", "okay"),
    ("forget it", "okay"),
    ("who are you", "i am your home assistant"),
    ("what can you do", "i can control your home"),
    ("can you hear me", "yes i can hear you"),
    ("good night", "good night"),
    ("that is great", "i am glad"),
    ("i am tired", "you should take a rest"),
    ("it was a long day", "you should take a rest"),
    ("what a nice day", "yes it is"),
    ("i am back", "welcome home"),
    ("see you later", "see you later"),
    ("the {room} looks great", "i am glad you like it"),
    ("my old {device} broke", "i am sorry to hear that"),
    ("i had {item} for dinner", "that sounds good"),
    ("i like the {room}", "that is nice"),
)
FAILURES = {
    " [ failed]": "sorry {thing} can not do that",
    " [ silent]": "sorry {thing} did not answer",
    " [ late]": "sorry that took too long",
    " [ refused]": "sorry i can not do that",
}
ACKNOWLEDGE = ("", "", "", "okay", "sure", "all right", "done")


def _thing(function: str, arguments: Mapping[str, Value]) -> str:
    """What a failure reply names."""
    if "device" in arguments:
        return named(arguments)
    for key, shape in (("door", "the {}"), ("scene", "the {} scene"), ("list", "the {} list")):
        if key in arguments:
            return shape.format(arguments[key])
    return "the timer" if function.endswith("_timer") else "the alarm"


def _small_talk(rng: random.Random) -> Exchange:
    said, reply = rng.choice(SMALL_TALK)
    filled = said.format(room=rng.choice(ROOMS), device=rng.choice(SWITCHED), item=rng.choice(ITEMS))
    return Exchange(filled, None, {}, "", reply, said)


def exchange(rng: random.Random, *, small_talk: float = 0.1, failure: float = 0.15) -> Exchange:
    """One random exchange, of any split."""
    if rng.random() < small_talk:
        return _small_talk(rng)
    maker = rng.choices([m for _, m in MAKERS], [weight for weight, _ in MAKERS])[0]
    core, template, function, arguments, value, reply = maker(rng)
    said, phrasing = framed(rng, core, template)
    outcome = f" [ done {value}]" if value else " [ done]"
    if rng.random() < failure:
        outcome = rng.choices(list(FAILURES), [3, 6, 2, 1])[0]
        reply = FAILURES[outcome].format(thing=_thing(function, arguments))
    elif (word := rng.choice(ACKNOWLEDGE)) and not reply.startswith("it is"):
        reply = f"{word} {reply}"
    return Exchange(said, function, arguments, outcome, reply, phrasing, core)
