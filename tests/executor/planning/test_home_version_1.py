"""Every call of the first version of the toolset means the device that the simulated home takes it for."""

import random

import pytest
from tests.support.valid_calls import valid_arguments

from duplexsla.executor.planning.home_names import HomeNames
from duplexsla.executor.planning.planning import plan
from duplexsla.executor.planning.plans import CannotDo, HomePlan
from duplexsla.executor.planning.resolver import Ambiguous, Situation
from duplexsla.home.devices import HOME_DEFAULTS
from duplexsla.home.house import located
from duplexsla.home.registry import ENTITIES, registry
from duplexsla.tools.home import HOME
from duplexsla.tools.schema import Function
from duplexsla_lab.data.home.grammar import exchange

NAMES = HomeNames(registry())
DEVICES = [function for function in HOME.functions if function.name.endswith("home_device")]


@pytest.mark.parametrize("function", DEVICES, ids=lambda function: function.name)
def test_any_valid_call_means_the_device_that_the_simulated_home_takes(function: Function) -> None:
    """Without a room in the session: the one said, the only one, the one used last, the main one."""
    rng = random.Random(function.name)
    for _ in range(300):
        arguments = valid_arguments(function, rng)
        assert meant(function.name, arguments) in (None, expected(arguments)), arguments


def test_every_call_that_data_and_bench_are_made_of_is_done_on_what_the_simulated_home_takes() -> None:
    rng, seen = random.Random(0), set()
    for _ in range(2_000):
        drawn = exchange(rng)
        if drawn.function is None:
            continue
        result = plan(drawn.function, drawn.arguments, NAMES)
        assert isinstance(result, HomePlan), (drawn.function, drawn.arguments, result)
        (step,) = result.commands
        # What a home has once is meant in any room, and is a guess in another one.
        assert result.exact or step.entity.area != drawn.arguments["room"]
        assert step.entity.id == expected(drawn.arguments, drawn.function), drawn
        seen.add(drawn.function)
    assert seen == set(HOME.function_names)


def test_what_was_used_last_is_meant_as_in_the_simulated_home() -> None:
    state = {**HOME_DEFAULTS, "office/lamp": {**HOME_DEFAULTS["office/lamp"], "used_ms": 5}}
    (step,) = plan("open_home_device", {"device": "lamp"}, NAMES, Situation(recent=["office/lamp"])).commands
    assert step.entity.id == f"{located(state, 'lamp', None)}/lamp" == "office/lamp"


def meant(function: str, arguments: dict[str, object]) -> str | None:
    """None for what this home's device cannot do."""
    result = plan(function, arguments, NAMES)
    if isinstance(result, CannotDo | Ambiguous):  # the garage door and its lock, of which neither can
        return None
    assert isinstance(result, HomePlan), (arguments, result)
    (step,) = result.commands
    return step.entity.id


def expected(arguments: dict[str, object], function: str = "") -> str:
    if "device" in arguments:
        device = str(arguments["device"])
        return f"{located(HOME_DEFAULTS, device, arguments.get('room'))}/{device}"
    for argument, prefix in (("door", "door/"), ("scene", "scene/"), ("list", "list/")):
        if argument in arguments:
            return f"{prefix}{arguments[argument]}"
    return "timers" if function.endswith("timer") else "alarm"


def test_the_simulated_home_tells_the_usual_devices_and_what_its_scenes_do() -> None:
    assert ENTITIES["living room/light"].usual and not ENTITIES["kitchen/light"].usual
    assert {each.entity for each in ENTITIES["scene/away"].activates} >= {"door/front door", "kitchen/light"}
    risks = {
        name: plan("run_home_scene", {"scene": name}, NAMES).risk for name in ("movie", "away", "vacation")
    }
    assert risks == {"movie": "comfort", "away": "mess", "vacation": "mess"}
