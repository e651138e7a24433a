"""What the chart renders is what three versions of Kubernetes take: kubeconform, schemas of their modules."""

import subprocess

import pytest
from tests.helm import chart
from tests.helm.kubernetes_schemas import MINORS, schemas

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


@pytest.mark.parametrize("version", MINORS)
def test_every_object_fits_the_api(version: str) -> None:
    conform, folder = chart.program("kubeconform"), schemas(version)
    for place in chart.PLACES:
        for values in (EVERYTHING, HPA):
            done = subprocess.run(
                [conform, "-strict", "-summary", "-schema-location", f"{folder}/{LOCATION}", "-"],
                input=chart.rendered_text(values, place),
                capture_output=True,
                text=True,
            )
            assert done.returncode == 0, f"{place}: {done.stdout}{done.stderr}"
            assert "Skipped: 0" in done.stdout


def test_a_misspelt_field_is_found() -> None:
    conform, folder = chart.program("kubeconform"), schemas(MINORS[0])
    text = chart.rendered_text({}, "values").replace(
        "terminationGracePeriodSeconds", "terminationGraceSeconds"
    )
    done = subprocess.run(
        [conform, "-strict", "-schema-location", f"{folder}/{LOCATION}", "-"],
        input=text,
        capture_output=True,
        text=True,
    )
    assert done.returncode and "terminationGraceSeconds" in done.stdout
