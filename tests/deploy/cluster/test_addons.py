"""KEDA's own manifests, changed for a cluster without a registry."""

import yaml
from deploy.cluster.addons import OWN, keda_manifest

KEDA = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: keda-operator}
spec: {template: {spec: {containers: [{name: o, image: "ghcr.io/kedacore/keda:main"}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: keda-admission}
spec: {template: {spec: {containers: [{name: o, image: "ghcr.io/kedacore/keda-admission-webhooks:main"}]}}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: keda-admission}
"""


def test_kedas_webhooks_stay_away_and_its_images_are_ours():
    (operator,) = yaml.safe_load_all(keda_manifest(KEDA, "2.18.0"))
    pod = operator["spec"]["template"]["spec"]
    assert pod["containers"][0]["image"] == f"{OWN}/keda:2.18.0"
    assert pod["securityContext"]["runAsNonRoot"]
