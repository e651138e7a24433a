"""Vocabularies for tests: a rich one of whole words, and the poorest that is allowed."""

from duplexsla.protocol.tokens import CONTROL, PRINTABLE, Vocabulary, build_vocabulary
from duplexsla.tools import TOOLSETS

_FUNCTIONS = [name for toolset in TOOLSETS.values() for name in toolset.function_names]
_ARGUMENTS = [name for toolset in TOOLSETS.values() for name in toolset.argument_names]
TEXTS = [
    *(choice for toolset in TOOLSETS.values() for each in toolset.functions
      for argument in each.arguments for choice in argument.choices),
    *(str(number) for number in range(0, 310, 7)), "milk and honey", "turning on the light",
    "increasing humming",
]  # fmt: skip

RICH = build_vocabulary(TEXTS, 1_000, _FUNCTIONS, _ARGUMENTS)
POOR = Vocabulary(list(dict.fromkeys([*CONTROL, *PRINTABLE])))
