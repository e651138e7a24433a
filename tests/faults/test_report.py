"""A row says what was missed, and by how much."""

import json

import tests.faults.__main__  # noqa: F401  (all rows)
from tests.faults.report import Result, as_json, table
from tests.faults.rows import ROWS

WANTED = (  # of the table
    "decoder-killed decoder-hangs decoder-drained gateway-killed gateway-drained executor-killed "
    "rebalance redis-stopped redis-failover redis-forgets broker-killed kafka-stopped device "
    "blackhole jitter deaf vanished overload reconnect collector-down frames "
    "decisions-two-executors decisions-clocks-step decisions-redis-forgets decisions-decoder-killed "
    "decisions-gateway-killed decisions-executor-killed"
)


def test_every_fault_of_the_table_has_its_row() -> None:
    assert set(ROWS) == set(WANTED.split())


def test_a_missed_bound_is_told_with_both_numbers() -> None:
    result = Result("a fault", "a target")
    result.aim("gap p95", 2.5, 2.0, " s")
    assert not result.passed and "gap p95: 2.5 s in place of at most 2 s" in table([result])


def test_nothing_measured_misses_its_bound() -> None:
    result = Result("a fault", "a target")
    result.aim("gap p95", float("nan"), 2.0)
    assert not result.passed


def test_a_row_that_could_not_be_run_says_why() -> None:
    result = Result("a fault", "a target", failure="StartFailed: no java")
    assert "could not be run: StartFailed: no java" in table([result])


def test_the_json_is_one_line_with_every_row() -> None:
    line = as_json([Result("a", "b"), Result("c", "d", failure="e")], seed=7)
    read = json.loads(line)
    assert "\n" not in line and read["seed"] == 7 and [row["passed"] for row in read["rows"]] == [True, False]
