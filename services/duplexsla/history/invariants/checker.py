"""All rules over all rows."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from duplexsla.history.invariants.actions import Actions, NoActionLost, SaidIsDone
from duplexsla.history.invariants.chunks import ChunksRise, OneDecoderPerSession, StreamedEqualsWhole
from duplexsla.history.invariants.effects import (
    EffectsInOrder,
    NoEffectAfterExpiry,
    NoEffectFromStaleFence,
    OneEffectPerAction,
)
from duplexsla.history.invariants.isolation import DropsCounted, FailuresContained
from duplexsla.history.invariants.rule import Finding, Handler, Rule, Slack
from duplexsla.history.reader import HistoryLine

INVARIANTS = {
    "I1": "no device effect twice for one action id",
    "I2": "no effect after expires_at",
    "I3": "no effect from a stale fence",
    "I4": "order per home",
    "I5": "chunk indexes strictly rise, gaps are declared",
    "I6": "no acknowledged action lost, no outcome untrue",
    "I7": "no session voiced by two decoders",
    "I8": "every drop is counted",
    "I9": "streamed equals whole",
    "I10": "one bad session never harms another",
    "I11": "what is said to have been done was done",
}
# Kinds of rows by which an invariant can be judged at all.
EVIDENCE = {
    "I1": ("effect",),
    "I2": ("effect",),
    "I3": ("effect", "action.claimed"),
    "I4": ("effect",),
    "I5": ("chunk.received", "chunk.sent"),
    "I6": ("action.acknowledged", "outcome.delivered", "outcome.published", "outcome.received"),
    "I7": ("chunk.sent", "step.accepted"),
    "I8": ("ended", "call.ended"),
    "I9": ("step.accepted", "step.reference"),
    "I10": ("fault", "session.ended", "call.ended"),
    "I11": ("reply.claimed",),
}
MOST_KEPT = 100  # findings per invariant; the others are counted


@dataclass
class CheckReport:
    """`broken` counts findings, `findings` keeps the first of each invariant, `judged` counts its rows."""

    rows: int = 0
    lost_rows: int = 0  # that the histories themselves say are missing
    odd_rows: int = 0  # of a known kind, without what that kind has
    judged: dict[str, int] = field(default_factory=lambda: dict.fromkeys(INVARIANTS, 0))
    broken: dict[str, int] = field(default_factory=lambda: dict.fromkeys(INVARIANTS, 0))
    findings: list[Finding] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not any(self.broken.values())

    def add(self, *findings: Finding) -> None:
        for finding in findings:
            self.broken[finding.invariant] += 1
            if self.broken[finding.invariant] <= MOST_KEPT:
                self.findings.append(finding)


def check_invariants(lines: Iterable[HistoryLine], slack: Slack | None = None) -> CheckReport:
    """What these rows, in order of time, break."""
    report, rules = CheckReport(), _rules(slack or Slack())
    table: defaultdict[str, list[Handler]] = defaultdict(list)
    for rule in rules:
        for kind, see in rule.handlers().items():
            table[kind].append(see)
    counted = {kind: [name for name, kinds in EVIDENCE.items() if kind in kinds] for kind in _evidence()}
    for line in lines:
        kind = line.row["kind"]
        report.rows += 1
        report.lost_rows += line.row["count"] if kind == "history.lost" else 0
        for name in counted.get(kind, ()):
            report.judged[name] += 1
        try:
            for see in (*table["*"], *table.get(kind, ())):
                report.add(*see(line))
        except (KeyError, TypeError):
            report.odd_rows += 1
    for rule in rules:
        report.add(*rule.end())
    return report


def _rules(slack: Slack) -> list[Rule]:
    actions = Actions()
    return [
        actions,  # first: the others ask it
        OneEffectPerAction(actions),
        NoEffectAfterExpiry(actions),
        NoEffectFromStaleFence(slack),
        EffectsInOrder(actions),
        ChunksRise(),
        NoActionLost(actions, slack),
        OneDecoderPerSession(slack),
        DropsCounted(),
        StreamedEqualsWhole(),
        FailuresContained(actions, slack),
        SaidIsDone(),
    ]


def _evidence() -> set[str]:
    return {kind for kinds in EVIDENCE.values() for kind in kinds}
