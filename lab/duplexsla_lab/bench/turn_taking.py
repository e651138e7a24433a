"""Turn taking (paper table 3): the first right event inside the window, and how far it is from its anchor.

    normal, pause   speech onset in [user end - 0.2, end of the recording]; delay |onset - user end|
    interrupt       speech stop in [anchor - 1, anchor + 2]; delay |stop - anchor|
    backchannel     in [start - 0.2, end + 2]; delay |backchannel label - end|, where there is a label

The paper contradicts itself on a backchannel's accuracy: tables 3 and 4 take any stop or restart in the
window, section 5.3 takes "the absence of an interruption", and only the latter fits the figures of table 6
(systems that stop at any sound score 0.33 % and 13 %, and would score near 100 % by the former). Here a hit
is a `backchannel` label in the window, or a floor that was kept: it speaks when the backchannel begins, and
each stop in the window is followed by a restart in the window. Beside it stand the label alone, the floor
alone, and `any_event`, the letter of table 3.

Also secondary: `not_early`, a normal or pause hit of a system that did not speak before the window, which
table 3 does not ask (speaking into a pause and once more after it counts as a hit there); `label`, an
interrupt that the action channel named in the window; `no_stray_label`, no interrupt or backchannel label
where none belongs.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from duplexsla_lab.bench.case import Case
from duplexsla_lab.bench.event_log import SPEAK, STOP, Event, EventLog
from duplexsla_lab.bench.verdict import EDGE_S, CaseVerdict, Window

FOREVER_S = float("inf")


@dataclass(frozen=True, slots=True)
class TurnRule:
    """Window and anchor of one case, and the labels that belong in it."""

    window: Window
    anchor_s: float
    label: str = ""


def turn_rule(case: Case) -> TurnRule:
    """Table 3."""
    at = case.anchors
    if case.scenario == "interrupt":
        anchor_s = at["interrupt_s"]
        return TurnRule(Window(anchor_s - 1.0, anchor_s + 2.0), anchor_s, "interrupt")
    if case.scenario == "backchannel":
        start_s, end_s = at["backchannel_start_s"], at["backchannel_end_s"]
        return TurnRule(Window(start_s - 0.2, end_s + 2.0), end_s, "backchannel")
    return TurnRule(Window(at["user_end_s"] - 0.2, FOREVER_S), at["user_end_s"])


def score_turn(case: Case, log: EventLog) -> CaseVerdict:
    """The verdict on a case of one of the four turn-taking scenarios."""
    return {"interrupt": _interrupt, "backchannel": _backchannel}.get(case.scenario, _answer)(case, log)


def _answer(case: Case, log: EventLog) -> CaseVerdict:
    rule = turn_rule(case)
    onset = _first(rule, (each for each in log.changes() if each.kind == SPEAK))
    early = any(speech.t_s < rule.window.start_s - EDGE_S for speech in log.events() if speech.kind == SPEAK)
    why = "" if onset else "it spoke too early and only then" if early else "it never answered"
    return _verdict(case, log, onset, why, {"not_early": onset is not None and not early})


def _interrupt(case: Case, log: EventLog) -> CaseVerdict:
    rule = turn_rule(case)
    stop = _first(rule, (each for each in log.changes() if each.kind == STOP))
    label = _first(rule, log.labelled("interrupt"))
    spoke = any(rule.window.holds(each.t_s) for each in log.events() if each.kind == SPEAK)
    why = "" if stop else "it spoke on" if spoke else "it was not speaking"
    return _verdict(case, log, stop, why, {"label": label is not None})


def _backchannel(case: Case, log: EventLog) -> CaseVerdict:
    rule = turn_rule(case)
    label = _first(rule, log.labelled("backchannel"))
    kept = kept_floor(log, rule.window, case.anchors["backchannel_start_s"])
    moved = any(rule.window.holds(each.t_s) for each in log.changes())
    secondary = {"label": label is not None, "floor_kept": kept, "any_event": moved or label is not None}
    why = "" if label or kept else "it lost the floor and named no backchannel"
    return _verdict(case, log, label, why, secondary, hit=label is not None or kept)


def kept_floor(log: EventLog, window: Window, start_s: float) -> bool:
    """Whether the assistant speaks at `start_s`, and speaks again in the window after each stop in it."""
    before = [each.kind for each in log.changes() if each.t_s <= start_s + EDGE_S]
    inside = [each.kind for each in log.changes() if window.holds(each.t_s)]
    speaking_on = before[-1:] == [SPEAK] or inside[:1] == [STOP]
    return speaking_on and inside[-1:] != [STOP]


def _first(rule: TurnRule, events: Iterable[Event]) -> Event | None:
    """Table 4: the earliest event inside the window."""
    return min((each for each in events if rule.window.holds(each.t_s)), default=None)


def _verdict(
    case: Case,
    log: EventLog,
    event: Event | None,
    why: str,
    secondary: dict[str, bool],
    *,
    hit: bool | None = None,
) -> CaseVerdict:
    rule = turn_rule(case)
    return CaseVerdict(
        case=case.id,
        scenario=case.scenario,
        toolset=case.toolset,
        hit=event is not None if hit is None else hit,
        delays_s=(abs(event.t_s - rule.anchor_s),) if event else (),
        secondary={**secondary, "no_stray_label": not _has_stray_label(log, rule)},
        why=why,
    )


def _has_stray_label(log: EventLog, rule: TurnRule) -> bool:
    """An interrupt or backchannel label that is not the case's own, or outside of its window."""
    labels = [*log.labelled("interrupt"), *log.labelled("backchannel")]
    return any(each.kind != rule.label or not rule.window.holds(each.t_s) for each in labels)
