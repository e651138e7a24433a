"""A thing and where it is, an amount and its unit: two arguments that are said as one phrase."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from duplexsla_lab.data.language.exchange import Value

OF = {"device": "room", "setting": "zone", "value": "unit"}  # head -> what may modify it
BETWEEN = frozenset(("in", "of", "on", "for", "at", "the", "my", "our"))
LONGEST_BETWEEN = 2  # words
BEHIND = frozenset(("side", "seats"))

Slots = tuple[tuple[str, Value], ...]


class Filler(NamedTuple):
    """Words up to `end` as a value, and what modifies it; unknown: a free text that no example had."""

    end: int
    value: Value
    known: bool = True
    modifiers: Slots = ()


Fillers = dict[str, dict[int, list[Filler]]]  # by argument and first word


def merged(tokens: Sequence[str]) -> list[str]:
    """A template's tokens with every such phrase as the slot of its head alone."""
    left = list(tokens)
    for head, modifier in OF.items():
        slots = {name: _places(left, name) for name in (head, modifier)}
        for at in sorted(slots[head], reverse=True):
            first, filler = max(_phrases(left, slots, head, at), key=lambda each: each[1].end - each[0])
            left[first : filler.end] = [f"{{{head}}}"]
    return left


def _places(tokens: Sequence[str], name: str) -> dict[int, list[Filler]]:
    return {at: [Filler(at + 1, "")] for at, token in enumerate(tokens) if token == f"{{{name}}}"}


def with_compounds(fillers: Mapping[str, Mapping[int, list[Filler]]], words: Sequence[str]) -> Fillers:
    """The fillers, those of heads also together with what modifies them."""
    found: Fillers = {name: {at: list(each) for at, each in by.items()} for name, by in fillers.items()}
    for head in OF.keys() & fillers.keys():
        for at in fillers[head]:
            for first, filler in _phrases(words, fillers, head, at):
                if filler.modifiers:
                    found[head].setdefault(first, []).append(filler)
    return found


def _phrases(
    words: Sequence[str], fillers: Mapping[str, Mapping[int, list[Filler]]], head: str, at: int
) -> Iterator[tuple[int, Filler]]:
    """Every phrase around a head at `at`, with its first word: alone, its modifier before or behind it."""
    modifier = OF[head]
    modifiers = fillers.get(modifier, {})
    for filler in fillers[head][at]:
        yield at, filler
        for first, each in ((first, each) for first, all_ in modifiers.items() for each in all_):
            found = ((modifier, each.value),)
            if each.end == at:
                yield first, filler._replace(modifiers=found)
            elif first >= filler.end and _joined(words[filler.end : first]):
                end = each.end + (words[each.end : each.end + 1] != [] and words[each.end] in BEHIND)
                yield at, filler._replace(end=end, modifiers=found)


def _joined(between: Sequence[str]) -> bool:
    return len(between) <= LONGEST_BETWEEN and set(between) <= BETWEEN
