"""What people ask of a home, the call it means, and what the assistant answers to each outcome.

A request is made from a phrasing (a template) and typed argument values; `exchange` draws one of any split.
"""

import random
from collections.abc import Callable, Mapping

from duplexsla_lab.data.home.devices import named, open_close
from duplexsla_lab.data.home.doors import alarm, door, scene
from duplexsla_lab.data.home.lists import ITEMS as ITEMS
from duplexsla_lab.data.home.lists import item
from duplexsla_lab.data.home.queries import query
from duplexsla_lab.data.home.remarks import remark
from duplexsla_lab.data.home.settings import change, set_property
from duplexsla_lab.data.home.timers import cancel, timer
from duplexsla_lab.data.language.carrier_phrases import with_carrier
from duplexsla_lab.data.language.exchange import Exchange, ExchangeDraft, Value

GENERATORS: tuple[tuple[int, Callable[[random.Random], ExchangeDraft]], ...] = (
    (5, lambda rng: open_close(rng, opening=True)),
    (5, lambda rng: open_close(rng, opening=False)),
    (8, set_property),
    (4, lambda rng: change(rng, up=True)),
    (4, lambda rng: change(rng, up=False)),
    (5, query),
    (2, lambda rng: door(rng, lock=True)),
    (2, lambda rng: door(rng, lock=False)),
    (2, lambda rng: alarm(rng, arm=True)),
    (1, lambda rng: alarm(rng, arm=False)),
    (2, scene),
    (4, timer),
    (2, cancel),
    (3, item),
)
# Outcome -> (how often, what is answered).
FAILURES: dict[str, tuple[int, tuple[str, ...]]] = {
    " [ failed]": (
        3,
        ("sorry {thing} can not do that", "that did not work with {thing}", "sorry {thing} said no"),
    ),
    " [ silent]": (
        6,
        ("sorry {thing} did not answer", "i can not reach {thing}", "there is no answer from {thing}"),
    ),
    " [ late]": (
        2,
        ("sorry that took too long", "sorry {thing} took too long", "it took too long to reach {thing}"),
    ),
    " [ refused]": (1, ("sorry i can not do that", "sorry i can not do that with {thing}")),
}
ACKNOWLEDGE = ("", "", "", "", "okay", "okay", "sure", "all right", "of course", "yes", "got it")


def _thing(function: str, arguments: Mapping[str, Value]) -> str:
    """What a failure reply names."""
    if "device" in arguments:
        return named(arguments)
    for key, shape in (("door", "the {}"), ("scene", "the {} scene"), ("list", "the {} list")):
        if key in arguments:
            return shape.format(arguments[key])
    return "the timer" if function.endswith("_timer") else "the alarm"


def _failure(rng: random.Random, thing: str) -> tuple[str, str]:
    """(outcome, reply) of a request that came to nothing."""
    outcome = rng.choices(list(FAILURES), [share for share, _ in FAILURES.values()])[0]
    return outcome, rng.choice(FAILURES[outcome][1]).format(thing=thing)


def exchange(rng: random.Random, *, small_talk: float = 0.1, failure: float = 0.15) -> Exchange:
    """One random exchange, of any split."""
    if rng.random() < small_talk:
        return remark(rng)
    generator = rng.choices([m for _, m in GENERATORS], [weight for weight, _ in GENERATORS])[0]
    text, template, function, arguments, value, reply = generator(rng)
    said, phrasing = with_carrier(rng, text, template)
    outcome = f" [ done {value}]" if value else " [ done]"
    if rng.random() < failure:
        outcome, reply = _failure(rng, _thing(function, arguments))
    elif not function.startswith("query"):
        reply = f"{rng.choice(ACKNOWLEDGE)} {reply}".strip()
    return Exchange(said, function, arguments, outcome, reply, phrasing, text)
