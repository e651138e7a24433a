"""What runs in the cluster for all: CoreDNS, Prometheus, KEDA with its metrics API."""

import shutil
import tempfile
from pathlib import Path
from textwrap import indent

import yaml
from deploy.cluster import monitoring, one_file_image
from deploy.cluster.binaries import ALL, module_folder, program
from deploy.cluster.processes import apply, run, wait

HERE = Path(__file__).parent
OWN = "localhost/duplexsla-cluster"
KEDA = {"ghcr.io/kedacore/keda": "keda", "ghcr.io/kedacore/keda-metrics-apiserver": "keda-adapter"}
WEBHOOK = "keda-admission-webhooks"


def start_dns() -> None:
    _with_image("coredns", (HERE / "coredns.yaml").read_text())
    _rolled_out("kube-system", "coredns")


def start_prometheus() -> None:
    """With the chart's rules, as an operator would give it those of its PrometheusRule."""
    manifest = (HERE / "prometheus.yaml").read_text()
    _with_image("prometheus", manifest.replace("RULES", indent(monitoring.rules(), 4 * " ").lstrip()))
    _rolled_out("monitoring", "prometheus")


def start_keda() -> None:
    """KEDA's own manifests with our images; without its admission webhooks, which only check."""
    version = ALL["keda"].version
    for name in ("keda", "keda-adapter"):
        one_file_image.load(f"{OWN}/{name}:{version}", program(name))
    with tempfile.TemporaryDirectory() as work:
        config = Path(work, "config")
        shutil.copytree(module_folder(ALL["keda"]) / "config", config)
        run(["chmod", "-R", "u+w", str(config)])
        text = run(["kubectl", "kustomize", str(config / "default")])
    apply(keda_manifest(text, version))
    for name in ("keda-operator", "keda-metrics-apiserver"):
        _rolled_out("keda", name)
    wait("KEDA's metrics API", ["kubectl", "get", "--raw", "/apis/external.metrics.k8s.io/v1beta1"])


def keda_manifest(text: str, version: str) -> str:
    """KEDA's manifests with our images, each run as a user that is not root."""
    kept = [document for document in yaml.safe_load_all(text) if document and not _is_webhook(document)]
    for document in kept:
        if document["kind"] == "Deployment":
            _use_own_image(document["spec"]["template"]["spec"], version)
    return yaml.safe_dump_all(kept)


def _is_webhook(document: dict[str, object]) -> bool:
    kind = document["kind"]
    return kind == "ValidatingWebhookConfiguration" or (kind == "Deployment" and WEBHOOK in str(document))


def _use_own_image(pod: dict[str, object], version: str) -> None:
    containers = pod["containers"]
    assert isinstance(containers, list)
    for container in containers:
        container["image"] = f"{OWN}/{KEDA[container['image'].rpartition(':')[0]]}:{version}"
        container["imagePullPolicy"] = "Never"
    pod["securityContext"] = {"runAsNonRoot": True, "runAsUser": 65532}


def _with_image(name: str, manifest: str) -> None:
    version = ALL[name].version
    one_file_image.load(f"{OWN}/{name}:{version}", program(name))
    apply(manifest.replace(":VERSION", f":{version}"))


def _rolled_out(namespace: str, deployment: str) -> None:
    run(["kubectl", "-n", namespace, "rollout", "status", f"deploy/{deployment}", "--timeout=180s"])
