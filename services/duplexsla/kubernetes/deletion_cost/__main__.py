"""Writes on each decoder pod what it would cost to delete it:
`python -m duplexsla.kubernetes.deletion_cost --help`."""

import argparse
import asyncio
import logging
import sys

from duplexsla.errors import SettingError
from duplexsla.kubernetes.deletion_cost.keeper import Keeper
from duplexsla.kubernetes.deletion_cost.pods import KubernetesPods, SessionCounts
from duplexsla.runtime.control import Control, Drain
from duplexsla.runtime.settings import setting
from duplexsla.telemetry import Page

HELP = """\
Writes the number of live sessions on each decoder pod, as controller.kubernetes.io/pod-deletion-cost, so that
a Deployment which shrinks gives up its emptiest pod. One of it is enough; without it, any pod is as good.

It needs get, list and patch on the pods of one namespace, and the way to their control port. It writes a
cost only when it has changed. Karpenter's PodDeletionCostManagement writes the same annotation: use one of
the two.

Settings (environment):
  DUPLEXSLA_NAMESPACE       of the decoder pods
  DUPLEXSLA_SELECTOR        their labels; app.kubernetes.io/component=decoder without it
  DUPLEXSLA_DECODER_CONTROL port of their GET /healthz; 8003 without it
  DUPLEXSLA_EVERY_S         seconds between two looks; 10 without it
  DUPLEXSLA_LISTEN          host:port of GET /healthz, GET /metrics and POST /drain; 127.0.0.1:8074 without it
  DUPLEXSLA_KUBERNETES_API  http://host:port of the API, outside of a pod; the pod's own without it
"""
EXIT_WRONG_SETTING = 2


async def run() -> int:
    """Until it is asked to end."""
    selector = setting("SELECTOR", str, "app.kubernetes.io/component=decoder")
    pods = KubernetesPods(setting("NAMESPACE", str), selector, url=setting("KUBERNETES_API", str, ""))
    sessions = SessionCounts(setting("DECODER_CONTROL", int, 8003))
    keeper = Keeper(pods, sessions, every_s=setting("EVERY_S", float, 10.0))
    drain = Drain(0.0)
    drain.on_signals()
    control = Control(keeper.report, drain, Page(keeper.readings))
    await control.listen(setting("LISTEN", str, "127.0.0.1:8074"))
    keeping = asyncio.create_task(keeper.run())
    keeping.add_done_callback(lambda _: drain.ask())
    await drain.asked.wait()
    if keeping.done():
        keeping.result()
    keeping.cancel()
    await sessions.close()
    status = drain.done(0)
    await control.close()
    return status


def main() -> int:
    argparse.ArgumentParser(
        prog="duplexsla.kubernetes.deletion_cost",
        description=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        return asyncio.run(run())
    except SettingError as error:
        print(f"duplexsla deletion cost: {error}", file=sys.stderr)
        return EXIT_WRONG_SETTING


if __name__ == "__main__":
    sys.exit(main())
