"""The dashboard's queries and the alerts, as the cluster's own Prometheus answers them."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import yaml
from deploy.cluster.binaries import ALL
from deploy.cluster.processes import run
from deploy.cluster.release import CHART, NAME, NAMESPACE

ANSWER_S = 10
RULES = "templates/monitoring/prometheus-rule.yaml"
RATE_INTERVAL = "1m"  # Grafana's four times the scrape interval, at least


def rules() -> str:
    """A rule file of Prometheus: what the chart renders as PrometheusRule for its release here."""
    command = ["helm", "template", NAME, str(CHART), "--namespace", NAMESPACE]
    command += ["--kube-version", ALL["kubernetes"].version]
    command += ["--set", "monitoring.rules.enabled=true", "--show-only", RULES]
    return yaml.safe_dump(yaml.safe_load(run(command))["spec"])


def dashboard() -> Iterator[tuple[str, str]]:
    """Panel and expression of each query of the dashboard."""
    board = json.loads((CHART / "files" / "dashboard.json").read_text())
    for panel in board["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]


def queries() -> list[tuple[str, str]]:
    """The same with its variables filled in."""
    filled = {"$namespace": NAMESPACE, "$__rate_interval": RATE_INTERVAL}
    variable = re.compile("|".join(map(re.escape, filled)))
    return [
        (panel, variable.sub(lambda found: filled[found[0]], expression)) for panel, expression in dashboard()
    ]


def without_data() -> list[str]:
    """Panels and queries to which Prometheus answers nothing."""
    address = _address()
    return [
        f"{title}: {expression}"
        for title, expression in queries()
        if not _ask(address, "query", query=expression)["result"]
    ]


def alerts() -> dict[str, str]:
    """State of each alert that Prometheus evaluates: inactive, pending or firing."""
    groups = _ask(_address(), "rules", type="alert")["groups"]
    return {rule["name"]: rule["state"] for group in groups for rule in group["rules"]}


def _address() -> str:
    text = run(["kubectl", "--namespace", "monitoring", "get", "service", "prometheus", "-o", "json"])
    return f"{json.loads(text)['spec']['clusterIP']}:9090"


def _ask(address: str, what: str, **arguments: str) -> dict[str, Any]:
    with urlopen(f"http://{address}/api/v1/{what}?{urlencode(arguments)}", timeout=ANSWER_S) as answer:
        data: dict[str, Any] = json.load(answer)["data"]
    return data
