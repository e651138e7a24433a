"""What people ask of a home by version 2 of its toolset, the call it means, and what is answered.

A request is made from a phrasing (a template) and typed argument values; `exchange` draws one of any split.
Version 1's requests are among them: each of its calls means the same here.
"""

import random

from duplexsla.tools import home2
from duplexsla.tools.home2 import HOME_2
from duplexsla_lab.data.home import grammar as home_grammar
from duplexsla_lab.data.home2 import (
    cleaning,
    climate,
    covers,
    dialogue,
    entry,
    information,
    lights,
    lists,
    outcomes,
    playback,
    questions,
    switching,
    talk,
    timers,
)
from duplexsla_lab.data.home2.carriers import ORDERED, around, carriers_of
from duplexsla_lab.data.home2.mentions import somewhere
from duplexsla_lab.data.language.contractions import contracted
from duplexsla_lab.data.language.exchange import Arguments, Exchange, ExchangeDraft
from duplexsla_lab.data.language.intent_pattern import IntentPattern
from duplexsla_lab.data.language.spoken_times import when

PATTERNS = (
    *switching.PATTERNS, *lights.PATTERNS, *covers.PATTERNS, *climate.PATTERNS, *playback.PATTERNS,
    *entry.PATTERNS, *cleaning.PATTERNS, *timers.PATTERNS, *lists.PATTERNS, *information.PATTERNS,
    *questions.PATTERNS, *dialogue.PATTERNS,
)  # fmt: skip
SHARES = {
    "open_home_device": 9,
    "close_home_device": 9,
    "set_home_device": 10,
    "increase_home_device": 6,
    "decrease_home_device": 6,
    "query_home_device": 9,
    "lock_home_door": 3,
    "unlock_home_door": 3,
    "run_home_scene": 3,
    "set_timer": 5,
    "set_reminder": 3,
    "set_wake_alarm": 3,
    "add_list_item": 4,
    "play_home_media": 6,
    "broadcast_home_message": 3,
    "query_home_weather": 3,
}
"""How often a function is asked for; the others 2."""
VERSION_1_SHARE = 0.12
PLACED_SHARE = 0.1  # of what has a room that is mostly not said
LATER_SHARE = 0.1  # of the orders that can wait
CONTRACTED_SHARE = 0.6  # of what is said, with the short forms of everyday speech
PLACED = (
    *(each.name for each in home2.TIMERS), "dock_home_device", "broadcast_home_message", "start_home_device",
)  # fmt: skip
ACKNOWLEDGE = ("", "", "", "", "", "okay", "sure", "all right", "of course", "got it")
_AGREED = (
    "okay",
    "sure",
    "all right",
    "done",
    "yes",
    "no ",
    "here",
    "there",
    "sorry",
    "next",
    "muted",
    "paused",
    "good",
)
_BY_FUNCTION = {
    name: tuple(each for each in PATTERNS if each.function == name)
    for name in dict.fromkeys(each.function for each in PATTERNS)
}


def pattern(rng: random.Random, function: str = "") -> IntentPattern:
    """One of a function, or of any."""
    names = list(_BY_FUNCTION)
    name = function or rng.choices(names, [SHARES.get(each, 2) for each in names])[0]
    found = _BY_FUNCTION[name]
    return rng.choices(found, [each.phrasings.count("|") + 1 for each in found])[0]


def draft(rng: random.Random) -> ExchangeDraft:
    """A request without a word around it."""
    if rng.random() < VERSION_1_SHARE:
        return _of_version_1(rng)
    drawn = pattern(rng).draw(rng, HOME_2)
    kind = rng.random()
    if kind < LATER_SHARE:
        return _put_off(rng, drawn)
    return _placed(rng, drawn) if kind < LATER_SHARE + PLACED_SHARE else drawn


