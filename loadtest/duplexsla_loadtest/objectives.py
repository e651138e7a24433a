"""Objectives from YAML, and the verdict: held, missed, or void when the load test was the bottleneck."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from duplexsla.errors import SettingError
from duplexsla_loadtest.figures import Measured

DEFAULT = Path(__file__).parent / "objectives.yaml"
EXIT = {"held": 0, "missed": 1, "void": 3}  # 2 says that the command was not understood


@dataclass(frozen=True)
class Objective:
    """A figure and what it must be."""

    name: str
    limit: float
    at_least: bool = False

    def held(self, value: float) -> bool:
        return value >= self.limit if self.at_least else value <= self.limit

    @property
    def wanted(self) -> str:
        return f"{'>=' if self.at_least else '<='} {self.limit:g}"


@dataclass(frozen=True)
class JudgedObjective:
    """One objective of one run; `held` is None when there was nothing to judge."""

    objective: Objective
    value: float | None
    held: bool | None


@dataclass(frozen=True)
class Objectives:
    wanted: tuple[Objective, ...]
    void_above: tuple[Objective, ...]


@dataclass(frozen=True)
class LoadVerdict:
    word: str  # "held", "missed" or "void"
    judged: tuple[JudgedObjective, ...]
    void: tuple[str, ...]  # why the run says nothing

    @property
    def status(self) -> int:
        return EXIT[self.word]


def read_objectives(path: Path = DEFAULT) -> Objectives:
    """SettingError says what is wrong with the file; names are checked too."""
    try:
        row = yaml.safe_load(path.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise SettingError(f"objectives: {error}") from error
    known = {"objectives", "void_above"}
    if not isinstance(row, dict) or not row.keys() <= known:
        raise SettingError(f"{path}: the keys are objectives and void_above")
    try:
        return Objectives(_objectives(row.get("objectives")), _objectives(row.get("void_above")))
    except SettingError as error:
        raise SettingError(f"{path}: {error}") from error


def judge(measured: Measured, objectives: Objectives, *, lost_workers: int = 0) -> LoadVerdict:
    judged = tuple(_judge_objective(measured, objective) for objective in objectives.wanted)
    void = [
        f"the load test was the bottleneck: {each.objective.name} is {each.value:.3g},"
        f" {each.objective.wanted} is needed"
        for each in (_judge_objective(measured, objective) for objective in objectives.void_above)
        if each.held is False
    ]
    void += [f"{lost_workers} worker processes died"] if lost_workers else []
    missed = any(each.held is False for each in judged) or not measured.metrics.counts["chunks"]
    word = "void" if void else "missed" if missed else "held"
    return LoadVerdict(word, judged, tuple(void))


def _judge_objective(measured: Measured, objective: Objective) -> JudgedObjective:
    value = measured.figure(objective.name)
    return JudgedObjective(objective, value, None if value is None else objective.held(value))


def _objectives(rows: Any) -> tuple[Objective, ...]:
    if rows is not None and not isinstance(rows, dict):
        raise SettingError(f"a mapping of figures to limits is wanted, not {rows!r}")
    return tuple(_objective(str(name), value) for name, value in (rows or {}).items())


def _objective(name: str, value: Any) -> Objective:
    at_least = isinstance(value, dict) and value.keys() == {"at_least"}
    limit = value["at_least"] if at_least else value
    if not isinstance(limit, int | float) or isinstance(limit, bool):
        raise SettingError(f"{name}: a number or {{at_least: number}} is wanted, not {value!r}")
    Measured([]).figure(name)
    return Objective(name, float(limit), at_least)


def failed(verdict: LoadVerdict) -> Sequence[JudgedObjective]:
    return [each for each in verdict.judged if each.held is False]
