from pathlib import Path

from duplexsla_lab.bench.making.case_plan import COUNTS, Count, missing, shard_plans, version


def ids(small: bool) -> list[str]:
    return [id for plan in shard_plans(COUNTS, seed=1, small=small) for id in plan.ids]


def test_there_are_as_many_cases_as_table_10_has_and_900_of_the_home() -> None:
    whole = ids(small=False)
    assert len(whole) == len(set(whole)) == 2_100 + 900
    for scenario in ("normal", "pause", "interrupt", "backchannel"):
        assert sum(id.startswith(f"{scenario}-") for id in whole) == 300
    for scenario in ("single", "multi", "backchannel_action"):
        for toolset in ("car", "home"):
            assert sum(id.startswith(f"{scenario}-{toolset}-") for id in whole) == 300


def test_the_small_set_is_30_of_every_family() -> None:
    small = ids(small=True)
    assert len(small) == 300
    assert sum(id.startswith("pause-") for id in small) == 30
    assert sum(id.startswith("multi-car-") for id in small) == 30


def test_the_small_set_is_spoken_alike_alone_and_with_the_rest() -> None:
    plans = shard_plans(COUNTS, seed=1, small=False)
    assert [plan for plan in plans if plan.part == "small"] == shard_plans(COUNTS, seed=1, small=True)


def test_a_case_stays_in_its_set_when_others_come() -> None:
    few, many = Count("normal", "home", 100, 10), Count("normal", "home", 101, 10)
    assert [id for id in many.ids() if id in few.ids()] == few.ids()


def test_every_seed_has_a_name_of_its_own() -> None:
    assert version(1) == version(1) != version(2)


def test_a_shard_is_there_when_its_rows_are(tmp_path: Path) -> None:
    first, *others = shard_plans(COUNTS, seed=1, small=True)
    (tmp_path / f"{first.name}.pcm").touch()
    assert missing([first], tmp_path) == [first]
    (tmp_path / f"{first.name}.jsonl").touch()
    assert missing([first, *others], tmp_path) == others
