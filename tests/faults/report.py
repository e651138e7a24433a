"""What came of each row: a table for people, JSON for programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from benchmarks.machine import machine

from duplexsla.history.invariants import Finding


@dataclass
class Result:
    """One row. `missed` says which targets were missed, and by how much."""

    fault: str
    target: str
    load: str = ""
    figures: dict[str, float | int | str] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    judged: dict[str, int] = field(default_factory=dict)  # rows by invariant
    failure: str = ""  # why it could not be run
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        return not (self.missed or self.findings or self.failure)

    def aim(self, what: str, seen: float, most: float, unit: str = "") -> None:
        """A target that is an upper bound; a nan misses it."""
        if not seen <= most:
            self.missed.append(f"{what}: {seen:.4g}{unit} in place of at most {most:.4g}{unit}")

    def must(self, what: str, holds: bool) -> None:
        if not holds:
            self.missed.append(what)


def table(results: Sequence[Result]) -> str:
    """Markdown."""
    rows = ["| fault | load | target | seen | checker |", "|---|---|---|---|---|"]
    return "\n".join([*rows, *map(_row, results)])


def _row(result: Result) -> str:
    if result.failure:
        seen, judged = f"could not be run: {result.failure}", "-"
    else:
        seen = ", ".join(f"{name} {_figure(value)}" for name, value in result.figures.items())
        seen += "".join(f" **missed: {each}**" for each in result.missed)
        broken = sorted({finding.invariant for finding in result.findings})
        judged = f"**broken: {', '.join(broken)}**" if broken else f"0 broken of {_seen(result)}"
    cells = (result.fault, result.load, result.target, seen, judged)
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _seen(result: Result) -> str:
    return " ".join(name for name, rows in result.judged.items() if rows)


def _figure(value: float | int | str) -> str:
    return value if isinstance(value, str) else f"{value:.4g}"


def as_json(results: Sequence[Result], **about: object) -> str:
    """One line."""
    rows = [asdict(result) | {"passed": result.passed} for result in results]
    return json.dumps({"benchmark": "faults", **machine(), **about, "rows": rows})
