"""What changed between two runs beyond noise.

Noise is what a run shows against itself: each is cut into blocks of 5 s, blocks are drawn again and again
with replacement (Efron's bootstrap, 1979; blocks, because chunks of one moment share their fate), and a
difference counts when zero lies outside its 99 % interval and it is at least 2 % of the value. Twenty figures
are looked at, so a looser interval would find a change in every other pair of equal runs.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from duplexsla.errors import SettingError
from duplexsla_loadtest.figures import figure
from duplexsla_loadtest.metrics import Metrics, total
from duplexsla_loadtest.report import Report

BLOCK_S = 5
DRAWS = 400
INTERVAL = (0.005, 0.995)
LEAST_SHARE = 0.02
LEAST_BLOCKS = 4
FIGURES = (
    "step_p50_ms", "step_p90_ms", "step_p99_ms", "step_max_ms", "miss_ratio", "lost_ratio",
    "first_sound_p50_ms",
    "call_p50_ms", "action_p50_ms", "action_p99_ms", "effect_p50_ms", "underrun_ratio", "refused_ratio",
    "failed_ratio", "deferral_ratio", "unanswered_turn_ratio", "ask_unmet_ratio",
)  # fmt: skip


@dataclass(frozen=True)
class FigureChange:
    """A figure before and after; `low` and `high` bound the difference. Lower is better for each of them."""

    name: str
    before: float
    after: float
    low: float
    high: float

    @property
    def word(self) -> str:
        """ "worse", "better" or "same"."""
        least = LEAST_SHARE * max(abs(self.before), abs(self.after))
        if self.low <= 0 <= self.high or abs(self.after - self.before) < least:
            return "same"
        return "worse" if self.after > self.before else "better"


def compare(before: Report, after: Report) -> list[FigureChange]:
    """SettingError when a run is too short to know its own noise."""
    blocks = [_blocks(report) for report in (before, after)]
    if min(map(len, blocks)) < LEAST_BLOCKS:
        raise SettingError(f"each run must measure at least {LEAST_BLOCKS * BLOCK_S} s to be compared")
    draws = [_draws(each) for each in blocks]
    wholes = [total(each) for each in blocks]
    changes = (_change(name, wholes, draws) for name in FIGURES)
    return [change for change in changes if change is not None]


def differences(before: Report, after: Report) -> list[str]:
    """What was asked for differently: then the runs cannot be held against each other."""
    names = ("mix", "sessions", "duration_s", "warm_up_s", "seed", "terms", "machine")
    return [
        f"{name}: {before.about.get(name)} and {after.about.get(name)}"
        for name in names
        if before.about.get(name) != after.about.get(name)
    ]


def _blocks(report: Report) -> list[Metrics]:
    """Of the measured part; a block that is not whole at the end is left out."""
    first, last = int(report.about["warm_up_s"]), int(report.about["duration_s"])
    return [
        total(report.seconds.get(second, Metrics()) for second in range(start, start + BLOCK_S))
        for start in range(first, last - BLOCK_S + 1, BLOCK_S)
    ]


def _draws(blocks: Sequence[Metrics]) -> list[Metrics]:
    rng = random.Random(0)
    return [total(rng.choices(blocks, k=len(blocks))) for _ in range(DRAWS)]


def _change(name: str, wholes: Sequence[Metrics], draws: Sequence[Sequence[Metrics]]) -> FigureChange | None:
    before, after = (figure(whole, name) for whole in wholes)
    if before is None or after is None:
        return None
    pairs = ((figure(one, name), figure(other, name)) for one, other in zip(*draws, strict=True))
    found = sorted(other - one for one, other in pairs if one is not None and other is not None)
    low, high = (found[int(share * (len(found) - 1))] for share in INTERVAL)
    return FigureChange(name, before, after, low, high)


def text(changes: Sequence[FigureChange], different: Sequence[str]) -> str:
    lines = [f"not the same: {each}" for each in different]
    lines.append(f"{'figure':<26}{'before':>12}{'after':>12}   {'difference, 99 %':<26}")
    for each in changes:
        interval = f"{each.low:+.4g} .. {each.high:+.4g}"
        word = "" if each.word == "same" else each.word.upper()
        lines.append(f"{each.name:<26}{each.before:>12.4g}{each.after:>12.4g}   {interval:<26}{word}")
    return "\n".join(lines)


def row(changes: Sequence[FigureChange], different: Sequence[str]) -> Mapping[str, object]:
    """For the last line."""
    named = {
        word: [each.name for each in changes if each.word == word] for word in ("worse", "better", "same")
    }
    return {"different": list(different), **named}
