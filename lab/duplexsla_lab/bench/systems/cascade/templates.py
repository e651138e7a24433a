"""Ways to ask, learned from examples: their words with slots for values, and what they can mean."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from duplexsla.errors import ActionRefused
from duplexsla.tools.schema import Toolset
from duplexsla_lab.bench.systems.cascade.cooccurrence import CooccurrenceCounts
from duplexsla_lab.bench.systems.cascade.slot_values import SlotValues, without_values
from duplexsla_lab.bench.systems.cascade.training_texts import Example
from duplexsla_lab.data.language.exchange import Arguments, Value

Fixed = tuple[tuple[str, Value], ...]


@dataclass(slots=True)
class Meaning:
    """A function (None: small talk, answered with `reply`) with the arguments that the words imply."""

    function: str | None
    fixed: Fixed
    reply: str = ""
    count: int = 0

    @property
    def kind(self) -> tuple[str | None, tuple[str, ...]]:
        return self.function, tuple(name for name, _ in self.fixed)


@dataclass(slots=True)
class Template:
    """tokens: words, and {argument} for slots."""

    tokens: tuple[str, ...]
    meanings: list[Meaning]

    @property
    def count(self) -> int:
        return sum(meaning.count for meaning in self.meanings)


@dataclass(frozen=True, slots=True)
class Interpretation:
    """What a template means with its slots filled."""

    function: str | None
    arguments: Arguments
    reply: str


class Templates:
    """All templates of the examples; `values` learns how values are said."""

    def __init__(self, examples: Iterable[Example], toolset: Toolset, values: SlotValues) -> None:
        self._toolset, self._counts = toolset, CooccurrenceCounts()
        self._implied: dict[object, set[Fixed]] = defaultdict(set)  # by kind of meaning, all that there are
        found: dict[tuple[str, ...], dict[object, Meaning]] = defaultdict(dict)
        for example in examples:
            tokens, phrases = without_values(example.text.split(), example.arguments)
            fixed = tuple(each for each in example.arguments.items() if each[0] not in phrases)
            meaning = Meaning(example.function, fixed, example.reply)
            meaning = found[tuple(tokens)].setdefault((example.function, fixed), meaning)
            meaning.count += 1
            self._implied[meaning.kind].add(fixed)
            self._counts.add(example.function, example.arguments)
            for name, phrase in phrases.items():
                values.learn(name, example.arguments[name], phrase)
        self.all = [Template(tokens, list(meanings.values())) for tokens, meanings in found.items()]

    def interpret(self, template: Template, slots: Mapping[str, Value]) -> Interpretation | None:
        """The likeliest meaning whose arguments the schema takes; None when it takes none."""
        likely = sorted(self._likely(template, slots), key=lambda each: -each[0])
        for _, meaning in likely:
            if meaning.function is None:
                return Interpretation(None, {}, meaning.reply)
            arguments = self._taken(meaning.function, {**dict(meaning.fixed), **slots})
            if arguments is not None:
                return Interpretation(meaning.function, arguments, "")
        return None

    def _taken(self, function: str, arguments: Arguments) -> Arguments | None:
        """The arguments if the schema takes them and every choice is one that the function has had."""
        try:
            valid = dict(self._toolset.validate(function, arguments))
        except ActionRefused:
            return None
        choices = [each.name for each in self._toolset.by_name[function].arguments if each.kind == "choice"]
        had = all(self._counts.seen(function, (name, valid[name])) for name in choices if name in valid)
        return valid if had else None

    def _likely(self, template: Template, slots: Mapping[str, Value]) -> Iterator[tuple[float, Meaning]]:
        """The template's own meanings, and what others of the same kind imply: "at {value}" means the
        brightness of a light and the temperature of a heater, whichever of them the examples had."""
        own = {(each.function, each.fixed): each for each in template.meanings}
        for kind in {each.kind for each in template.meanings}:
            for fixed in self._implied[kind]:
                meaning = own.get((kind[0], fixed), Meaning(kind[0], fixed))
                yield self._counts.log_likelihood(meaning.function, fixed, slots, meaning.count), meaning
