"""The chart as Helm renders it, for its tests."""

import functools
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from deploy.cluster import binaries

ROOT = Path(__file__).parents[2]
CHART = ROOT / "helm" / "duplexsla"
RELEASE, NAMESPACE = "duplexsla", "ns"
PLACES = ("values", "values-laptop", "values-gpu-production", "values-air-gapped")  # files without .yaml
Objects = dict[tuple[str, str], dict[str, Any]]  # by kind and name


def program(name: str) -> str:
    """The path of a program that `python -m deploy.cluster.binaries` builds; skips where it is not there."""
    path = binaries.program(name)
    if not path.is_file():
        pytest.skip(f"{name} is not built: python -m deploy.cluster.binaries {name}")
    return str(path)


def helm(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run([program("helm"), *arguments], input=stdin, capture_output=True, text=True)


def render(values: Mapping[str, Any] | None = None, *, place: str = "values") -> Objects:
    """All objects of a release with a place's values and these over them; AssertionError as Helm says."""
    return dict(_render(yaml.safe_dump(dict(values or {})), place))


def refusal(values: Mapping[str, Any]) -> str:
    """What Helm says against these values; "" when it takes them."""
    done = _template(yaml.safe_dump(dict(values)), "values")
    return done.stderr if done.returncode else ""


def rendered_text(values: Mapping[str, Any], place: str) -> str:
    done = _template(yaml.safe_dump(dict(values)), place)
    assert done.returncode == 0, done.stderr
    return done.stdout


@functools.cache
def _render(values: str, place: str) -> Objects:
    done = _template(values, place)
    assert done.returncode == 0, done.stderr
    found = [each for each in yaml.safe_load_all(done.stdout) if each]
    objects = {(each["kind"], each["metadata"]["name"]): each for each in found}
    assert len(objects) == len(found), "two objects have one name"
    return objects


def _template(values: str, place: str) -> subprocess.CompletedProcess[str]:
    version = f"--kube-version={binaries.KUBERNETES}"
    files = ["--values", str(CHART / f"{place}.yaml"), "--values", "-"]
    return helm("template", RELEASE, str(CHART), "--namespace", NAMESPACE, version, *files, stdin=values)


def pods(objects: Objects) -> dict[str, dict[str, Any]]:
    """Specs of all pods that a release makes, by the kind and name of what makes them."""
    specs = {}
    for (kind, name), each in objects.items():
        if kind in ("Deployment", "StatefulSet", "Job"):
            specs[f"{kind}/{name}"] = each["spec"]["template"]["spec"]
        elif kind == "Pod":
            specs[f"{kind}/{name}"] = each["spec"]
    return specs


def containers(spec: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [*spec.get("initContainers", []), *spec["containers"]]
