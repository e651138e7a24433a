"""Writes decoder pods' deletion costs: `python -m duplexsla.kubernetes.deletion_cost --help`."""

import asyncio
import sys
from typing import Any

from duplexsla.kubernetes.deletion_cost.pods import KubernetesPodApi, SessionCounts
from duplexsla.kubernetes.deletion_cost.reconciler import CostReconciler
from duplexsla.runtime.control import Control, ControlPages, Drain
from duplexsla.runtime.service_settings import DeletionCostSettings
from duplexsla.runtime.startup import parser_of, start
from duplexsla.runtime.tasks import Supervisor
from duplexsla.telemetry import MetricsPage, metrics

HELP = """\
Writes the number of live sessions on each decoder pod, as controller.kubernetes.io/pod-deletion-cost, so that
a Deployment that scales in removes its emptiest pod first. One process is enough.

It needs get, list and patch on the pods of one namespace, and the decoders' control port. It writes a cost
only when it has changed. Karpenter's PodDeletionCostManagement writes the same annotation: use one of them.
"""
PACKAGE = "duplexsla.kubernetes.deletion_cost"


async def run(settings: DeletionCostSettings) -> int:
    """Until it is asked to drain; the process's exit status."""
    pods = KubernetesPodApi(settings.namespace, settings.selector, url=settings.kubernetes_api)
    sessions = SessionCounts(settings.decoder_control)
    reconciler = CostReconciler(pods, sessions, every_s=settings.every_s)
    drain = Drain(0.0)
    drain.on_signals()
    tasks = Supervisor()
    page = MetricsPage(lambda: reconciler.samples() | {metrics.TASK_DEATHS: tasks.deaths.total()})
    control = Control(ControlPages(lambda: _report(reconciler, tasks), drain, page))
    await control.listen(settings.listen)
    tasks.run("reconcile", reconciler.run)
    await drain.asked.wait()
    await tasks.close()
    await sessions.close()
    status = drain.done(0)
    await control.close()
    return status


def _report(reconciler: CostReconciler, tasks: Supervisor) -> tuple[bool, dict[str, Any]]:
    (answered, shown), (running, tasks_shown) = reconciler.report(), tasks.well()
    return answered and running, shown | tasks_shown


def main() -> int:
    parser_of(PACKAGE, HELP, DeletionCostSettings).parse_args()
    return start(PACKAGE, DeletionCostSettings, lambda settings: asyncio.run(run(settings)))


if __name__ == "__main__":
    sys.exit(main())
