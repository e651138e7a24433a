"""Each asked action once: none missing, none extra. Checks what a caller was told, and the home's log.

What the model asks for is in the stream (`Chunk.actions`), what became of it too (`ActionOutcome`); the log
of effects is the home service's (GET /homes/{home}/effects), when its address is given.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from duplexsla_loadtest.call_recorder import CallMeasures

NOT_DONE = ("expired", "fenced", "unknown", "unavailable")
REFUSED_MARK = "-refused"  # ends the id of a call that fitted no schema: it is told, and was never an action


@dataclass(frozen=True)
class ActionMismatch:
    """Something that is not as it must be. `count` is the name under which it is counted."""

    count: str
    action: str
    what: str


def check(record: CallMeasures, effects: Sequence[dict[str, Any]] | None) -> list[ActionMismatch]:
    """Findings about one conversation; `effects` of its home, oldest first, None: nobody can be asked."""
    told: defaultdict[str, list[str]] = defaultdict(list)
    for each in record.told:
        told[each.id].append(each.state)
    found = list(_told(record, told))
    if effects is not None:
        sessions = {f"{number:016x}" for number in record.session_ids}
        found += _effects(record, told, [row for row in effects if row["session_id"] in sessions])
    return found


def _told(record: CallMeasures, told: dict[str, list[str]]) -> Iterable[ActionMismatch]:
    """What the stream alone shows."""
    for asked in record.asked:
        states = told.get(asked.id, [])
        if not states:
            yield ActionMismatch("actions_missing", asked.id, f"{asked.function} had no outcome")
        elif states[-1] in NOT_DONE:
            yield ActionMismatch("actions_missing", asked.id, f"{asked.function} ended {states[-1]}")
        if len(states) > 1 and not (len(states) == 2 and states[0] == "unknown"):
            yield ActionMismatch(
                "actions_twice", asked.id, f"{asked.function} had outcomes {', '.join(states)}"
            )
    known = {asked.id for asked in record.asked}
    for action in told.keys() - known:
        if not action.endswith(REFUSED_MARK):
            yield ActionMismatch(
                "actions_extra", action, f"an outcome, {told[action][-1]}, of what nobody asked for"
            )


def _effects(
    record: CallMeasures, told: dict[str, list[str]], effects: Sequence[dict[str, Any]]
) -> Iterable[ActionMismatch]:
    """What the log of the home shows beside it."""
    done = Counter(row["action_id"] for row in effects)
    known = {asked.id: asked for asked in record.asked}
    for asked in record.asked:
        state = (told.get(asked.id) or ["unknown"])[-1]
        if state == "done" and not done[asked.id]:
            yield ActionMismatch(
                "actions_missing", asked.id, f"{asked.function} is said to be done and had no effect"
            )
        if state not in ("done", "unknown") and done[asked.id]:
            yield ActionMismatch(
                "actions_extra", asked.id, f"{asked.function} ended {state} and had an effect"
            )
    for action, times in done.items():
        if times > 1:
            yield ActionMismatch("actions_twice", action, f"{times} effects")
        if action not in known:
            yield ActionMismatch("actions_extra", action, "an effect of what nobody asked for")
    for row in effects:
        asked_for = known.get(row["action_id"])
        if asked_for is not None and asked_for.function != row["function"]:
            yield ActionMismatch(
                "actions_extra", asked_for.id, f"{row['function']} in place of {asked_for.function}"
            )
    yield from _order(record, effects)


def _order(record: CallMeasures, effects: Sequence[dict[str, Any]]) -> Iterable[ActionMismatch]:
    """Effects come in the order in which they were asked for."""
    ranks = {asked.id: rank for rank, asked in enumerate(record.asked)}
    last = -1
    for row in effects:
        rank = ranks.get(row["action_id"], last)
        if rank < last:
            yield ActionMismatch(
                "actions_out_of_order", row["action_id"], f"{row['function']} came too late in the order"
            )
        last = max(last, rank)
