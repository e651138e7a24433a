from collections import Counter
from pathlib import Path

import pytest

from duplexsla.clock import CHUNK_S
from duplexsla.errors import SettingError
from duplexsla_loadtest.mix import Mix, read_mix
from duplexsla_loadtest.plan import Load, Planned, plan

LOAD = Load(sessions=20, duration_s=100, ramp_s=5, seed=3)


@pytest.fixture
def mix(tmp_path: Path) -> Mix:
    return _mix(tmp_path, "length_s: {exponential: 20, least: 5}\nbetween_s: 1\n")


def _mix(folder: Path, head: str) -> Mix:
    path = folder / "mix.yaml"
    path.write_text(head + "callers: {quiet: {share: 3}, other: {share: 1}}\n")
    return read_mix(str(path))


def _live(planned: list[Planned], at_s: float) -> int:
    return sum(each.at_s <= at_s < each.ends_s for each in planned)


def test_the_seed_settles_everything(mix: Mix) -> None:
    assert plan(mix, LOAD) == plan(mix, LOAD)
    assert plan(mix, LOAD) != plan(mix, Load(20, 100, 5, seed=4))


def test_a_caller_holds_one_conversation_at_a_time(mix: Mix) -> None:
    planned = plan(mix, LOAD)
    for home in range(20):
        own = [each for each in planned if each.home == home]
        assert all(first.ends_s < second.at_s for first, second in zip(own, own[1:], strict=False))
    assert max(_live(planned, at_s) for at_s in range(6, 100)) <= 20
    assert min(_live(planned, at_s) for at_s in range(6, 95)) >= 15


def test_nothing_outlasts_the_run(mix: Mix) -> None:
    assert all(each.ends_s <= 100 and each.chunks >= 1 for each in plan(mix, LOAD))


def test_without_a_length_everybody_stays_until_the_end(tmp_path: Path) -> None:
    planned = plan(_mix(tmp_path, ""), LOAD)
    assert len(planned) == 20
    assert all(100 - each.ends_s < CHUNK_S for each in planned)


def test_shares_are_kept_as_evenly_as_can_be(mix: Mix) -> None:
    kinds = [each.kind for each in plan(mix, LOAD)]
    assert Counter(kinds[:20]) == {"quiet": 15, "other": 5}
    assert all("other" in kinds[at : at + 4] for at in range(0, 20, 4))


def test_arrivals_come_at_their_rate_and_never_meet_in_a_home(tmp_path: Path) -> None:
    mix = _mix(tmp_path, "length_s: 10\narrivals_per_s: 2\n")
    planned = plan(mix, Load(0, 500, 0, seed=1))
    assert 900 < len(planned) < 1_100
    for home in {each.home for each in planned}:
        own = [each for each in planned if each.home == home]
        assert all(first.ends_s < second.at_s for first, second in zip(own, own[1:], strict=False))


def test_a_run_without_callers_is_refused(mix: Mix) -> None:
    with pytest.raises(SettingError, match="--sessions"):
        plan(mix, Load(0, 10, 0, seed=1))
