"""The scenarios' results and their order."""

from deploy.cluster import test
from deploy.cluster.callers import CallStats
from deploy.cluster.scenarios import ALL, SHORT, ScenarioResult


def test_a_dropped_call_is_a_failure_and_shown():
    dropped = ScenarioResult("kill", 3.0, CallStats(calls=4, dropped=1, gap_ms=1234.4))
    assert not dropped.held and ScenarioResult("kill", 3.0, CallStats(calls=4)).held
    assert "1234" in test.table([dropped])


def test_the_short_form_is_a_part_of_the_whole():
    assert set(SHORT) < set(ALL) and SHORT[0] == "install" and SHORT[-1] == "uninstall"
