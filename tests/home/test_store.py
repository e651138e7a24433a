"""State and effects on disk."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from duplexsla.home.registry import HomeConfiguration
from duplexsla.home.state import NewestChange
from duplexsla.home.store import KEPT_MS, SWEEP_EVERY, EffectRecord, HomeStore

EFFECT = EffectRecord(
    action_id="a",
    home="demo",
    session_id="00000000000000ff",
    fence=7,
    toolset="home",
    function="open_home_device",
    arguments={"device": "light"},
    result={"power": "on"},
    before={"attic/light": {"power": "off"}},
    after={"attic/light": {"power": "on"}, "timer/tea": {"state": "running"}},
    at_ms=1_000,
)


def test_what_is_written_is_read_back_by_the_next_process(tmp_path: Path) -> None:
    first = HomeStore(tmp_path / "homes.sqlite")
    first.create("demo", 1)
    first.write(EFFECT)
    first.close()
    second = HomeStore(tmp_path / "homes.sqlite")
    assert second.knows("demo")
    assert second.effect("a") == EFFECT
    assert second.changes("demo") == EFFECT.after
    assert second.newest_fence("00000000000000ff") == 7
    second.close()


def test_one_action_has_one_effect_and_a_second_one_leaves_no_trace() -> None:
    store = HomeStore(":memory:")
    store.write(EFFECT)
    with pytest.raises(sqlite3.IntegrityError):
        store.write(replace(EFFECT, after={"attic/light": {"power": "broken"}}))
    assert store.changes("demo") == EFFECT.after
    assert store.effects("demo", limit=10) == [EFFECT]


def test_a_removed_entity_is_gone() -> None:
    store = HomeStore(":memory:")
    store.write(EFFECT)
    store.write(replace(EFFECT, action_id="b", after={"timer/tea": None}))
    assert store.changes("demo") == {"attic/light": {"power": "on"}}


def test_homes_do_not_see_each_other() -> None:
    store = HomeStore(":memory:")
    store.write(EFFECT)
    assert store.changes("other") == {}
    assert store.effects("other", limit=10) == []


def test_the_newest_effects_come_oldest_first() -> None:
    store = HomeStore(":memory:")
    for id in "abcd":
        store.write(replace(EFFECT, action_id=id))
    assert [effect.action_id for effect in store.effects("demo", limit=2)] == ["c", "d"]


def test_old_effects_are_swept_so_that_the_log_stays_bounded() -> None:
    store = HomeStore(":memory:")
    for number in range(SWEEP_EVERY - 1):
        store.write(replace(EFFECT, action_id=str(number)))
    store.write(replace(EFFECT, action_id="late", at_ms=EFFECT.at_ms + KEPT_MS + 1))
    assert [effect.action_id for effect in store.effects("demo", limit=10)] == ["late"]


def test_what_changed_an_entity_last_and_how_a_home_is_set_up_outlive_a_process(tmp_path: Path) -> None:
    first = HomeStore(tmp_path / "homes.sqlite")
    first.create("demo", 1)
    first.configure("demo", HomeConfiguration("Asia/Tokyo", fahrenheit=True))
    first.write(EFFECT, ["attic/light", "timers"])
    first.write_by_hand("demo", {"attic/light": {"power": "off"}}, ["attic/light"], 2_000)
    first.close()
    second = HomeStore(tmp_path / "homes.sqlite")
    assert second.configuration("demo") == HomeConfiguration("Asia/Tokyo", fahrenheit=True)
    assert second.configuration("other") == HomeConfiguration()
    assert second.newest_changes("demo") == {
        "attic/light": NewestChange(2_000),
        "timers": NewestChange(1_000, "a"),
    }
    assert second.changes("demo")["attic/light"] == {"power": "off"}
    second.close()
