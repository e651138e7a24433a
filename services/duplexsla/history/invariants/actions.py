"""What the rows say of each action: who asked for it, when it expires, what became of it; and rules I6
and I11."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from duplexsla.history.invariants.rule import Finding, Findings, Handler, Slack
from duplexsla.history.reader import LOG, HistoryLine

# States that say: it did not happen.
NO_EFFECT = {
    *("failed", "expired", "fenced", "refused", "unavailable", "confirm", "unsure", "inattentive", "denied"),
    *("ambiguous", "not_found", "duplicate", "retracted", "scheduled"),
}
BY_EXECUTOR = ("action.settled", "outcome.published", "action.called")
NOWHERE = ""


@dataclass
class Action:
    """One action id. Places are file:line."""

    home: str = ""
    session: str = ""
    delivery: str = ""
    expires_at_ms: float = 0.0
    published: int = -1  # its rank among all that were published
    offset: int = -1  # of its first record
    acknowledged: str = NOWHERE
    executed: bool = False  # an executor knows what became of it
    states: dict[str, str] = field(default_factory=dict)  # place by state
    effects: dict[str, str] = field(default_factory=dict)  # place by who wrote it
    parts: set[str] = field(default_factory=set)  # ids of the effects that it decided
    answered: bool = False  # it needs no device


class Actions:
    """Every action that some row names. Not a rule: the rules ask it."""

    def __init__(self) -> None:
        self.by_id: dict[str, Action] = {}
        self._published = 0

    def handlers(self) -> Mapping[str, Handler]:
        states = (*BY_EXECUTOR, "outcome.delivered", "outcome.received")
        return {
            "action.published": self._publish,
            "action.read": self._read,
            "action.acknowledged": self._acknowledge,
            "action.unavailable": self._state,
            "effect": self._effect,
            "effect.decided": self._decided,
            **dict.fromkeys(states, self._state),
        }

    def end(self) -> Findings:
        return ()

    def of(self, line: HistoryLine) -> Action:
        return self.by_id.setdefault(line.row["action"], Action())

    def happened(self, name: str) -> str:
        """Where it is told that an action, or an effect that it decided, happened; NOWHERE if it is not."""
        action = self.by_id.get(name, Action())
        places = [*action.effects.values(), *map(self.happened, action.parts)]
        return next(filter(None, places), NOWHERE)

    def happened_wholly(self, name: str) -> bool:
        """Whether it, or every effect that it decided, has happened."""
        action = self.by_id.get(name, Action())
        parts = action.parts
        return bool(action.effects) or (bool(parts) and all(map(self.happened_wholly, parts)))

    def _decided(self, line: HistoryLine) -> Findings:
        self.by_id.setdefault(line.row["decided_by"], Action()).parts.add(line.row["action"])
        return ()

    def _publish(self, line: HistoryLine) -> Findings:
        action = self._describe(line)
        if action.published < 0:
            action.published = self._published
            self._published += 1
        return ()

    def _read(self, line: HistoryLine) -> Findings:
        action = self._describe(line)
        if action.offset < 0 or line.row["offset"] < action.offset:
            action.offset = line.row["offset"]
        return ()

    def _describe(self, line: HistoryLine) -> Action:
        action, row = self.of(line), line.row
        action.home, action.session, action.delivery = row["home"], row["session"], row["delivery"]
        action.expires_at_ms = row["expires_at_ms"]
        return action

    def _acknowledge(self, line: HistoryLine) -> Findings:
        self.of(line).acknowledged = line.where
        return ()

    def _state(self, line: HistoryLine) -> Findings:
        row, action = line.row, self.of(line)
        state = (
            "unavailable" if row["kind"] == "action.unavailable" else row.get("standing") or row.get("state")
        )
        if state:
            action.states.setdefault(state, line.where)
        if row.get("refers_to") and state not in NO_EFFECT:
            action.parts.add(f"{row['refers_to']}/yes")
        action.answered |= row["kind"] == "outcome.published" and row.get("attempts") == 0
        action.executed |= line.row["kind"] in BY_EXECUTOR
        return ()

    def _effect(self, line: HistoryLine) -> Findings:
        if not line.row["repeated"]:
            self.of(line).effects.setdefault(line.row["by"], line.where)
        return ()


class SaidIsDone:
    """I11: a reply that claims an effect follows an outcome that told of one, in the session's own chunks."""

    def handlers(self) -> Mapping[str, Handler]:
        return {"reply.claimed": self._claimed}

    def end(self) -> Findings:
        return ()

    def _claimed(self, line: HistoryLine) -> Findings:
        row = line.row
        if not row["kept"]:
            what = f"session {row['session']}: {row['said']!r} was said, and nothing had been told of it"
            yield Finding("I11", what, (line.where,))


class NoActionLost:
    """I6: what the brokers acknowledged has an outcome, and what is said of an effect is true."""

    def __init__(self, actions: Actions, slack: Slack) -> None:
        self._actions, self._slack = actions, slack
        self._now_ms = 0.0
        self._sources: set[str] = set()  # services that write histories, and homes' own logs

    def handlers(self) -> Mapping[str, Handler]:
        return {"*": self._any}

    def _any(self, line: HistoryLine) -> Findings:
        self._now_ms = max(self._now_ms, line.row["at"])
        if line.row["kind"] == "began":
            self._sources.add(line.row["service"])
        if line.row["by"] == LOG:
            self._sources.add(LOG)
        return ()

    def end(self) -> Findings:
        for name, action in self._actions.by_id.items():
            yield from self._lost(name, action)
            yield from self._untrue(name, action)

    def _lost(self, name: str, action: Action) -> Findings:
        """A gateway that reads no outcome of an action says "unknown": no executor need have seen it."""
        unknown = action.states.keys() <= {"unknown"} if "executor" in self._sources else not action.states
        due = action.expires_at_ms and self._now_ms > action.expires_at_ms + self._slack.outcome_ms
        if action.acknowledged and due and unknown and not action.executed:
            what = f"{name} was acknowledged and nobody knows its outcome"
            yield Finding("I6", what, (action.acknowledged,))

    def _untrue(self, name: str, action: Action) -> Findings:
        happened = self._actions.happened(name)
        if action.states and action.states.keys() <= NO_EFFECT and happened:
            state, where = next(iter(action.states.items()))
            yield Finding("I6", f"{name} is said to be {state} and happened", (where, happened))
        if action.answered or not self._sources & {LOG, "home"}:
            return
        if "done" in action.states and not self._actions.happened_wholly(name):
            what = f"{name} is said to be done and did not happen"
            yield Finding("I6", what, (action.states["done"],))
        if "partial" in action.states and not happened:
            what = f"{name} is said to be partly done and did not happen"
            yield Finding("I6", what, (action.states["partial"],))
