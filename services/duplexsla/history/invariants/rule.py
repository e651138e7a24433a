"""What a rule finds, and what it is made of."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, Protocol

from duplexsla.history.reader import HistoryLine


class Finding(NamedTuple):
    """An invariant that was broken, by these lines."""

    invariant: str
    what: str
    where: tuple[str, ...]


class Slack(NamedTuple):
    """How far apart two processes may see one instant, and how long things take by right. ms."""

    clocks_ms: float = 1_000.0  # between the store's answer and the row that tells of it, by two processes
    call_ms: float = 2_000.0  # of a call to a device
    outcome_ms: float = 10_000.0  # from an action's expiry to its outcome
    aftermath_ms: float = 2_000.0  # for which somebody's fault may still show


Findings = Iterable[Finding]
Handler = Callable[[HistoryLine], Findings]


class Rule(Protocol):
    """Sees rows in order of time."""

    def handlers(self) -> Mapping[str, Handler]:
        """What to do with rows, by kind; "*" is every row."""

    def end(self) -> Findings:
        """What only shows when no more rows come."""
