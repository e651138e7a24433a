"""What holds for every function of every toolset."""

import copy
import json
import random
from typing import Any

import pytest
from tests.support.valid_calls import valid_arguments

from duplexsla.errors import ActionRefused, DeviceRefused
from duplexsla.home.simulated_home import DEFAULTS, SimulatedHome
from duplexsla.home.simulated_home import FUNCTIONS as IMPLEMENTED
from duplexsla.tools import TOOLSETS, Function

NOW_MS = 1_700_000_000_000
FUNCTIONS = [(name, function) for name, toolset in TOOLSETS.items() for function in toolset.functions]


@pytest.fixture
def home() -> SimulatedHome:
    return SimulatedHome()


@pytest.mark.parametrize(("toolset", "function"), FUNCTIONS, ids=lambda each: getattr(each, "name", each))
def test_every_function_does_something_real_or_says_why_not(toolset: str, function: Function) -> None:
    real = 0
    for seed in range(100):
        rng, home = random.Random(seed), SimulatedHome()
        _use(home, toolset, rng)
        real += _does_something(home, toolset, function, valid_arguments(function, rng))
        if real == 2:
            return
    pytest.fail(f"only {real} of 100 calls did something")


def _does_something(home: SimulatedHome, toolset: str, function: Function, arguments: dict[str, Any]) -> bool:
    before = copy.deepcopy(home.snapshot())
    try:
        result = home.perform(toolset, function.name, arguments, now_ms=NOW_MS)
    except DeviceRefused as refusal:
        assert str(refusal)
        assert home.snapshot() == before
        return False
    json.dumps([result, home.snapshot()], allow_nan=False)
    if function.name.startswith("query_"):
        assert home.snapshot() == before
        return "value" in result
    return home.snapshot() != before


def test_every_function_of_every_toolset_is_there() -> None:
    for name, toolset in TOOLSETS.items():
        assert set(IMPLEMENTED[name]) == set(toolset.function_names)


def test_a_home_never_changes_another_nor_the_defaults() -> None:
    untouched = copy.deepcopy(DEFAULTS)
    mine, other = SimulatedHome(), SimulatedHome()
    rng = random.Random(7)
    for _ in range(5):
        for toolset in TOOLSETS:
            _use(mine, toolset, rng)
    assert mine.snapshot() != other.snapshot()
    assert other.snapshot() == untouched == DEFAULTS


def test_a_plan_changes_nothing(home: SimulatedHome) -> None:
    change = home.plan("home", "open_home_device", {"device": "light", "room": "attic"}, now_ms=NOW_MS)
    assert change.updates
    assert home.snapshot() == SimulatedHome().snapshot()


def test_what_the_schema_refuses_never_reaches_a_device(home: SimulatedHome) -> None:
    with pytest.raises(ActionRefused):
        home.perform("home", "open_home_device", {"device": "volcano"}, now_ms=NOW_MS)
    with pytest.raises(ActionRefused):
        home.perform("home", "open_pod_bay_doors", {}, now_ms=NOW_MS)


def _use(home: SimulatedHome, toolset: str, rng: random.Random) -> None:
    """Some valid calls, so that there is something to cancel, skip, select and close."""
    for function in TOOLSETS[toolset].functions:
        try:
            home.perform(toolset, function.name, valid_arguments(function, rng), now_ms=NOW_MS - 500)
        except DeviceRefused:
            continue
