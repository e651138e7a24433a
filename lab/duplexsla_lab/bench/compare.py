"""Two runs over the same cases: what got better, what got worse, and whether chance would do as much."""

from collections.abc import Sequence
from typing import Any

from duplexsla_lab.bench.aggregation import families
from duplexsla_lab.bench.intervals import sign_test
from duplexsla_lab.bench.verdict import CaseVerdict


def compare(one: Sequence[CaseVerdict], other: Sequence[CaseVerdict]) -> dict[str, Any]:
    """Per family, over the cases that both have: accuracies, cases gained and lost, delays on common hits."""
    first = {verdict.case: verdict for verdict in one}
    common = [verdict for verdict in other if verdict.case in first]
    return {
        name: _family([first[each.case] for each in group], group) for name, group in families(common).items()
    }


def _family(before: Sequence[CaseVerdict], after: Sequence[CaseVerdict]) -> dict[str, Any]:
    pairs = list(zip(before, after, strict=True))
    gained = [b.case for a, b in pairs if b.hit and not a.hit]
    lost = [b.case for a, b in pairs if a.hit and not b.hit]
    delays = [(_mean(a), _mean(b)) for a, b in pairs if a.delays_s and b.delays_s]
    return {
        "cases": len(pairs),
        "accuracy": [round(sum(each.hit for each in side) / len(pairs), 4) for side in (before, after)],
        "gained": gained,
        "lost": lost,
        "chance": round(sign_test(len(gained), len(lost)), 4),
        "delay_s": [round(sum(side) / len(delays), 3) for side in zip(*delays, strict=True)] or None,
    }


def _mean(verdict: CaseVerdict) -> float:
    return sum(verdict.delays_s) / len(verdict.delays_s)


def text(figures: dict[str, Any], *, names: tuple[str, str]) -> str:
    lines = [f"A: {names[0]}", f"B: {names[1]}"]
    for family, each in figures.items():
        before, after = (100 * share for share in each["accuracy"])
        delay = "delay {:.2f} -> {:.2f} s".format(*each["delay_s"]) if each["delay_s"] else "no delay in both"
        gained, lost = len(each["gained"]), len(each["lost"])
        lines.append(
            f"{family.replace('_', ' ')}: {before:.1f} -> {after:.1f} % of {each['cases']} "
            f"(+{gained} -{lost}, p = {each['chance']:.3f}), {delay}"
        )
        lines += [f"  lost: {', '.join(each['lost'][:10])}"] if each["lost"] else []
    return "\n".join(lines) + "\n"
