"""Rules about effects on devices: I1, I2, I3 and I4. Effects are known from homes' histories and logs."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from duplexsla.history.invariants.actions import Actions
from duplexsla.history.invariants.rule import Finding, Findings, Handler, Slack
from duplexsla.history.reader import LOG, HistoryLine


class Seen(NamedTuple):
    """Something that was seen, and where."""

    value: Any
    where: str


def source(line: HistoryLine) -> str:
    """Whose record it is: a home's own log, or the homes' histories together (a home may start again)."""
    return LOG if line.row["by"] == LOG else "history"


class OneEffectPerAction:
    """I1: one effect per action id; what must not happen twice does not even reach its device twice."""

    def __init__(self, actions: Actions) -> None:
        self._actions = actions
        self._first: dict[tuple[str, str], str] = {}  # place by source and action

    def handlers(self) -> Mapping[str, Handler]:
        return {"effect": self._effect}

    def end(self) -> Findings:
        return ()

    def _effect(self, line: HistoryLine) -> Findings:
        action = line.row["action"]
        first = self._first.setdefault((source(line), action), line.where)
        if first == line.where:
            return
        if not line.row["repeated"]:
            yield Finding("I1", f"{action} had two effects", (first, line.where))
        elif self._actions.of(line).delivery == "at_most_once":
            yield Finding("I1", f"{action}, of at most once, reached its device twice", (first, line.where))


class NoEffectAfterExpiry:
    """I2: no effect at or after the instant at which its action expires."""

    def __init__(self, actions: Actions) -> None:
        self._actions = actions

    def handlers(self) -> Mapping[str, Handler]:
        return {"effect": self._effect}

    def end(self) -> Findings:
        return ()

    def _effect(self, line: HistoryLine) -> Findings:
        row = line.row
        expires_ms = row["expires_at_ms"] or self._actions.of(line).expires_at_ms
        if expires_ms and not row["repeated"] and row["effect_at_ms"] >= expires_ms:
            late_ms = row["effect_at_ms"] - expires_ms
            yield Finding("I2", f"{row['action']} happened {late_ms:.0f} ms after it expired", (line.where,))


class NoEffectFromStaleFence:
    """I3: no claim and no effect of a former owner, once there is a newer one."""

    def __init__(self, slack: Slack) -> None:
        self._slack = slack
        self._owners: dict[str, list[tuple[int, float, str]]] = {}  # (fence, since ms, place) by session
        self._newest: dict[tuple[str, str], Seen] = {}  # fence of an effect, by source and session

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "session.opened": self._own,
            "session.resumed": self._own,
            "action.claimed": self._claim,
            "effect": self._effect,
        }

    def end(self) -> Findings:
        return ()

    def _own(self, line: HistoryLine) -> Findings:
        row = line.row
        owners = self._owners.setdefault(row["session"], [])
        if not owners or row["fence"] > owners[-1][0]:
            owners.append((row["fence"], row["at"], line.where))
        return ()

    def _claim(self, line: HistoryLine) -> Findings:
        row = line.row
        if row["how"] in ("claimed", "resumed"):
            yield from self._stale(line, row["at"] - self._slack.clocks_ms, "was begun")

    def _effect(self, line: HistoryLine) -> Findings:
        row = line.row
        if row["repeated"]:
            return
        key = (source(line), row["session"])
        newest = self._newest.get(key)
        if newest is not None and row["fence"] < newest.value:
            what = f"{row['action']} of fence {row['fence']} happened after an effect of {newest.value}"
            yield Finding("I3", what, (newest.where, line.where))
        else:
            self._newest[key] = Seen(row["fence"], line.where)
            slack_ms = self._slack.clocks_ms + self._slack.call_ms
            yield from self._stale(line, row["effect_at_ms"] - slack_ms, "happened")

    def _stale(self, line: HistoryLine, by_ms: float, what: str) -> Findings:
        """A finding when an owner newer than the row's was known before `by_ms`."""
        for fence, since_ms, where in self._owners.get(line.row["session"], ()):
            if fence > line.row["fence"] and since_ms < by_ms:
                found = f"{line.row['action']} of fence {line.row['fence']} {what} under fence {fence}"
                yield Finding("I3", found, (where, line.where))
                return


class EffectsInOrder:
    """I4: effects of a home come in the order of its records, those of a session in the order of its calls.

    What was reported as unknown may come at any time before it expires: nobody waits for it.
    """

    def __init__(self, actions: Actions) -> None:
        self._actions = actions
        self._latest: dict[tuple[str, str], Seen] = {}  # (rank, action) by source and home or session
        self._suspects: list[tuple[str, Finding]] = []  # with the action that came late

    def handlers(self) -> Mapping[str, Handler]:
        return {"effect": self._effect}

    def _effect(self, line: HistoryLine) -> Findings:
        if not line.row["repeated"]:
            action = self._actions.of(line)
            self._compare(line, f"home {line.row['home']}", action.offset)
            self._compare(line, f"session {line.row['session']}", action.published)
        return ()

    def _compare(self, line: HistoryLine, whose: str, rank: int) -> None:
        if rank < 0:
            return
        key = (source(line), whose)
        latest = self._latest.get(key)
        if latest is None or rank >= latest.value[0]:
            self._latest[key] = Seen((rank, line.row["action"]), line.where)
            return
        what = f"{line.row['action']} happened after {latest.value[1]}, which was asked for later in {whose}"
        self._suspects.append((line.row["action"], Finding("I4", what, (latest.where, line.where))))

    def end(self) -> Findings:
        for action, finding in self._suspects:
            if "unknown" not in self._actions.by_id[action].states:
                yield finding