def answered(rng: random.Random, drawn: ExchangeDraft, *, failure: float) -> tuple[str, str]:
    """(the service's line, what is answered)."""
    _, _, function, arguments, value, reply = drawn
    if rng.random() < failure:
        return outcomes.unhappy(rng, function, arguments)
    waits = function in ("set_reminder", "set_wake_alarm")
    if waits and rng.random() < outcomes.SCHEDULED_SHARE:
        return outcomes.later(rng, str(arguments["when"]))[0], reply
    if "when" in arguments and not waits:
        return outcomes.later(rng, str(arguments["when"]))
    if HOME_2.function(function).risk != "read" and not reply.startswith(_AGREED):
        reply = f"{rng.choice(ACKNOWLEDGE)} {reply}".strip()
    return outcomes.done(rng, function, arguments, value), reply


def finished(rng: random.Random, drawn: ExchangeDraft, *, failure: float, carried: bool = True) -> Exchange:
    """The exchange of a draft: with a carrier around it, or alone."""
    outcome, reply = answered(rng, drawn, failure=failure)
    said, phrasing = drawn.said, f"{{}} / {drawn.phrasing}"
    if carried:
        said, phrasing = around(rng, drawn.said, drawn.phrasing)
    made = Exchange(said, drawn.function, drawn.arguments, outcome, reply, phrasing, drawn.said)
    return spoken_short(made) if rng.random() < CONTRACTED_SHARE else made


def spoken_short(made: Exchange) -> Exchange:
    """With short forms; the words of an argument stay those that are said."""
    arguments: Arguments = {
        key: contracted(value) if isinstance(value, str) else value for key, value in made.arguments.items()
    }
    said, bare = contracted(made.said), contracted(made.bare_text)
    return Exchange(said, made.function, arguments, made.outcome, made.reply, made.phrasing, bare)


def exchange(rng: random.Random, *, small_talk: float = 0.1, failure: float = 0.15) -> Exchange:
    """One random exchange, of any split."""
    if rng.random() < small_talk:
        return talk.remark(rng)
    return finished(rng, draft(rng), failure=failure)


def _put_off(rng: random.Random, drawn: ExchangeDraft) -> ExchangeDraft:
    """The same for later, where the function can wait and the words are an order."""
    takes = any(each.name == "when" for each in HOME_2.function(drawn.function).arguments)
    if not takes or "when" in drawn.arguments or carriers_of(drawn.said) is not ORDERED:
        return drawn
    time = when(rng).said
    front = rng.random() < 0.25
    said = f"{time} {drawn.said}" if front else f"{drawn.said} {time}"
    phrasing = f"{{when}} {drawn.phrasing}" if front else f"{drawn.phrasing} {{when}}"
    arguments = HOME_2.validate(drawn.function, {**drawn.arguments, "when": time})
    return ExchangeDraft(said, phrasing, drawn.function, dict(arguments), "", drawn.reply)


def _placed(rng: random.Random, drawn: ExchangeDraft) -> ExchangeDraft:
    """The same with a room or a floor, where the function takes one and none is said."""
    takes = {each.name for each in HOME_2.function(drawn.function).arguments}
    where = somewhere(rng)
    if (
        drawn.function not in PLACED
        or not set(where.arguments) <= takes
        or takes & {*drawn.arguments} & {"room"}
    ):
        return drawn
    arguments = HOME_2.validate(drawn.function, {**drawn.arguments, **where.arguments})
    said, phrasing = f"{drawn.said} {where.said}", f"{drawn.phrasing} {{place}}"
    return ExchangeDraft(said, phrasing, drawn.function, dict(arguments), drawn.value, drawn.reply)


def _of_version_1(rng: random.Random) -> ExchangeDraft:
    """Nothing that version 2 has a function of its own for, and no way in by a negation."""
    while True:
        generators = home_grammar.GENERATORS
        drawn = rng.choices([m for _, m in generators], [weight for weight, _ in generators])[0](rng)
        entry_asked = HOME_2.function(drawn.function).risk == "entry"
        if "remind" not in drawn.phrasing and not (entry_asked and " not " in drawn.phrasing):
            return drawn
