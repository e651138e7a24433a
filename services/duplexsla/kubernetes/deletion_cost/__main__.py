"""Writes decoder pods' deletion costs: `python -m duplexsla.kubernetes.deletion_cost --help`."""

import asyncio
import sys

from duplexsla.kubernetes.deletion_cost.pods import KubernetesPodApi, SessionCounts
from duplexsla.kubernetes.deletion_cost.reconciler import CostReconciler
from duplexsla.runtime.control import Control, ControlPages
from duplexsla.runtime.drain import Drain
from duplexsla.runtime.service_settings import DeletionCostSettings
from duplexsla.runtime.startup import parser_of, start
from duplexsla.telemetry import MetricsPage

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
    control = Control(ControlPages(reconciler.report, drain, MetricsPage(reconciler.samples)))
    await control.listen(settings.listen)
    reconciling = asyncio.create_task(reconciler.run())
    reconciling.add_done_callback(lambda _: drain.ask())
    await drain.asked.wait()
    if reconciling.done():
        reconciling.result()
    reconciling.cancel()
    await sessions.close()
    status = drain.done(0)
    await control.close()
    return status


def main() -> int:
    parser_of(PACKAGE, HELP, DeletionCostSettings).parse_args()
    return start(PACKAGE, DeletionCostSettings, lambda settings: asyncio.run(run(settings)))


if __name__ == "__main__":
    sys.exit(main())
