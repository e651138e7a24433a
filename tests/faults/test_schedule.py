"""The seed of a soak is its whole schedule."""

import itertools
import json
import random

import pytest
from tests.faults.schedule import Blow, schedule, written

FAULTS = ("decoder dies", "gateway drains", "redis hangs", "devices fail")
SEEDS = [random.Random(n).randrange(1 << 32) for n in range(50)]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_seed_replays_its_schedule(seed: int) -> None:
    assert schedule(seed, FAULTS, seconds=1_800) == schedule(seed, FAULTS, seconds=1_800)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_longer_soak_of_the_same_seed_begins_as_the_shorter_one(seed: int) -> None:
    short, long = (schedule(seed, FAULTS, seconds=seconds) for seconds in (300, 1_800))
    assert long[: len(short)] == short


def test_seeds_differ_in_their_schedules() -> None:
    assert len({tuple(schedule(seed, FAULTS, seconds=300)) for seed in SEEDS}) == len(SEEDS)


@pytest.mark.parametrize("seed", SEEDS)
def test_faults_come_about_every_twenty_seconds_and_one_at_a_time(seed: int) -> None:
    blows = schedule(seed, FAULTS, seconds=1_800, every_s=20.0)
    assert 1_800 / 24 - 2 <= len(blows) <= 1_800 / 16
    for before, after in itertools.pairwise(blows):
        assert before.at_s + before.for_s < after.at_s and before.fault != after.fault


def test_a_schedule_that_was_written_down_can_be_read() -> None:
    blows = schedule(7, FAULTS, seconds=300)
    read = json.loads(written(7, blows))
    assert read["seed"] == 7 and [Blow(**each) for each in read["blows"]] == blows
