"""One run with everything around it: homes made before, effects read after, all of it judged."""

import time
from collections.abc import Callable

from duplexsla_loadtest.coordinator import Job, LoadRun, play
from duplexsla_loadtest.home_log import HomeLog
from duplexsla_loadtest.objectives import Objectives
from duplexsla_loadtest.plan import plan
from duplexsla_loadtest.report import Report, made

LATE_S = 1.0  # for an effect too many to show itself


def measure(
    job: Job, objectives: Objectives, *, homes_url: str | None, watch: Callable[[LoadRun, float], None]
) -> Report:
    """The report of one run. DeviceUnavailable when the home service does not answer."""
    if homes_url is None:
        return made(play(job, watch), objectives, {})
    log = HomeLog(homes_url)
    homes = sorted({f"{job.homes}{each.home}" for each in plan(job.mix, job.load)})
    log.create(homes)
    run = play(job, watch)
    time.sleep(LATE_S)
    return made(run, objectives, log.effects(homes, since=run.began_at))
