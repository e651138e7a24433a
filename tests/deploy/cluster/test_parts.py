"""The pieces of the cluster that need no cluster: packed images, KEDA's manifests, the table, the sound."""

import hashlib
import itertools
import json
import tarfile

import yaml
from deploy.cluster import callers, one_file_image, test
from deploy.cluster.addons import OWN, keda_manifest
from deploy.cluster.callers import Noticed
from deploy.cluster.scenarios import ALL, SHORT, Row

from duplexsla.clock import CHUNK_BYTES

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


def test_an_image_of_one_program_is_one_that_docker_could_have_saved(tmp_path):
    program = tmp_path / "tool"
    program.write_bytes(b"#!/bin/true\n")
    one_file_image.pack("localhost/tool:1", program, tmp_path / "tool.tar")
    with tarfile.open(tmp_path / "tool.tar") as archive:
        (manifest,) = json.load(archive.extractfile("manifest.json"))
        config = json.load(archive.extractfile(manifest["Config"]))
        layer = archive.extractfile(manifest["Layers"][0]).read()
    assert manifest["RepoTags"] == ["localhost/tool:1"]
    assert config["rootfs"]["diff_ids"] == [f"sha256:{hashlib.sha256(layer).hexdigest()}"]
    assert config["config"] == {"Entrypoint": ["/tool"], "User": "65532:65532"}


def test_kedas_webhooks_stay_away_and_its_images_are_ours():
    (operator,) = yaml.safe_load_all(keda_manifest(KEDA, "2.18.0"))
    pod = operator["spec"]["template"]["spec"]
    assert pod["containers"][0]["image"] == f"{OWN}/keda:2.18.0"
    assert pod["securityContext"]["runAsNonRoot"]


def test_a_caller_speaks_whole_chunks_and_is_silent_between():
    sound = list(itertools.islice(callers._sound(1), 200))
    assert {len(chunk) for chunk in sound} == {CHUNK_BYTES}
    assert any(any(chunk) for chunk in sound) and not any(sound[0])


def test_a_dropped_call_is_a_failure_and_shown():
    dropped = Row("kill", 3.0, Noticed(calls=4, dropped=1, gap_ms=1234.4))
    assert not dropped.held and Row("kill", 3.0, Noticed(calls=4)).held
    assert "1234" in test.table([dropped])


def test_the_short_form_is_a_part_of_the_whole():
    assert set(SHORT) < set(ALL) and SHORT[0] == "install" and SHORT[-1] == "uninstall"
