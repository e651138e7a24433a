"""Every function of the `home` toolset that operates something, as a plan for one home.

    plan(function, arguments, names, situation, now_ms)
        -> HomePlan | Ambiguous | NotFound | NotUnderstood | CannotDo

`arguments` are valid for the function in version 1 or 2 of the toolset, which mean the same. PLANNED are the
functions that are planned. The others (confirm, decline, undo, cancel_later, query_later, what_did_you_do,
never_mind) are about actions and not about a home: KeyError.

All of a kind never reaches what would be mess or entry: of several things those are left out, and where
nothing else is left it is a question which one is meant. A plan that is not `exact` is for the caller to
doubt.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from duplexsla.executor.planning import device_plans, information_plans, media_plans, timer_plans
from duplexsla.executor.planning.home_names import HomeNames
from duplexsla.executor.planning.plans import HomeCall, HomePlan, PlanResult
from duplexsla.executor.planning.resolver import Situation
from duplexsla.executor.planning.said_time import NotUnderstood, when_of

_PLANNERS: dict[str, Callable[[HomeCall], PlanResult]] = {
    **device_plans.PLANNERS,
    **timer_plans.PLANNERS,
    **media_plans.PLANNERS,
    **information_plans.PLANNERS,
}
PLANNED = frozenset(_PLANNERS)
WAKING = "set_wake_alarm"


def plan(
    function: str,
    arguments: Mapping[str, Any],
    names: HomeNames,
    situation: Situation | None = None,
    now_ms: int = 0,
) -> PlanResult:
    """`now_ms`: Unix time at which it was said. KeyError for a function that is not in PLANNED."""
    call = HomeCall(function, arguments, names, situation or Situation(), now_ms)
    result = _PLANNERS[function](call)
    said = call.text("when")
    if not said or not isinstance(result, HomePlan):
        return result
    when = when_of(said, now_ms, names.time_zone, waking=function == WAKING)
    return when if isinstance(when, NotUnderstood) else replace(result, when=when)
