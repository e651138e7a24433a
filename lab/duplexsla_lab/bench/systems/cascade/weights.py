"""What a word says about the function that is meant: how far it moves the odds of the functions.

"unlock" says nearly all, "up" little, "the" nothing, and the politeness around requests nothing either.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable

from duplexsla_lab.bench.systems.cascade.templates import Template
from duplexsla_lab.data.language.carrier_phrases import ORDERED
from duplexsla_lab.data.language.fillers import FILLERS
from duplexsla_lab.data.language.spoken_numbers import spoken

LEAST, MOST = 0.5, 5.0  # weight of a word
NAT_WEIGHT = 1.2  # weight of one nat
PRIOR = 1.0  # templates of prior weight, for every word
NUMBER = 2.5  # least weight of a number that a template has in words
UNKNOWN = 1.0  # weight of a word that no template has
SLOT = 2.5  # weight of a slot that is filled with a known value
FREE = 0.5  # and with a free text that no example had
VALUE = 1.5  # least cost of a word of a value that no slot takes
POLITE = 0.2  # cost of a word that stands around requests
POLITE_WORDS = frozenset((*" ".join(ORDERED).replace("{}", "").split(), *FILLERS))
NUMBER_WORDS = frozenset(word for number in range(101) for word in spoken(number).split())


class WordWeights:
    """Weights of words, by the functions of the templates that hold them."""

    def __init__(self, templates: Iterable[Template], value_words: Iterable[str]) -> None:
        functions: Counter[str | None] = Counter()
        words: dict[str, Counter[str | None]] = defaultdict(Counter)
        for template in templates:
            function = template.meanings[0].function
            functions[function] += 1
            for word in set(template.tokens):
                words[word][function] += 1
        self._weights = {word: _weight(word, counts, functions) for word, counts in words.items()}
        self._value_words = frozenset(value_words)

    def __getitem__(self, token: str) -> float:
        return SLOT if token.startswith("{") else self._weights.get(token, UNKNOWN)

    def cost(self, word: str) -> float:
        """What a word costs that a template does not have."""
        if word in POLITE_WORDS:
            return POLITE
        least = VALUE if word in self._value_words else 0.0
        return max(least, self._weights.get(word, LEAST))


def _weight(word: str, counts: Counter[str | None], functions: Counter[str | None]) -> float:
    """The divergence of the functions with the word from all functions, in nats, as a weight."""
    all_, with_word = functions.total(), counts.total()
    information = 0.0
    for function, count in functions.items():
        usual = count / all_
        now = (counts[function] + PRIOR * usual) / (with_word + PRIOR)
        information += now * math.log(now / usual)
    least = NUMBER if word in NUMBER_WORDS else LEAST
    return min(MOST, max(least, LEAST + NAT_WEIGHT * information))
