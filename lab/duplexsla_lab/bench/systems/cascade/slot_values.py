"""How the values of arguments are said: learned from examples, completed from schemas and number words."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from duplexsla.tools.schema import Argument, Toolset
from duplexsla_lab.bench.number_words import digits_for_words
from duplexsla_lab.bench.systems.cascade.compounds import Filler, Fillers, merged, with_compounds
from duplexsla_lab.data.language.exchange import Value
from duplexsla_lab.data.language.spoken_numbers import ordinal, spoken, spoken_value

ORDINALS = {ordinal(number): number for number in range(1, 21)}
DIGITS = {spoken(digit): str(digit) for digit in range(10)}
LONGEST_NUMBER, LONGEST_TEXT = 6, 6  # words
LEAST_DIALED = 3  # digits


def spoken_forms(value: Value) -> list[str]:
    """Ways to say a value, the usual one first."""
    forms = [spoken_value(value)]
    if isinstance(value, str):
        if value.isdigit():
            forms.append(" ".join(spoken(int(digit)) for digit in value))
        if value.endswith("s"):
            forms.append(value[:-1])  # "one minute"
    elif isinstance(value, int) and 0 < value <= len(ORDINALS):
        forms.append(ordinal(value))
    return forms


class SlotValues:
    """What the arguments of a toolset can be, by the argument's name."""

    def __init__(self, toolset: Toolset) -> None:
        arguments = [argument for function in toolset.functions for argument in function.arguments]
        self._phrases: dict[str, dict[str, Value]] = defaultdict(dict)  # first word -> phrase -> value
        self._named: dict[str, dict[str, Value]] = defaultdict(dict)  # name -> phrase -> value
        self._numbers = {each.name for each in arguments if each.takes_number}
        self._texts = {each.name for each in arguments if each.kind == "text"}
        self._dialed: set[str] = set()
        for argument in arguments:
            self._learn_choices(argument)

    def _learn_choices(self, argument: Argument) -> None:
        for choice in argument.choices:
            for form in spoken_forms(choice):
                self.learn(argument.name, choice, form)

    def learn(self, name: str, value: Value, phrase: str) -> None:
        if isinstance(value, str) and value.isdigit():
            self._dialed.add(name)
        elif isinstance(value, str):
            self._named[name].setdefault(phrase, value)

    def words(self) -> set[str]:
        """All words of values."""
        return {word for phrases in self._named.values() for phrase in phrases for word in phrase.split()}

    def fillers(self, words: Sequence[str]) -> Fillers:
        """By argument and first word, what can stand there."""
        found: dict[str, dict[int, list[Filler]]] = defaultdict(lambda: defaultdict(list))
        for at in range(len(words)):
            for name, filler in self._starting(words, at):
                found[name][at].append(filler)
        return with_compounds(found, words)

    def _starting(self, words: Sequence[str], at: int) -> Iterator[tuple[str, Filler]]:
        numbers = list(_numbers(words, at))
        dialed = list(_dialed(words, at))
        for name in self._numbers:
            yield from ((name, filler) for filler in numbers)
        for name in self._dialed:
            yield from ((name, filler) for filler in dialed)
        for end in range(min(len(words), at + LONGEST_TEXT), at, -1):
            phrase = " ".join(words[at:end])
            for name, phrases in self._named.items():
                if phrase in phrases:
                    yield name, Filler(end, phrases[phrase])
            for name in self._texts:
                if phrase not in self._named[name]:
                    yield name, Filler(end, phrase, known=False)


def _numbers(words: Sequence[str], at: int) -> Iterator[Filler]:
    for end in range(min(len(words), at + LONGEST_NUMBER), at, -1):
        said = words[at:end]
        if " ".join(said) in ORDINALS:
            yield Filler(end, ORDINALS[" ".join(said)])
        digits = digits_for_words(said)
        if len(digits) == 1 and digits[0].replace(".", "", 1).isdigit():
            yield Filler(end, float(digits[0]) if "." in digits[0] else int(digits[0]))


def _dialed(words: Sequence[str], at: int) -> Iterator[Filler]:
    end = at
    while end < len(words) and words[end] in DIGITS:
        end += 1
    if end - at >= LEAST_DIALED:
        yield Filler(end, "".join(DIGITS[word] for word in words[at:end]))


def without_values(words: Sequence[str], arguments: Mapping[str, Value]) -> tuple[list[str], dict[str, str]]:
    """The words with {argument} where its value is said, and the phrase of each value that was found.

    An argument that stands beside another one (compounds.py) has no slot of its own.
    """
    left, phrases = list(words), dict[str, str]()
    # "level two" is an amount before it is a property.
    by_length = sorted(
        arguments.items(), key=lambda each: (-len(spoken_value(each[1]).split()), each[0] == "property")
    )
    for name, value in by_length:
        for form in spoken_forms(value):
            at = _place(left, form.split())
            if at is not None:
                left[at : at + len(form.split())] = [f"{{{name}}}"]
                phrases[name] = form
                break
    return merged(left), phrases


def _place(words: Sequence[str], part: Sequence[str]) -> int | None:
    starts = range(len(words) - len(part) + 1)
    return next((at for at in starts if list(words[at : at + len(part)]) == list(part)), None)
