"""Every call that the grammar of the home draws is the same call of the toolset's next version."""

import random

from duplexsla.tools.home import HOME
from duplexsla.tools.home2 import HOME_2
from duplexsla_lab.data.home.grammar import exchange


def test_every_call_that_data_and_bench_are_made_of_is_a_call_of_version_2() -> None:
    rng, seen = random.Random(0), set()
    for _ in range(2_000):
        drawn = exchange(rng)
        if drawn.function is not None:
            seen.add(drawn.function)
            assert HOME_2.validate(drawn.function, drawn.arguments) == drawn.arguments
    assert seen == set(HOME.function_names)
