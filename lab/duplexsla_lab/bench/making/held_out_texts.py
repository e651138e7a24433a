"""Texts of cases: each phrasing, and each combination of two or more values, is held out of training.

Drawn at random and thrown away until it is held out, a request would mostly be one of few arguments. So
requests are gathered by function, held-out ones alone, and a function is drawn as often as training draws it.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from duplexsla_lab.data.language import scenarios
from duplexsla_lab.data.language.exchange import Exchange
from duplexsla_lab.data.language.hesitation import with_hesitations
from duplexsla_lab.data.language.scenario import ScenarioLine
from duplexsla_lab.data.splits import held_out_combination, held_out_phrasing

TRIES = 4_000  # draws, before there is none
KINDS = 40  # of lines that are tried, before a scenario is given up
SPARE = {  # words that the assistant has still to say when the user's line begins
    "interrupt": scenarios.WORDS_OVER_FEEDBACK,
    "backchannel": scenarios.WORDS_OVER_FEEDBACK,
    "backchannel_action": scenarios.WORDS_OVER_REQUEST,
}
SPARE_WORDS = 8  # more, when the windows of table 3 are over


class NothingHeld(ValueError):
    """The grammars hold nothing of this kind out of training."""


@dataclass(frozen=True, slots=True)
class Held:
    """Held-out requests of one toolset by function, and how often training draws each function.

    framed: as they are said alone; bare: as a clause says them.
    """

    toolset: str
    drawn: dict[str, int]
    framed: dict[str, list[Exchange]]
    bare: dict[str, list[Exchange]]


def gather(toolset: str, *, seed: int, draws: int) -> Held:
    """The held-out ones of that many random requests, each once."""
    rng = random.Random(f"{seed}-held-{toolset}")
    drawn: Counter[str] = Counter()
    framed: dict[str, dict[str, Exchange]] = {}
    bare: dict[str, dict[str, Exchange]] = {}
    for _ in range(draws):
        each = scenarios.request(rng, toolset)
        function = str(each.function)
        drawn[function] += 1
        if not _held_values(function, each):
            continue
        if held_out_phrasing(each.phrasing):
            framed.setdefault(function, {}).setdefault(each.said, each)
        if held_out_phrasing(scenarios.without_carrier_phrase(each).phrasing):
            bare.setdefault(function, {}).setdefault(each.bare_text, each)
    return Held(
        toolset, dict(drawn), *({f: list(d.values()) for f, d in each.items()} for each in (framed, bare))
    )


def _held_values(function: str, each: Exchange) -> bool:
    return len(each.arguments) < 2 or held_out_combination(function, each.arguments)


def is_held(line: ScenarioLine) -> bool:
    """Whether nothing of the line is in training."""
    combinations = (
        len(each.arguments) < 2 or held_out_combination(each.name, each.arguments) for each in line.calls
    )
    return all(map(held_out_phrasing, line.phrasings)) and all(combinations)


def request(pool: dict[str, list[Exchange]], drawn: dict[str, int]) -> scenarios.Draw:
    """Draws requests of a pool in the way of `scenarios.request`."""

    def draw(rng: random.Random, toolset: str, *, asking: bool | None = None) -> Exchange:
        names = [name for name in pool if asking in (None, name.startswith(scenarios.ASKING))]
        if not names:
            raise NothingHeld(f"no request of the {toolset}")
        return rng.choice(pool[rng.choices(names, [drawn[name] for name in names])[0]])

    return draw


class Drawer:
    """Draws the two lines of a case: the one before it, and its own."""

    def __init__(self, held: Held) -> None:
        self._toolset = held.toolset
        self._framed, self._bare = request(held.framed, held.drawn), request(held.bare, held.drawn)
        self._barren: set[tuple[str, object]] = set()

    def lines(self, scenario: str, rng: random.Random) -> tuple[ScenarioLine, ScenarioLine]:
        """(what was talked about before, the case's line). Raises NothingHeld."""
        if scenario not in SPARE:
            before = self._exchange(rng).after(rng, 1.0)
            return before, _unheard(replace(self._own(scenario, rng), silence_s=rng.uniform(0.5, 1.5)))
        spare = SPARE[scenario]
        before = self._kept(lambda: scenarios.talk(rng, self._toolset, words=30)).after(rng, 1.0)
        at = rng.randint(scenarios.FIRST_WORDS, before.answer_words - spare)
        own = replace(self._over(scenario, rng), over_words=at)
        return _shortened(before, at + spare + SPARE_WORDS), _unheard(own)

    def _exchange(self, rng: random.Random) -> ScenarioLine:
        return self._own("single" if rng.random() < 0.5 else "normal", rng)

    def _own(self, scenario: str, rng: random.Random) -> ScenarioLine:
        if scenario == "single":
            return scenarios.single(rng, self._toolset, draw=self._framed)[0]
        if scenario == "multi":
            return scenarios.multi(rng, self._toolset, draw=self._bare)[0]
        if scenario == "normal":
            return self._kept(lambda: scenarios.asked(rng, self._toolset))
        return self._kept(lambda: _hesitant(rng, self._toolset), lambda line: bool(line.pauses))

    def _over(self, scenario: str, rng: random.Random) -> ScenarioLine:
        """A line over the assistant's speech; the kinds of lines come as often as in training."""

        def draw() -> ScenarioLine:
            if scenario == "backchannel":
                return scenarios.backchannel(rng, self._toolset)[1]
            if scenario == "interrupt":
                return scenarios.interrupt(rng, self._toolset, draw=self._bare)[1]
            mixed = self._bare if rng.random() < 0.5 else self._framed
            return scenarios.backchannel_action(rng, self._toolset, draw=mixed)[1]

        for _ in range(KINDS):
            kind = _kind(draw())
            if (scenario, kind) in self._barren:
                continue
            try:
                return self._kept(draw, lambda line: _kind(line) == kind)  # noqa: B023
            except NothingHeld:
                self._barren.add((scenario, kind))
        raise NothingHeld(f"no line of {scenario} in the {self._toolset}")

    def _kept(
        self, draw: Callable[[], ScenarioLine], fits: Callable[[ScenarioLine], bool] = lambda line: True
    ) -> ScenarioLine:
        """The first draw that is held out and fits."""
        for _ in range(TRIES):
            if is_held(line := draw()) and fits(line):
                return line
        raise NothingHeld(f"no such line of the {self._toolset}")


def _hesitant(rng: random.Random, toolset: str) -> ScenarioLine:
    return with_hesitations(scenarios.asked(rng, toolset), rng, times=rng.choice((1, 1, 2, 3)))


def _unheard(line: ScenarioLine) -> ScenarioLine:
    """With no more of an answer than is judged: its onset, and none of a call's or an interrupt's."""
    return line.answering(
        line.answer[:1] if len(line.actions) == 1 and line.actions[0].name == "response" else ()
    )


def _shortened(line: ScenarioLine, words: int) -> ScenarioLine:
    """With as many sentences of its answer as have so many words."""
    kept: list[str] = []
    for sentence in line.answer:
        if sum(len(each.split()) for each in kept) < words:
            kept.append(sentence)
    return line.answering(tuple(kept))


def _kind(line: ScenarioLine) -> object:
    """What tells the ways apart in which a scenario's line is built."""
    return len(line.phrasings), len(line.calls), len(line.actions)
