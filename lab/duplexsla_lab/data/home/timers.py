"""Requests about timers."""

import random

from duplexsla.tools.home import TIMERS
from duplexsla_lab.data.language.exchange import Arguments, ExchangeDraft, pick
from duplexsla_lab.data.language.spoken_numbers import spoken

_LENGTHS = {"minutes": range(1, 61), "seconds": range(10, 60, 5), "hours": range(1, 13)}

SET_NAMED = (
    "set a {name} timer for {length}|start a {name} timer for {length}|set the {name} timer for {length}|"
    "set the {name} timer to {length}|start the {name} timer for {length}|"
    "set a timer for {length} for the {name}|start a timer for {length} for the {name}|"
    "set a timer for the {name} for {length}|set a timer of {length} for the {name}|"
    "count down {length} for the {name}|give me a {name} timer of {length}|"
    "give me a {name} timer for {length}|give me {length} for the {name}|make a {name} timer for {length}|"
    "create a {name} timer for {length}|put on a {name} timer for {length}|"
    "put {length} on the {name} timer|set {length} on the {name} timer|run a {name} timer for {length}|"
    "time the {name} for {length}|begin a {name} timer of {length}|get a {name} timer going for {length}|"
    "i want a {name} timer for {length}|i would like a {name} timer for {length}|"
    "i need a {name} timer for {length}|i need a timer of {length} for the {name}|"
    "we need a {name} timer for {length}|the {name} takes {length} set a timer|"
    "the {name} needs {length} start a timer|the {name} needs a timer for {length}|"
    "my {name} needs {length} set a timer|the {name} timer should be {length}|"
    "remind me of the {name} in {length}"
)
SET = (
    "set a timer for {length}|start a timer for {length}|count down {length}|give me a timer of {length}|"
    "give me a timer for {length}|set a timer of {length}|set the timer for {length}|"
    "set the timer to {length}|start the timer for {length}|make a timer for {length}|"
    "create a timer for {length}|put on a timer for {length}|put {length} on the timer|"
    "set {length} on the timer|run a timer for {length}|begin a timer of {length}|"
    "get a timer going for {length}|begin a count down of {length}|start a count down of {length}|"
    "i want a timer for {length}|i would like a timer for {length}|i need a timer for {length}|"
    "i need a timer of {length}|we need a timer for {length}|the timer should be {length}|"
    "remind me in {length}|time {length}|one timer for {length}|it takes {length} set a timer"
)
CANCEL = (
    "cancel the {name}timer|stop the {name}timer|delete the {name}timer|end the {name}timer|"
    "remove the {name}timer|clear the {name}timer|turn off the {name}timer|turn the {name}timer off|"
    "switch off the {name}timer|shut off the {name}timer|kill the {name}timer|drop the {name}timer|"
    "cancel my {name}timer|stop my {name}timer|delete my {name}timer|forget the {name}timer|"
    "forget about the {name}timer|get rid of the {name}timer|make the {name}timer stop|"
    "do not run the {name}timer any more|take away the {name}timer|i do not need the {name}timer any more|"
    "we do not need the {name}timer any more|i do not want the {name}timer any more|"
    "i no longer need the {name}timer|i want the {name}timer off|i am done with the {name}timer|"
    "the {name}timer should stop|the {name}timer can stop|the {name}timer can go|the {name}timer off|"
    "the {name}timer has to stop|the {name}timer is not needed any more|"
    "there is no need for the {name}timer any more"
)
CANCEL_NAMED = "|the {thing} is done stop the timer|the {thing} is ready cancel the timer"


def timer(rng: random.Random) -> ExchangeDraft:
    unit = rng.choice(("minutes", "minutes", "seconds", "hours"))
    value = rng.choice(_LENGTHS[unit])
    name = rng.choice(TIMERS) if rng.random() < 0.6 else None
    length = f"{spoken(value)} {unit[:-1] if value == 1 else unit}"
    said, phrasing = pick(rng, SET_NAMED if name else SET, name=name or "", length=length)
    arguments: Arguments = {"name": name} if name else {}
    arguments |= {"value": value, "unit": unit}
    echoed = f"{value} {unit}" if rng.random() < 0.5 else ""
    called = f"{name} timer" if name else "timer"
    replies = (
        f"your {called} is set for {length}", f"the {called} is set for {length}",
        f"i set the {called} for {length}", f"{length} on the {called}", f"the {called} runs for {length}",
    )  # fmt: skip
    return ExchangeDraft(said, phrasing, "set_timer", arguments, echoed, rng.choice(replies))


def cancel(rng: random.Random) -> ExchangeDraft:
    name = rng.choice(TIMERS) if rng.random() < 0.7 else None
    phrasings = CANCEL + CANCEL_NAMED if name else CANCEL
    said, phrasing = pick(rng, phrasings, name=f"{name} " if name else "", thing=name or "")
    arguments: Arguments = {"name": name} if name else {}
    called = f"{name} timer" if name else "timer"
    replies = (
        f"the {called} is cancelled", f"i cancelled the {called}", f"i stopped the {called}",
        f"the {called} is off",
    )  # fmt: skip
    return ExchangeDraft(said, phrasing, "cancel_timer", arguments, "", rng.choice(replies))
