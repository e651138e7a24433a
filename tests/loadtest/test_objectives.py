from pathlib import Path

import pytest

from duplexsla.errors import SettingError
from duplexsla_loadtest.figures import Measured, SessionFigures
from duplexsla_loadtest.metrics import Metrics
from duplexsla_loadtest.objectives import DEFAULT, judge, read_objectives


def _session(
    kind: str = "talk", *, steps_ms: list[float], worst_run: int = 0, **counts: int
) -> SessionFigures:
    metrics = Metrics()
    metrics.counts.update({"conversations": 1, "chunks": len(steps_ms), **counts})
    for ms in steps_ms:
        metrics.times["step"].record(ms)
    return SessionFigures(kind, metrics, worst_run)


def _own(lag_ms: float, processor_us: int = 0) -> Metrics:
    own = Metrics()
    own.times["own_lag"].record(lag_ms)
    own.counts["own_processor_us"] = processor_us
    return own


def test_the_default_judges_step_misses_actions_and_the_tester_itself() -> None:
    default = read_objectives()
    names = {each.name for each in default.wanted}
    assert {"step_p99_ms", "miss_ratio", "sessions_with_3_consecutive_misses", "action_p99_ms"} <= names
    assert {each.name for each in default.void_above} == {"own_lag_p99_ms", "own_processor_share"}


def test_a_good_run_is_held_and_a_slow_one_missed() -> None:
    good = judge(Measured([_session(steps_ms=[20.0] * 1_000)], [_own(1.0)]), read_objectives())
    bad = judge(
        Measured([_session(steps_ms=[200.0] * 50 + [20.0] * 50, misses=50)], [_own(1.0)]), read_objectives()
    )
    assert (good.word, good.status, bad.word, bad.status) == ("held", 0, "missed", 1)
    assert {each.objective.name for each in bad.judged if each.held is False} == {"step_p99_ms", "miss_ratio"}


def test_a_tester_that_was_late_or_busy_voids_its_run() -> None:
    measured = [_session(steps_ms=[20.0])]
    late = judge(Measured(measured, [_own(1.0), _own(9.0)]), read_objectives())
    busy = judge(Measured(measured, [_own(1.0, 9_000_000)], window_s=10.0), read_objectives())
    died = judge(Measured(measured, [_own(1.0)]), read_objectives(), lost_workers=1)
    assert [each.word for each in (late, busy, died)] == ["void"] * 3
    assert "own_lag_p99_ms" in late.void[0] and "own_processor_share" in busy.void[0] and late.status == 3


def test_nothing_measured_is_not_held() -> None:
    assert judge(Measured([]), read_objectives()).word == "missed"


def test_objectives_of_ones_own_by_any_figure(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "objectives: {talk/step_p97.5_ms: 50, step_max_ms: 60, chunks: {at_least: 3}, refused_ratio: 0.5}"
    )
    sessions = [_session(steps_ms=[40.0, 40.0]), _session("quiet", steps_ms=[70.0])]
    verdict = judge(Measured(sessions), read_objectives(path))
    assert [each.held for each in verdict.judged] == [True, False, True, True]


@pytest.mark.parametrize(
    "name", ["stepp99", "step_p99", "mis_ratio", "sessions_with_misery", "talk/steps_p1_ms"]
)
def test_a_figure_that_does_not_exist_is_named(tmp_path: Path, name: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"objectives: {{{name}: 1}}")
    with pytest.raises(SettingError, match="mine.yaml: no "):
        read_objectives(path)


def test_shares_of_conversations() -> None:
    sessions = [_session(steps_ms=[1.0], worst_run=3, underruns=1), _session(steps_ms=[1.0], worst_run=2)]
    measured = Measured([*sessions, _session(steps_ms=[], refused=1)])
    assert measured.figure("sessions_with_3_consecutive_misses") == 0.5
    assert measured.figure("sessions_with_2_consecutive_misses") == 1.0
    assert measured.figure("sessions_with_underruns") == 0.5
    assert measured.figure("refused_ratio") == pytest.approx(1 / 3)


def test_the_file_that_ships_explains_itself() -> None:
    assert "step_p99_ms: 160 #" in DEFAULT.read_text()
