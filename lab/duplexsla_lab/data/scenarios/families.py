"""Draws conversations of every family, as text: the paper's (section 3.1), and those of version 2's home."""

import random
from collections.abc import Callable

from duplexsla_lab.data.scenarios.home_families import HOME_2_GENERATORS
from duplexsla_lab.data.scenarios.paper_families import PAPER_GENERATORS
from duplexsla_lab.data.scenarios.scenario import Scenario, ScenarioLine

GENERATORS = PAPER_GENERATORS
_ALL: dict[str, Callable[..., tuple[ScenarioLine, ...]]] = {**PAPER_GENERATORS, **HOME_2_GENERATORS}


def taught(toolset: str, version: int) -> str:
    """The name under which a toolset's requests are drawn in a version: "home", "home@2"."""
    return toolset if version == 1 else f"{toolset}@{version}"


def scenario(rng: random.Random, *, toolset: str, family: str) -> Scenario:
    """One random scenario, of any split. `toolset`: as `taught` names it."""
    lines = [
        line if line.over_words is not None else line.after(rng, 2.0) for line in _ALL[family](rng, toolset)
    ]
    return Scenario(family, toolset.partition("@")[0], tuple(lines))


def scenario_of_split(rng: random.Random, *, toolset: str, family: str, split: str) -> Scenario:
    """One random scenario of a split: "train", "voices" (the same texts), "combinations" or "phrasings".

    Raises ValueError where the family has none: small talk has no argument combinations.
    """
    wanted = "train" if split == "voices" else split
    for _ in range(2_000):
        drawn = scenario(rng, toolset=toolset, family=family)
        if drawn.split == wanted:
            return drawn
    raise ValueError(f"the split {split} holds no scenario of {family} in the {toolset}")


def joined(scenarios: list[Scenario]) -> Scenario:
    """One long conversation of several, of one toolset; it has the family of the last."""
    toolsets = {each.toolset for each in scenarios}
    if len(toolsets) != 1:
        raise ValueError("a conversation has one toolset")
    lines = tuple(line for each in scenarios for line in each.lines)
    return Scenario(scenarios[-1].family, toolsets.pop(), lines)
