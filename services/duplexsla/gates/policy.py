"""Who may do what, when: rules as data, and the evaluator that says which one decided. Pure.

The first rule that fits decides, as in a firewall; where none does, `otherwise`. Of several things that a
call would move the strictest verdict counts. A rule without conditions fits everything.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from duplexsla.gates.confidence import ConfidenceBounds
from duplexsla.tools import Risk


class PolicyVerdict(StrEnum):
    ALLOW = "allow"
    CONFIRM = "confirm"
    CODE = "confirm with code"
    DENY = "deny"


STRICTNESS = tuple(PolicyVerdict)  # rising


class Presence(StrEnum):
    SOMEBODY = "somebody"  # is known to be home
    NOBODY = "nobody"
    UNKNOWN = "unknown"


class Driving(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class ActionOrigin(StrEnum):
    MODEL = "model"
    CLIENT = "client"
    SCHEDULE = "schedule"
    API = "api"


@dataclass(frozen=True, slots=True)
class PolicyRequest:
    """One thing that a call would move, and the circumstances. What is not known is empty, or None."""

    risk: Risk
    function: str = ""
    entity_class: str = ""
    entity: str = ""
    room: str = ""
    presence: Presence = Presence.UNKNOWN
    driving: Driving = Driving.UNKNOWN
    tenant: str = ""
    origin: ActionOrigin = ActionOrigin.MODEL
    hour: int | None = None  # of the home's day, 0..23
    toolset: str = "home"

    def record(self) -> dict[str, str | int | None]:
        """For the audit log, and for a dry run from it (`policy_file.recorded_request`)."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


CONDITIONS = tuple(name for name in PolicyRequest.__dataclass_fields__ if name != "hour")  # lists of values


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """`when`: by a field of the request, the values that fit. `hours`: from the first to before the second,
    over midnight where that is the smaller one; an hour that is not known fits every rule but one that
    allows.
    """

    name: str
    verdict: PolicyVerdict
    when: Mapping[str, frozenset[str]] = field(default_factory=dict)
    hours: tuple[int, int] | None = None
    because: str = ""

    def fits(self, request: PolicyRequest) -> bool:
        return all(getattr(request, name) in values for name, values in self.when.items()) and self._in_time(
            request.hour
        )

    def _in_time(self, hour: int | None) -> bool:
        if self.hours is None:
            return True
        if hour is None:
            return self.verdict is not PolicyVerdict.ALLOW
        start, end = self.hours
        return start <= hour < end if start < end else hour >= start or hour < end


class PolicyDecision(NamedTuple):
    verdict: PolicyVerdict
    rule: str


OTHERWISE = "otherwise"  # the name of the rule that stands below all others


@dataclass(frozen=True, slots=True)
class Policy:
    version: str
    rules: tuple[PolicyRule, ...]
    bounds: Mapping[Risk, ConfidenceBounds]  # of every risk
    otherwise: PolicyVerdict = PolicyVerdict.DENY

    def evaluate(self, request: PolicyRequest) -> PolicyDecision:
        """The verdict on one thing, and the name of the rule."""
        for rule in self.rules:
            if rule.fits(request):
                return PolicyDecision(rule.verdict, rule.name)
        return PolicyDecision(self.otherwise, OTHERWISE)

    def evaluate_all(self, requests: Sequence[PolicyRequest]) -> PolicyDecision:
        """The strictest verdict on several, the first of equal ones. ValueError for none at all."""
        return max(map(self.evaluate, requests), key=lambda each: STRICTNESS.index(each.verdict))


class PolicyDifference(NamedTuple):
    request: PolicyRequest
    before: PolicyDecision
    after: PolicyDecision


def dry_run(before: Policy, after: Policy, requests: Iterable[PolicyRequest]) -> Iterator[PolicyDifference]:
    """Each recorded request on which the two policies come to another verdict, in order."""
    for request in requests:
        was, would_be = before.evaluate(request), after.evaluate(request)
        if was.verdict is not would_be.verdict:
            yield PolicyDifference(request, was, would_be)
