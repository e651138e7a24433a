"""Against a real server with known delays, losses and breaks, one kind in each home: exactly these are seen.

What the machine adds is the measure's own subject, so a run in which the tester was late by half of the
smallest difference is played again.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.support.loadtest_server import Script, serving

from duplexsla_loadtest.caller import CallerSettings
from duplexsla_loadtest.coordinator import Job, play
from duplexsla_loadtest.metrics import Metrics
from duplexsla_loadtest.mix import Mix, read_mix
from duplexsla_loadtest.objectives import Objective, read_objectives
from duplexsla_loadtest.plan import Load
from duplexsla_loadtest.report import Report, build_report

pytestmark = pytest.mark.slow

TRIES = 5
CHUNKS = 20
JUDGED = replace(read_objectives(), void_above=(Objective("own_lag_max_ms", 40.0),))
LATE_S = 0.24  # of one chunk: a miss, and the next one is early enough again
SCRIPTS = {
    "prompt": Script(),
    "late": Script(delay_s=lambda n: LATE_S if n % 10 == 9 else 0.0),
    "slow": Script(delay_s=lambda _: 0.6),
    "stuck": Script(delay_s=lambda _: 2.0),
    "loses": Script(loses=lambda n: n in (4, 5, 15)),
    "holes": Script(sounds=lambda n: 5 <= n < 15, delay_s=lambda n: 2 * LATE_S if n == 9 else 0.0),
    "acts": Script(acts=lambda n: n == 6),
    "forgets": Script(acts=lambda n: n == 6, outcomes=lambda _: 0),
    "repeats": Script(acts=lambda n: n == 6, outcomes=lambda _: 2),
    "breaks": Script(breaks_after=8),
    "resumes": Script(breaks_after=8, resumes=True),
    "refuses": Script(refuses=True),
}


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Mix:
    """Callers that say nothing for 20 chunks each."""
    path: Path = tmp_path_factory.mktemp("mix") / "quiet.yaml"
    path.write_text(f"length_s: {CHUNKS * 0.16 + 0.01}\nbetween_s: 100\ncallers: {{quiet: {{}}}}")
    return read_mix(str(path))


@pytest.fixture(scope="module")
def report(quiet: Mix) -> Report:
    """One run of two processes: a caller in each home; several tries until it is not void."""
    scripts = {f"load-{number}": script for number, script in enumerate(SCRIPTS.values())}
    for _ in range(TRIES):
        with serving(scripts) as address:
            job = replace(
                _job(address, quiet, callers=len(SCRIPTS)), workers=2, settings=CallerSettings(in_flight=8)
            )
            found = build_report(play(job, lambda _run, _now: None), JUDGED, {})
        if found.verdict.word != "void":
            break
    return found


def _job(address: str, mix: Mix, *, callers: int) -> Job:
    return Job(address, mix, Load(callers, 4.0, ramp_s=0.5, seed=1), warm_up_s=0.0)


def _row(report: Report, name: str) -> Any:
    (row,) = (row for row in report.sessions if row["home"] == f"load-{list(SCRIPTS).index(name)}")
    return row


def _metrics(report: Report, name: str) -> Metrics:
    metrics: Metrics = _row(report, name)["tally"]
    return metrics


def _counts(report: Report, name: str, *names: str) -> list[int]:
    return [_metrics(report, name).counts[each] for each in names]


def test_a_prompt_server_has_no_misses(report: Report) -> None:
    assert _counts(report, "prompt", "chunks", "misses", "lost", "deferrals", "ok") == [CHUNKS, 0, 0, 0, 1]


def test_known_delays_are_reported_as_they_are(report: Report) -> None:
    assert _counts(report, "late", "chunks", "misses", "lost") == [CHUNKS, 2, 0]
    assert _metrics(report, "late").times["step"].above(1e3 * LATE_S) == 2
    assert _row(report, "late")["worst_run"] == 1


def test_a_late_reply_delays_no_send(report: Report) -> None:
    """Every answer is 600 ms late, which costs no more than that: four chunks are under way at once."""
    assert _counts(report, "slow", "chunks", "misses", "deferrals") == [CHUNKS, CHUNKS, 0]
    step = _metrics(report, "slow").times["step"]
    assert step.percentile(1) >= 600 and step.percentile(100) < 600 + 400
    assert _row(report, "slow")["worst_run"] == CHUNKS


def test_the_cap_holds_back_and_counts(report: Report) -> None:
    """Answers take 2 s, 8 chunks may be under way: the 9th waits, its latency counts from its schedule."""
    assert _counts(report, "stuck", "chunks", "misses", "deferrals")[:2] == [CHUNKS, CHUNKS]
    assert _counts(report, "stuck", "deferrals") >= [CHUNKS // 2]
    assert _metrics(report, "stuck").times["step"].above(2_500) >= 4


def test_known_losses_are_reported_as_they_are(report: Report) -> None:
    assert _counts(report, "loses", "chunks", "lost", "misses", "gaps") == [CHUNKS, 3, 3, 3]
    assert _row(report, "loses")["worst_run"] == 2


def test_holes_in_the_sound_are_reported(report: Report) -> None:
    assert _counts(report, "holes", "sound_chunks", "underruns") == [10, 1]
    assert 200 <= _metrics(report, "holes").counts["underrun_ms"] < 480


@pytest.mark.parametrize(
    ("name", "finding"), [("acts", None), ("forgets", "actions_missing"), ("repeats", "actions_twice")]
)
def test_each_action_once(report: Report, name: str, finding: str | None) -> None:
    assert _counts(report, name, "actions") == [1]
    assert _counts(report, name, "actions_missing", "actions_twice", "actions_extra") == [
        int(finding == each) for each in ("actions_missing", "actions_twice", "actions_extra")
    ]
    assert {each.count for each in report.mismatches} == {"actions_missing", "actions_twice"}


def test_a_refusal_is_counted_by_its_kind_and_timed(report: Report) -> None:
    assert _row(report, "refuses")["ended"] == "refused slots_exhausted"
    assert _counts(report, "refuses", "refused", "refused_slots_exhausted", "chunks") == [1, 1, 0]
    assert len(_metrics(report, "refuses").times["refusal"]) == 1


def test_a_session_that_is_lost_is_begun_anew_and_the_outage_is_timed(report: Report) -> None:
    row = _row(report, "breaks")
    assert (row["ended"], len(row["session_ids"])) == ("ok", 2)
    assert _counts(report, "breaks", "restarts", "reconnects", "failed", "chunks") == [1, 0, 0, CHUNKS]
    assert len(_metrics(report, "breaks").times["outage"]) == 1


def test_a_session_that_is_resumed_goes_on_and_the_outage_is_timed(report: Report) -> None:
    row = _row(report, "resumes")
    assert (row["ended"], len(row["session_ids"])) == ("ok", 1)
    assert _counts(report, "resumes", "reconnects", "restarts", "chunks") == [1, 0, CHUNKS]
    assert len(_metrics(report, "resumes").times["outage"]) == 1
    assert _metrics(report, "resumes").counts["misses"] <= 4  # those of the outage, and none after it


def test_all_processes_together_are_one_measure(report: Report) -> None:
    assert len(report.own) == 2 and len(report.sessions) == len(SCRIPTS)
    assert report.measured.figure("chunks") == CHUNKS * (len(SCRIPTS) - 1)
    by_second = sum(each.counts["misses"] for each in report.seconds.values())
    assert by_second == report.measured.figure("misses")
    assert report.verdict.word == "missed"


def test_nobody_there_is_a_run_that_missed(quiet: Mix) -> None:
    job = _job("127.0.0.1:9", quiet, callers=2)
    found = build_report(
        play(replace(job, load=replace(job.load, duration_s=1.0)), lambda _r, _n: None),
        read_objectives(),
        {},
    )
    assert [found.measured.figure(name) for name in ("refused", "conversations", "chunks")] == [2, 2, 0]
    assert found.verdict.word in ("missed", "void")


def test_starved_of_processor_time_it_voids_its_run(quiet: Mix) -> None:
    with serving({}) as address, _starved():
        run = play(replace(_job(address, quiet, callers=3), nice=15), lambda _run, _now: None)
    found = build_report(run, read_objectives(), {})
    assert found.verdict.word == "void"
    assert "the load test was the bottleneck: own_lag_p99_ms" in found.verdict.void[0]


@contextmanager
def _starved() -> Iterator[None]:
    """This process and what it starts get one core, with four programs on it that never rest."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    spinners = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(4)]
    try:
        yield
    finally:
        for each in spinners:
            each.kill()
            each.wait()
        os.sched_setaffinity(0, before)
