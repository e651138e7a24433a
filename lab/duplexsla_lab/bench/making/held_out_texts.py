"""Texts of cases: each phrasing, and each combination of two or more values, is held out of training.

Drawn at random and thrown away until it is held out, a request would mostly be one of few arguments. So
requests are gathered by function, held-out ones alone, and a function is drawn as often as training draws it.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from duplexsla_lab.data.language.exchange import Exchange
from duplexsla_lab.data.scenarios import paper_families as families
from duplexsla_lab.data.scenarios.hesitation import with_hesitations
from duplexsla_lab.data.scenarios.scenario import ScenarioLine
from duplexsla_lab.data.splits import held_out_combination, held_out_phrasing

MAX_DRAWS = 4_000  # draws, before there is none
MAX_KINDS = 40  # of lines that are tried, before a scenario is given up
REMAINING_WORDS = {  # words that the assistant has still to say when the user's line begins
    "interrupt": families.WORDS_OVER_FEEDBACK,
    "backchannel": families.WORDS_OVER_FEEDBACK,
    "backchannel_action": families.WORDS_OVER_REQUEST,
}
EXTRA_WORDS = 8  # more, when the windows of table 3 are over


class NoHeldOutText(ValueError):
    """No text of this kind is held out of training."""


@dataclass(frozen=True, slots=True)
class HeldOutRequests:
    """HeldOutRequests-out requests of one toolset by function, and how often training draws each function.

    with_carrier: as they are said alone; without_carrier: as a clause says them.
    """

    toolset: str
    drawn: dict[str, int]
    with_carrier: dict[str, list[Exchange]]
    without_carrier: dict[str, list[Exchange]]


def gather_held_out(toolset: str, *, seed: int, draws: int) -> HeldOutRequests:
    """The held-out ones of that many random requests, each once."""
    rng = random.Random(f"{seed}-held-{toolset}")
    drawn: Counter[str] = Counter()
    with_carrier: dict[str, dict[str, Exchange]] = {}
    without_carrier: dict[str, dict[str, Exchange]] = {}
    for _ in range(draws):
        each = families.request(rng, toolset)
        function = str(each.function)
        drawn[function] += 1
        if not _held_out_values(function, each):
            continue
        if held_out_phrasing(each.phrasing):
            with_carrier.setdefault(function, {}).setdefault(each.said, each)
        if held_out_phrasing(families.without_carrier_phrase(each).phrasing):
            without_carrier.setdefault(function, {}).setdefault(each.bare_text, each)
    return HeldOutRequests(
        toolset,
        dict(drawn),
        *({f: list(d.values()) for f, d in each.items()} for each in (with_carrier, without_carrier)),
    )


def _held_out_values(function: str, each: Exchange) -> bool:
    return len(each.arguments) < 2 or held_out_combination(function, each.arguments)


def is_held_out(line: ScenarioLine) -> bool:
    """Whether nothing of the line is in training."""
    combinations = (
        len(each.arguments) < 2 or held_out_combination(each.name, each.arguments) for each in line.calls
    )
    return all(map(held_out_phrasing, line.phrasings)) and all(combinations)


def request(pool: dict[str, list[Exchange]], drawn: dict[str, int]) -> families.Draw:
    """Draws requests of a pool in the way of `families.request`."""

    def draw(rng: random.Random, toolset: str, *, asking: bool | None = None) -> Exchange:
        names = [name for name in pool if asking in (None, name.startswith(families.ASKING))]
        if not names:
            raise NoHeldOutText(f"no request of the {toolset}")
        return rng.choice(pool[rng.choices(names, [drawn[name] for name in names])[0]])

    return draw


class CaseTextSampler:
    """Samples the two lines of a case: the one before it, and its own."""

    def __init__(self, requests: HeldOutRequests) -> None:
        self._toolset = requests.toolset
        self._with_carrier, self._without_carrier = (
            request(requests.with_carrier, requests.drawn),
            request(requests.without_carrier, requests.drawn),
        )
        self._impossible: set[tuple[str, object]] = set()

    def lines(self, scenario: str, rng: random.Random) -> tuple[ScenarioLine, ScenarioLine]:
        """(what was talked about before, the case's line). Raises NoHeldOutText."""
        if scenario not in REMAINING_WORDS:
            before = self._exchange(rng).after(rng, 1.0)
            return before, _without_unscored_answer(
                replace(self._own(scenario, rng), silence_s=rng.uniform(0.5, 1.5))
            )
        remaining = REMAINING_WORDS[scenario]
        before = self._first_held_out(lambda: families.talk(rng, self._toolset, words=30)).after(rng, 1.0)
        at = rng.randint(families.FIRST_WORDS, before.answer_words - remaining)
        own = replace(self._over(scenario, rng), over_words=at)
        return _shortened(before, at + remaining + EXTRA_WORDS), _without_unscored_answer(own)

    def _exchange(self, rng: random.Random) -> ScenarioLine:
        return self._own("single" if rng.random() < 0.5 else "normal", rng)

    def _own(self, scenario: str, rng: random.Random) -> ScenarioLine:
        if scenario == "single":
            return families.single(rng, self._toolset, draw=self._with_carrier)[0]
        if scenario == "multi":
            return families.multi(rng, self._toolset, draw=self._without_carrier)[0]
        if scenario == "normal":
            return self._first_held_out(lambda: families.asked(rng, self._toolset))
        return self._first_held_out(lambda: _hesitant(rng, self._toolset), lambda line: bool(line.pauses))

    def _over(self, scenario: str, rng: random.Random) -> ScenarioLine:
        """A line over the assistant's speech; the kinds of lines come as often as in training."""

        def draw() -> ScenarioLine:
            if scenario == "backchannel":
                return families.backchannel(rng, self._toolset)[1]
            if scenario == "interrupt":
                return families.interrupt(rng, self._toolset, draw=self._without_carrier)[1]
            mixed = self._without_carrier if rng.random() < 0.5 else self._with_carrier
            return families.backchannel_action(rng, self._toolset, draw=mixed)[1]

        for _ in range(MAX_KINDS):
            kind = _kind(draw())
            if (scenario, kind) in self._impossible:
                continue
            try:
                return self._first_held_out(draw, lambda line: _kind(line) == kind)  # noqa: B023
            except NoHeldOutText:
                self._impossible.add((scenario, kind))
        raise NoHeldOutText(f"no line of {scenario} in the {self._toolset}")

    def _first_held_out(
        self, draw: Callable[[], ScenarioLine], fits: Callable[[ScenarioLine], bool] = lambda line: True
    ) -> ScenarioLine:
        """The first draw that is held out and fits."""
        for _ in range(MAX_DRAWS):
            if is_held_out(line := draw()) and fits(line):
                return line
        raise NoHeldOutText(f"no such line of the {self._toolset}")


def _hesitant(rng: random.Random, toolset: str) -> ScenarioLine:
    return with_hesitations(families.asked(rng, toolset), rng, times=rng.choice((1, 1, 2, 3)))


def _without_unscored_answer(line: ScenarioLine) -> ScenarioLine:
    """With no more of an answer than is scored: its onset, and none of a call's or an interrupt's."""
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
    """What distinguishes the ways in which a scenario's line is built."""
    return len(line.phrasings), len(line.calls), len(line.actions)
