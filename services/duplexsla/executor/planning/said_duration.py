"""How long, as said: "in five minutes", "in an hour and a half", "three quarters of an hour from now"."""

from collections.abc import Sequence

YEAR_S = 366 * 86_400
_SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 7 * 86_400}


class Unclear(Exception):
    """Not understood, and why."""


def duration(words: Sequence[str | float]) -> float | None:
    """Seconds of "in five minutes", "two hours and a half from now"; None where it is no duration."""
    rest = list(words)
    if rest[:1] in (["in"], ["after"], ["for"]):
        rest = rest[1:]
    elif rest[-2:] == ["from", "now"] or rest[-1:] == ["later"]:
        rest = rest[: -2 if rest[-1] == "now" else -1]
    else:
        return None
    seconds = _seconds(rest)
    if seconds is None:
        return None
    if not 0 < seconds <= YEAR_S:
        raise Unclear("that is no time" if seconds <= 0 else "that is more than a year")
    return seconds


def _seconds(words: list[str | float]) -> float | None:
    total, last_unit, at = 0.0, 0, 0
    while at < len(words):
        if words[at] == "and":
            at += 1
            continue
        count, at = _count(words, at)
        if count is None:
            return None
        unit = _unit(words[at]) if at < len(words) else 0
        if not unit and last_unit and count < 1:  # an hour and a half
            unit, at = last_unit, at - 1
        if not unit:
            return None
        total, last_unit, at = total + count * unit, unit, at + 1
    return total if last_unit else None


def _count(words: list[str | float], at: int) -> tuple[float | None, int]:
    """How many of what follows: 5, a, half an, three quarters of an, one and a half, a couple of."""
    rest = words[at:]
    for share, value in (("half", 0.5), ("quarter", 0.25)):
        for form in ([share], ["a", share]):
            if rest[: len(form)] == form:
                return value, at + len(form) + _skipped(rest[len(form) :], ("of", "a", "an"))
    if rest[:2] == [3.0, "quarters"]:
        return 0.75, at + 2 + _skipped(rest[2:], ("of", "a", "an"))
    if rest[:2] == ["a", "couple"]:
        return 2.0, at + 2 + _skipped(rest[2:], ("of",))
    if rest and rest[0] in ("a", "an"):
        return 1.0, at + 1
    if rest and isinstance(rest[0], float):
        if rest[1:4] == ["and", "a", "half"]:
            return rest[0] + 0.5, at + 4
        return rest[0], at + 1
    return None, at


def _skipped(words: Sequence[str | float], these: Sequence[str]) -> int:
    return next((at for at, word in enumerate(words) if word not in these), len(words))


def _unit(word: str | float) -> int:
    return _SECONDS.get(word.removesuffix("s"), 0) if isinstance(word, str) else 0
