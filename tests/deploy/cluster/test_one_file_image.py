"""An image of one static program, packed by hand."""

import hashlib
import json
import tarfile

from deploy.cluster import one_file_image


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
