"""One run with everything around it: homes made before, effects read after, all of it judged."""

import time
from collections.abc import Callable

from duplexsla_loadtest.coordinator import Job, LoadRun, play
from duplexsla_loadtest.home_log import HomeLog
from duplexsla_loadtest.objectives import Objectives
from duplexsla_loadtest.plan import plan
from duplexsla_loadtest.report import Report, build_report

SETTLE_S = 1.0  # in which an effect too many would show


def measure(
    job: Job,
    objectives: Objectives,
    *,
    homes_url: str | None,
    homes_token: str = "",
    tenant: str = "",
    watch: Callable[[LoadRun, float], None],
) -> Report:
    """The report of one run. DeviceUnavailable when the home service does not answer."""
    if homes_url is None:
        return build_report(play(job, watch), objectives, {})
    log = HomeLog(homes_url, homes_token, tenant)
    homes = sorted({f"{job.homes}{each.home}" for each in plan(job.mix, job.load)})
    log.create(homes)
    run = play(job, watch)
    time.sleep(SETTLE_S)
    return build_report(run, objectives, log.effects(homes, since=run.began_at))
