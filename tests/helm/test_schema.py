"""The schema takes what ships and refuses typos and what could not work, before anything is installed."""

from typing import Any

import pytest
from tests.support import helm_chart

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("place", helm_chart.PLACES)
def test_helm_finds_nothing_to_complain_about(place: str) -> None:
    done = helm_chart.helm(
        "lint", "--strict", str(helm_chart.CHART), "--values", str(helm_chart.CHART / f"{place}.yaml")
    )
    assert done.returncode == 0 and "WARNING" not in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"decodr": {}}, "decodr"),
        ({"decoder": {"replica": 3}}, "replica"),
        ({"decoder": {"slots": 0}}, "slots"),
        ({"decoder": {"slots": "many"}}, "slots"),
        ({"decoder": {"resources": {"request": {}}}}, "request"),
        ({"gateway": {"service": {"type": "ExternalName"}}}, "type"),
        ({"gateway": {"comeBackAt": ["gateway"]}}, "comeBackAt"),
        ({"gateway": {"placement": "static"}}, "decoders"),
        ({"gateway": {"image": {"digest": "latest"}}}, "digest"),
        ({"auth": {"openToAll": False}}, "auth.methods"),
        ({"auth": {"methods": ["password"]}}, "methods"),
        ({"auth": {"methods": ["jwt"]}}, "auth.issuer"),
        ({"auth": {"methods": ["api-key"]}}, "auth.apiKeysSecret.name"),
        ({"quotas": {"street.opens": 3}}, "street.opens"),
        ({"redis": {"deploy": False}}, "redis"),
        ({"redis": {"external": {"url": "http://r"}}}, "url"),
        ({"kafka": {"deploy": False}}, "brokers"),
        ({"home": {"deploy": False}}, "externalUrl"),
        ({"telemetry": {"tracePolicy": "most"}}, "tracePolicy"),
        ({"telemetry": {"otlp": "http://collector:4317"}}, "otlp"),
        ({"autoscaling": {"kind": "vpa"}}, "kind"),
        ({"autoscaling": {"kind": "keda"}}, "address"),
        ({"autoscaling": {"decoder": {"slotsInUse": 70}}}, "slotsInUse"),
        ({"podSecurity": {"runAsUser": 0}}, "runAsUser"),
        ({"networkPolicy": {"dns": []}}, "dns"),
        ({"monitoring": {"rule": {}}}, "rule"),
        ({"loadtest": {"sessions": -1}}, "sessions"),
    ],
)
def test_what_cannot_work_is_refused_by_name(values: dict[str, Any], told: str) -> None:
    assert told in helm_chart.refusal(values)
