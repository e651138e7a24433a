"""What the chart renders is what three versions of Kubernetes take: kubeconform, schemas of their modules."""

import subprocess

import pytest
from tests.support import helm_chart
from tests.support.kubernetes_schemas import MINORS, schemas

pytestmark = pytest.mark.slow

EVERYTHING = {
    "monitoring": {
        "podMonitors": {"enabled": True},
        "rules": {"enabled": True},
        "dashboard": {"enabled": True},
    },
    "loadtest": {"enabled": True, "objectives": {"step_p99_ms": 160}},
    "deletionCost": {"admissionPolicy": True},
}
HPA = {"autoscaling": {"kind": "hpa"}, "home": {"persistence": {"enabled": True}}}
LOCATION = "{{ .ResourceKind }}-{{ .Group }}-{{ .ResourceAPIVersion }}.json"


@pytest.fixture(scope="module")
def everything() -> str:
    texts = [
        helm_chart.rendered_text(values, place) for place in helm_chart.PLACES for values in (EVERYTHING, HPA)
    ]
    return "\n---\n".join(texts)


@pytest.mark.timeout(600)  # 4 s of a core; more where others want it, too
@pytest.mark.parametrize("version", MINORS)
def test_every_object_fits_the_api(version: str, everything: str) -> None:
    conform, folder = helm_chart.program("kubeconform"), schemas(version)
    done = subprocess.run(
        [conform, "-strict", "-summary", "-schema-location", f"{folder}/{LOCATION}", "-"],
        input=everything,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Skipped: 0" in done.stdout


def test_a_misspelt_field_is_found() -> None:
    conform, folder = helm_chart.program("kubeconform"), schemas(MINORS[0])
    text = helm_chart.rendered_text({}, "values").replace(
        "terminationGracePeriodSeconds", "terminationGraceSeconds"
    )
    done = subprocess.run(
        [conform, "-strict", "-schema-location", f"{folder}/{LOCATION}", "-"],
        input=text,
        capture_output=True,
        text=True,
    )
    assert done.returncode and "terminationGraceSeconds" in done.stdout
