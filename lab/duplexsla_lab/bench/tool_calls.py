"""Tool calls (paper section 5.2): is each wanted call there, with its arguments, at a legal time?

A case is a hit when every wanted call has a predicted call of its own (1) with the same function, (2) with
the same arguments by the canonical rule of same_arguments.py, and (3) with a trigger not more than 1.0 s
before the wanted offset and not more than 3.0 s after the end of the user's audio. Where several would do,
the earliest counts, so that saying it again brings nothing. The delay is |trigger - offset|, averaged over
all matched calls.

The paper forgives calls that nobody asked for. Beside its figure stand `strict` (arguments equal as JSON),
`clean` (a hit, and no call that was not wanted) and `functions` (rules 1 and 3 alone). `closed` is the time
from the wanted offset to the end of the chunk in which the call can be carried out.
"""

from collections.abc import Callable, Sequence

from duplexsla.tools import TOOLSETS
from duplexsla_lab.bench.case import Case, ExpectedCall, seconds
from duplexsla_lab.bench.event_log import EventLog, LoggedCall, chunk_s
from duplexsla_lab.bench.same_arguments import same, strictly_same
from duplexsla_lab.bench.verdict import CaseVerdict, Window

EARLY_S = 1.0
LATE_S = 3.0

Agree = Callable[[ExpectedCall, LoggedCall], bool]
Match = tuple[ExpectedCall, LoggedCall]


def score_calls(case: Case, log: EventLog) -> CaseVerdict:
    """The verdict on a tool-call case."""
    end_s = seconds(case.samples())
    found = matches(case, log)
    strict = pair(case.wanted, log.calls, end_s, lambda w, c: strictly_same(w.arguments, c.arguments))
    functions = pair(case.wanted, log.calls, end_s, lambda w, c: True)
    hit = len(found) == len(case.wanted)
    closed = [chunk_s(call.closed + 1) - wanted.offset_s for wanted, call in found]
    return CaseVerdict(
        case=case.id,
        scenario=case.scenario,
        toolset=case.toolset,
        hit=hit,
        delays_s=tuple(abs(call.trigger_s - wanted.offset_s) for wanted, call in found),
        secondary={
            "strict": len(strict) == len(case.wanted),
            "clean": hit and len(log.calls) == len(case.wanted),
            "functions": len(functions) == len(case.wanted),
        },
        secondary_s={"closed": sum(closed) / len(closed)} if closed else {},
        why="" if hit else _why(case, log, found, end_s),
    )


def matches(case: Case, log: EventLog) -> list[Match]:
    """The calls that are right by the paper's rules, each with the one that was wanted."""
    return pair(case.wanted, log.calls, seconds(case.samples()), _canonically(case.toolset))


def pair(
    wanted: Sequence[ExpectedCall], calls: Sequence[LoggedCall], end_s: float, agree: Agree
) -> list[Match]:
    """As many pairs as can be, each call in one of them.

    ExpectedCall calls in order of their offsets take the earliest free call that is legal and agrees. A later
    offset is legal for no call that is not legal for an earlier one, so among calls that agree with the same
    wanted calls no other order finds more.
    """
    free = sorted(calls, key=lambda call: call.trigger)
    pairs = []
    for each in sorted(wanted, key=lambda each: each.offset_s):
        legal = Window(each.offset_s - EARLY_S, end_s + LATE_S)
        for call in free:
            if call.function == each.function and legal.holds(call.trigger_s) and agree(each, call):
                pairs.append((each, call))
                free.remove(call)
                break
    return pairs


def _canonically(toolset: str) -> Agree:
    functions = TOOLSETS[toolset].by_name
    return lambda wanted, call: same(functions[wanted.function], wanted.arguments, call.arguments)


def _why(case: Case, log: EventLog, found_matches: Sequence[Match], end_s: float) -> str:
    """The first wanted call without a match, and what came in its place."""
    found = [id(wanted) for wanted, _ in found_matches]
    lost = next(each for each in case.wanted if id(each) not in found)
    like = [call for call in log.calls if call.function == lost.function]
    legal = [call for call in like if pair([lost], [call], end_s, lambda w, c: True)]
    if legal:
        return f"{lost.function}: wanted {dict(lost.arguments)}, got {dict(legal[0].arguments)}"
    if like:
        return f"{lost.function}: at {like[0].trigger_s:.2f} s, wanted at {lost.offset_s:.2f} s"
    others = ", ".join(dict.fromkeys(call.function for call in log.calls))
    return f"{lost.function}: never called" + (f", but {others}" if others else "")
