"""The load test against the whole system: what it measures is true of the homes too."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from duplexsla.local.process import Process

pytestmark = pytest.mark.integration

# What must hold on a machine of any speed; nothing is said about time.
OBJECTIVES = """
objectives:
  conversations: {at_least: 4}
  asks_met: {at_least: 1}
  actions: {at_least: 1}
  refused: 0
  failed: 0
  actions_missing: 0
  actions_extra: 0
  actions_twice: 0
  actions_out_of_order: 0
  actions_unchecked: 0
"""


def test_requests_of_half_a_minute_are_each_done_once(system: dict[str, Process], tmp_path: Path) -> None:
    (tmp_path / "smoke.yaml").write_text(OBJECTIVES)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "duplexsla", "loadtest", "run", system["gateway"].address),
            *("--mix", "commands", "--sessions", "4", "--duration", "30", "--homes", "smoke-"),
            *("--homes-url", system["home"].address, "--objectives", tmp_path / "smoke.yaml"),
            *("--out", tmp_path / "out"),
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["verdict"] == "held" and told["figures"]["step_p50_ms"] > 0
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {"report.json", "report.html", "junit.xml", "metrics.prom"}
