"""Rules about what goes wrong: I8, every drop is counted, and I10, one bad session never harms another."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from duplexsla.history.invariants.actions import Actions
from duplexsla.history.invariants.rule import Finding, Findings, Handler, Slack
from duplexsla.history.reader import HistoryLine

CHUNK_SAMPLES = 2_560
# Codes of sessions that end through their own client's doing.
OWN_DOING = {
    "",
    "bad_input",
    "bad_audio",
    "bad_message",
    "unknown_home",
    "resume_refused",
    "client_silent",
    "slots_exhausted",
}
MISBEHAVED = {"bad_input", "bad_audio", "bad_message"}
NOT_WELL = {"expired", "unknown", "unavailable"}  # outcomes of actions that somebody was in the way of


class DropsCounted:
    """I8: a process counts at least what it says it dropped, and a call's samples add up."""

    def __init__(self) -> None:
        self._dropped: dict[str, Counter[str]] = {}  # by process, then by what
        self._last: dict[tuple[str, str], str] = {}  # place of the last drop

    def handlers(self) -> Mapping[str, Handler]:
        return {"dropped": self._drop, "ended": self._ended, "call.ended": self._call}

    def end(self) -> Findings:
        return ()

    def _drop(self, line: HistoryLine) -> Findings:
        row = line.row
        self._dropped.setdefault(row["by"], Counter())[row["what"]] += row["count"]
        self._last[row["by"], row["what"]] = line.where
        return ()

    def _ended(self, line: HistoryLine) -> Findings:
        row = line.row
        for what, dropped in self._dropped.pop(row["by"], Counter()).items():
            counted = row["counts"].get(what, 0)
            if counted < dropped:
                found = f"{row['by']} dropped {dropped} of {what} and counted {counted}"
                yield Finding("I8", found, (self._last[row["by"], what], line.where))

    def _call(self, line: HistoryLine) -> Findings:
        row = line.row
        if row["code"] or row["streams"] > 1:
            return
        gone = row["sent"] - (row["answered"] - row["concealed"] + row["lost"])
        if not -CHUNK_SAMPLES < gone <= 0:
            what = f"session {row['session']}: {gone} samples are neither answered nor declared as lost"
            yield Finding("I8", what, (line.where,))


@dataclass
class _Fault:
    """Somebody misbehaves, or something is broken on purpose."""

    what: str
    where: str
    homes: frozenset[str] = frozenset()
    sessions: frozenset[str] = frozenset()
    everyone: bool = False
    until_ms: float = float("inf")


class FailuresContained:
    """I10: while there is a fault, whoever is no part of it ends no session in error and misses no action."""

    def __init__(self, actions: Actions, slack: Slack) -> None:
        self._actions, self._slack = actions, slack
        self._faults: list[_Fault] = []
        self._homes: dict[str, str] = {}  # by session

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "fault": self._fault,
            "fault.over": self._over,
            "session.opened": self._opened,
            "session.resumed": self._opened,
            "call.opened": self._opened,
            "session.ended": self._ended,
            "call.ended": self._ended,
            "outcome.delivered": self._outcome,
            "outcome.received": self._outcome,
        }

    def end(self) -> Findings:
        return ()

    def _fault(self, line: HistoryLine) -> Findings:
        row = line.row
        fault = _Fault(
            row["what"], line.where, frozenset(row["homes"]), frozenset(row["sessions"]), row["everyone"]
        )
        self._faults.append(fault)
        return ()

    def _over(self, line: HistoryLine) -> Findings:
        for fault in self._faults:
            if fault.what == line.row["what"]:
                fault.until_ms = min(fault.until_ms, line.row["at"] + self._slack.aftermath_ms)
        return ()

    def _opened(self, line: HistoryLine) -> Findings:
        self._homes[line.row["session"]] = line.row["home"]
        return ()

    def _ended(self, line: HistoryLine) -> Findings:
        row = line.row
        session, code = row["session"], row["code"]
        if code not in OWN_DOING:
            home = self._homes.get(session, "")
            yield from self._harmed(line, session, home, f"session {session} ended with {code}")
        if code in MISBEHAVED:
            until_ms = row["at"] + self._slack.aftermath_ms
            self._faults.append(_Fault(code, line.where, sessions=frozenset([session]), until_ms=until_ms))

    def _outcome(self, line: HistoryLine) -> Findings:
        row = line.row
        if row["state"] in NOT_WELL:
            home = self._actions.of(line).home or self._homes.get(row["session"], "")
            yield from self._harmed(line, row["session"], home, f"{row['action']} ended {row['state']}")

    def _harmed(self, line: HistoryLine, session: str, home: str, what: str) -> Findings:
        """A finding, when there is a fault and this session is no part of any."""
        now_ms = line.row["at"]
        self._faults = [fault for fault in self._faults if fault.until_ms >= now_ms]
        part = any(
            fault.everyone or session in fault.sessions or home in fault.homes for fault in self._faults
        )
        if self._faults and not part:
            fault = self._faults[0]
            yield Finding("I10", f"{what}, through another's {fault.what}", (fault.where, line.where))
