"""Each requested action once: none missing, none extra. Checks a caller's outcomes and the home's log.

An action ends done, or with the answer that the gates give it: a question (CONFIRM) is an answer, is counted
by its state, and moves nothing.

What the model asks for is in the stream (`Chunk.actions`), what became of it too (`ActionOutcome`); the log
of effects is the home service's (GET /homes/{home}/effects), when its address is given.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from duplexsla_loadtest.call_recorder import CallMeasures

COMMANDS = "commands"  # in place of a toolset, of an effect on one entity: its function is the command
# What is done without an effect on a device: an answer, and taking back what is to happen later.
NO_EFFECT = re.compile(r"query_\w+|what_did_you_do|cancel_later")
NOT_DONE = ("expired", "fenced", "unknown", "unavailable")
REFUSED_MARK = (
    "-refused"  # ends the id of a call that fitted no schema: it has an outcome, and was never an action
)


@dataclass(frozen=True)
class ActionMismatch:
    """Something that is not as it must be. `count` is the name under which it is counted."""

    count: str
    action: str
    what: str


def check(measures: CallMeasures, effects: Sequence[dict[str, Any]] | None) -> list[ActionMismatch]:
    """Mismatches of one conversation; `effects` of its home, oldest first, None: nobody can be asked."""
    outcomes: defaultdict[str, list[str]] = defaultdict(list)
    for each in measures.outcomes:
        outcomes[each.id].append(each.state)
    found = list(_check_outcomes(measures, outcomes))
    if effects is not None:
        sessions = {f"{number:016x}" for number in measures.session_ids}
        found += _check_effects(measures, outcomes, [row for row in effects if row["session_id"] in sessions])
    return found


def _check_outcomes(measures: CallMeasures, outcomes: dict[str, list[str]]) -> Iterable[ActionMismatch]:
    """What the stream alone shows."""
    for requested in measures.requested:
        states = outcomes.get(requested.id, [])
        if not states:
            yield ActionMismatch("actions_missing", requested.id, f"{requested.function} had no outcome")
        elif states[-1] in NOT_DONE:
            yield ActionMismatch("actions_missing", requested.id, f"{requested.function} ended {states[-1]}")
        if len(states) > 1 and not (len(states) == 2 and states[0] == "unknown"):
            yield ActionMismatch(
                "actions_twice", requested.id, f"{requested.function} had outcomes {', '.join(states)}"
            )
    known = {requested.id for requested in measures.requested}
    for action in outcomes.keys() - known:
        if not action.endswith(REFUSED_MARK):
            yield ActionMismatch(
                "actions_extra", action, f"an outcome, {outcomes[action][-1]}, of what nobody asked for"
            )


def _check_effects(
    measures: CallMeasures, outcomes: dict[str, list[str]], effects: Sequence[dict[str, Any]]
) -> Iterable[ActionMismatch]:
    """What the log of the home shows beside it."""
    done = Counter(row["action_id"] for row in effects)
    at_once = {_origin(action) for action in done if not _later(action)}
    later = {_origin(action) for action in done if _later(action)}
    known = {requested.id: requested for requested in measures.requested}
    for requested in measures.requested:
        state = (outcomes.get(requested.id) or ["unknown"])[-1]
        if state == "done" and requested.id not in at_once and not NO_EFFECT.fullmatch(requested.function):
            yield ActionMismatch(
                "actions_missing", requested.id, f"{requested.function} is said to be done and had no effect"
            )
        unwanted = requested.id in at_once and state not in ("done", "partial", "unknown")
        if unwanted or (requested.id in later and state not in ("confirm", "scheduled", "unknown")):
            yield ActionMismatch(
                "actions_extra", requested.id, f"{requested.function} ended {state} and had an effect"
            )
    for action, times in done.items():
        if times > 1:
            yield ActionMismatch("actions_twice", action, f"{times} effects")
        if _origin(action) not in known:
            yield ActionMismatch("actions_extra", action, "an effect of what nobody asked for")
    for row in effects:
        intended = known.get(_origin(row["action_id"]))
        if intended is None or row.get("toolset") == COMMANDS:
            continue
        if intended.function != row["function"]:
            yield ActionMismatch(
                "actions_extra", intended.id, f"{row['function']} in place of {intended.function}"
            )
    yield from _check_order(measures, effects)


def _check_order(measures: CallMeasures, effects: Sequence[dict[str, Any]]) -> Iterable[ActionMismatch]:
    """What is done at once comes in the order in which it was asked for."""
    ranks = {requested.id: rank for rank, requested in enumerate(measures.requested)}
    last = -1
    for row in effects:
        action = row["action_id"]
        rank = last if _later(action) else ranks.get(_origin(action), last)
        if rank < last:
            yield ActionMismatch(
                "actions_out_of_order", action, f"{row['function']} came too late in the order"
            )
        last = max(last, rank)


def _origin(effect: str) -> str:
    """The action that decided it: effects are called <action>/<entity>, <action>/yes or <action>@<due>."""
    return re.split("[/@]", effect, maxsplit=1)[0]


def _later(effect: str) -> bool:
    """Whether it is the effect of a yes, or of a scheduled action whose time came."""
    rest = effect.removeprefix(_origin(effect))
    return rest == "/yes" or rest.startswith(("/yes/", "@"))
