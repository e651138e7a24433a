"""Dashboard, alerts and autoscalers ask for what the services really export, and leave nothing unshown."""

import re
from typing import Any

import yaml
from deploy.cluster.monitoring import dashboard
from tests.support import helm_chart

from duplexsla.telemetry import metrics

# Of Prometheus itself, of prometheus_client's process collector, and of the rules' own records.
OTHERS = {"up", "process_cpu_seconds_total", "process_resident_memory_bytes"}
KEDA = {"autoscaling": {"kind": "keda", "prometheus": {"address": "http://prometheus:9090"}}}
WORD = re.compile(r"(?<![\w:.\"$])[a-z_][\w:]*(?=\s*\{)")  # what stands before a selector is a metric


def exported() -> set[str]:
    """Names of samples, as Prometheus stores them."""
    names = set()
    for metric in metrics.ALL:
        histogram = ("_bucket", "_sum", "_count") if metric.kind == "histogram" else ("",)
        names |= {metric.name + suffix for suffix in histogram}
    return names


def asked(expression: str) -> set[str]:
    names = set(WORD.findall(expression))
    assert names, f"no metric with a selector in {expression}"
    return names


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((helm_chart.CHART / "files" / "alerts.yaml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def test_the_dashboard_asks_for_metrics_that_there_are() -> None:
    for title, expression in dashboard():
        assert asked(expression) <= exported() | OTHERS, title


def test_every_query_of_the_dashboard_keeps_to_its_namespace() -> None:
    for title, expression in dashboard():
        assert expression.count("{") == expression.count('namespace="$namespace"'), title


def test_the_alerts_ask_for_metrics_that_there_are() -> None:
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    for rule in rules():
        assert asked(rule["expr"]) <= exported() | OTHERS | recorded, rule


def test_the_autoscalers_ask_for_metrics_that_there_are() -> None:
    for (kind, _), each in helm_chart.render(KEDA).items():
        for trigger in each["spec"]["triggers"] if kind == "ScaledObject" else ():
            if trigger["type"] == "prometheus":
                assert asked(trigger["metadata"]["query"]) <= exported()


def test_the_buckets_that_alerts_cut_at_are_there() -> None:
    bounds = {float(each) for rule in rules() for each in re.findall(r'le="([\d.]+)"', rule["expr"])}
    assert bounds <= set(metrics.ACTION_BOUNDS_S)


def test_every_metric_is_shown_or_watched() -> None:
    """Kept for `duplexsla_deletion_cost_...`, which say nothing about calls."""
    expressions = [expression for _, expression in dashboard()] + [rule["expr"] for rule in rules()]
    used = set().union(*(asked(each) for each in expressions))
    unused = {
        metric.name
        for metric in metrics.ALL
        if not any(name == metric.name or name.startswith(f"{metric.name}_") for name in used)
    }
    assert unused <= {
        "duplexsla_deletion_cost_pods",
        "duplexsla_deletion_cost_updates_total",
        "duplexsla_decoder_deadline_misses_total",
        "duplexsla_decoder_sessions_expired_total",
        "duplexsla_decoder_texts_dropped_total",
        "duplexsla_gateway_outcomes_unclaimed_total",
        "duplexsla_gateway_journal_chunks",
        "duplexsla_gateway_slots",
    }
