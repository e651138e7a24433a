"""The chart, installed in the cluster, by helm and kubectl."""

import json
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from deploy.cluster.layout import environ
from deploy.cluster.processes import Failed, run
from deploy.images.build import TRIAL

from duplexsla import __version__
from duplexsla.runtime.checkout import ROOT

HERE = Path(__file__).parent
CHART = ROOT / "helm" / "duplexsla"
VALUES = (CHART / "values-laptop.yaml", HERE / "values.yaml")
NAME = NAMESPACE = "duplexsla"
RESTRICTED = f"""
apiVersion: v1
kind: Namespace
metadata: {{name: {NAMESPACE}, labels: {{pod-security.kubernetes.io/enforce: restricted}}}}
"""
KINDS = (
    "all,configmap,secret,serviceaccount,role,rolebinding,networkpolicy,poddisruptionbudget,"
    "persistentvolumeclaim,endpointslice"
)
OWN_TAGS = tuple(f"{part}.image.tag={__version__}" for part in TRIAL)
WAIT_S = 600


def kubectl(*arguments: str) -> str:
    return run(["kubectl", "--namespace", NAMESPACE, *arguments])


def listed(kind: str, component: str = "") -> list[dict[str, Any]]:
    """Objects of the release, as the API server tells them."""
    selector = f"app.kubernetes.io/instance={NAME}"
    selector += f",app.kubernetes.io/component={component}" if component else ""
    rows: list[dict[str, Any]] = json.loads(kubectl("get", kind, "-l", selector, "-o", "json"))["items"]
    return rows


def upgrade(*settings: str) -> None:
    """Installs or upgrades, and waits until all is ready."""
    run(["kubectl", "apply", "-f", "-"], text=RESTRICTED)
    values = [word for file in VALUES for word in ("--values", str(file))]
    given = [word for setting in (*OWN_TAGS, *settings) for word in ("--set", setting)]
    _helm("upgrade", "--install", NAME, str(CHART), *values, *given, "--wait", f"--timeout={WAIT_S}s")


def test() -> str:
    return _helm("test", NAME, "--timeout=180s")


def rollback() -> None:
    _helm("rollback", NAME, "--wait", f"--timeout={WAIT_S}s")


def uninstall() -> None:
    _helm("uninstall", NAME, "--wait", "--timeout=180s", "--ignore-not-found")


def left() -> list[str]:
    """What is still there of the release."""
    return kubectl("get", KINDS, "-l", f"app.kubernetes.io/instance={NAME}", "-o", "name").split()


def service_address(component: str) -> str:
    """host:port of a Service inside of the cluster's network; this machine is on it."""
    spec = json.loads(kubectl("get", "service", f"{NAME}-{component}", "-o", "json"))["spec"]
    return f"{spec['clusterIP']}:{spec['ports'][0]['port']}"


def ready_pods(component: str) -> list[str]:
    """Names of the pods that take work."""
    return [
        pod["metadata"]["name"]
        for pod in listed("pods", component)
        if "deletionTimestamp" not in pod["metadata"]
        and any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"].get("conditions", ()))
    ]


def restart(component: str) -> None:
    """A rolling update to the same images."""
    kubectl("rollout", "restart", f"deployment/{NAME}-{component}")
    kubectl("rollout", "status", f"deployment/{NAME}-{component}", f"--timeout={WAIT_S}s")
    await_fact(
        f"old {component} pods gone", lambda: len(listed("pods", component)) == len(ready_pods(component))
    )


def await_fact(what: str, fact: Callable[[], bool], limit_s: float = WAIT_S) -> float:
    """Seconds until it was so; raises Failed."""
    started = time.monotonic()
    while not fact():
        if time.monotonic() - started > limit_s:
            raise Failed(f"{what}: not after {limit_s:.0f} s\n{explanation()}")
        time.sleep(0.5)
    return time.monotonic() - started


def explanation() -> str:
    """Pods and the newest events: what a person would look at first."""
    commands: Sequence[Sequence[str]] = (
        ("get", "pods", "-o", "wide"),
        ("get", "events", "--sort-by=.lastTimestamp"),
    )
    command = ["kubectl", "--namespace", NAMESPACE]
    told = [
        subprocess.run([*command, *each], env=environ(), capture_output=True, text=True).stdout
        for each in commands
    ]
    return "\n".join(told[0].splitlines() + told[1].splitlines()[-15:])


def _helm(*arguments: str) -> str:
    try:
        return run(["helm", "--namespace", NAMESPACE, *arguments])
    except Failed as failed:
        raise Failed(f"{failed}\n{explanation()}") from failed
