"""JSON schemas for kubeconform, made of what the Go modules of Kubernetes and of two operators carry."""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from deploy.cluster.binaries import ALL

from duplexsla.runtime.checkout import CACHE

MINORS = ("1.34.4", "1.35.4", "1.36.3")
PROMETHEUS_OPERATOR = ("github.com/prometheus-operator/prometheus-operator", "0.85.0")
CRDS = {
    PROMETHEUS_OPERATOR: (
        "example/prometheus-operator-crd/monitoring.coreos.com_podmonitors.yaml",
        "example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml",
    ),
    (ALL["keda"].module, ALL["keda"].version): ("config/crd/bases/keda.sh_scaledobjects.yaml",),
}


def schemas(version: str) -> Path:
    """The folder with a schema for each kind of this Kubernetes, written once; skips without its module."""
    folder = CACHE / f"schemas-{version}"
    if not folder.is_dir():
        part = folder.with_suffix(f".part-{os.getpid()}")
        part.mkdir(parents=True)
        swagger = _module("k8s.io/kubernetes", version) / "api" / "openapi-spec" / "swagger.json"
        _write_all(part, json.loads(swagger.read_text())["definitions"])
        _write_custom(part)
        part.rename(folder)
    return folder


def _module(module: str, version: str) -> Path:
    with tempfile.TemporaryDirectory() as bare:
        command = ["go", "mod", "download", "-json", f"{module}@v{version}"]
        try:
            said = subprocess.run(command, cwd=bare, capture_output=True, text=True)
        except FileNotFoundError:
            pytest.skip("Go is not installed: no schemas")
    if said.returncode:
        pytest.skip(f"no schemas: {module} {version} cannot be fetched")
    return Path(json.loads(said.stdout)["Dir"])


def _write_all(folder: Path, definitions: dict[str, Any]) -> None:
    for definition in definitions.values():
        _forbid_unknown(definition)
    definitions["io.k8s.apimachinery.pkg.api.resource.Quantity"]["type"] = [
        "string",
        "number",
    ]  # as it is read
    text = json.dumps({"definitions": definitions}).replace(
        '"#/definitions/', '"_definitions.json#/definitions/'
    )
    (folder / "_definitions.json").write_text(text)
    for name, definition in definitions.items():
        for kind in definition.get("x-kubernetes-group-version-kind", ()):
            schema = {"$ref": f"_definitions.json#/definitions/{name}"}
            (folder / _file(kind["kind"], kind["group"], kind["version"])).write_text(json.dumps(schema))


def _write_custom(folder: Path) -> None:
    for kind, group, version, schema in _custom():
        _forbid_unknown(schema)
        schema["properties"]["metadata"] = {"type": "object"}
        (folder / _file(kind, group, version)).write_text(json.dumps(schema))


def _custom() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    for (module, version), files in CRDS.items():
        folder = _module(module, version)
        for file in files:
            spec = yaml.safe_load((folder / file).read_text())["spec"]
            for served in spec["versions"]:
                schema = served["schema"]["openAPIV3Schema"]
                yield spec["names"]["kind"], spec["group"], served["name"], schema


def _forbid_unknown(schema: Any) -> None:
    """What the API server would drop with a warning is an error here; integers that may be text stay so."""
    if isinstance(schema, list):
        for each in schema:
            _forbid_unknown(each)
    if not isinstance(schema, dict):
        return
    if schema.get("x-kubernetes-int-or-string") or schema.get("format") == "int-or-string":
        schema.pop("type", None)
        schema.pop("format", None)
    if isinstance(schema.get("properties"), dict) and "x-kubernetes-preserve-unknown-fields" not in schema:
        schema.setdefault("additionalProperties", False)
    for each in list(schema.values()):
        _forbid_unknown(each)


def _file(kind: str, group: str, version: str) -> str:
    """As kubeconform names it: {{ .ResourceKind }}-{{ .Group }}-{{ .ResourceAPIVersion }}."""
    return f"{kind.lower()}-{group or version}-{version}.json"
