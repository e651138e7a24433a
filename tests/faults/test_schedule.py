"""The seed of a soak is its whole schedule."""

import itertools
import json

from tests.faults.schedule import Blow, schedule, written

FAULTS = ("decoder dies", "gateway drains", "redis hangs", "devices fail")
SEEDS = range(8)


def test_a_longer_soak_of_the_same_seed_replays_the_shorter_one() -> None:
    for seed in SEEDS:
        short, long = (schedule(seed, FAULTS, seconds=seconds) for seconds in (300, 1_800))
        assert short and long[: len(short)] == short


def test_seeds_differ_in_their_schedules() -> None:
    assert len({tuple(schedule(seed, FAULTS, seconds=300)) for seed in SEEDS}) == len(SEEDS)


def test_faults_come_about_every_twenty_seconds_and_one_at_a_time() -> None:
    for seed in SEEDS:
        blows = schedule(seed, FAULTS, seconds=1_800, every_s=20.0)
        assert 1_800 / 24 - 2 <= len(blows) <= 1_800 / 16
        for before, after in itertools.pairwise(blows):
            assert before.at_s + before.for_s < after.at_s and before.fault != after.fault


def test_a_schedule_that_was_written_down_can_be_read() -> None:
    blows = schedule(7, FAULTS, seconds=300)
    read = json.loads(written(7, blows))
    assert read["seed"] == 7 and [Blow(**each) for each in read["blows"]] == blows
