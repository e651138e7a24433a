"""Images of one static program, packed by hand as the archive of `docker save`: no builder is needed."""

import hashlib
import io
import json
import tarfile
from pathlib import Path

from deploy.cluster import containerd
from deploy.cluster.layout import RUN


def pack(name: str, executable: Path, archive: Path) -> None:
    """Writes an image whose one file is the program, run as user 65532, to `archive`."""
    layer = archive.with_suffix(".layer")
    with tarfile.open(layer, "w") as tar:
        tar.add(executable, executable.name, filter=_of_root)
    with layer.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    config = json.dumps({
        "architecture": "amd64", "os": "linux",
        "config": {"Entrypoint": [f"/{executable.name}"], "User": "65532:65532"},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]}, "history": [{}],
    }).encode()  # fmt: skip
    config_name = hashlib.sha256(config).hexdigest() + ".json"
    manifest = json.dumps([{"Config": config_name, "RepoTags": [name], "Layers": ["layer.tar"]}]).encode()
    with tarfile.open(archive, "w") as tar:
        for path, data in ((config_name, config), ("manifest.json", manifest)):
            entry = tarfile.TarInfo(path)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
        tar.add(layer, "layer.tar")
    layer.unlink()


def load(name: str, executable: Path) -> None:
    """Packs it and loads it into the cluster's containerd, unless it is there."""
    if name not in containerd.images():
        archive = RUN / f"{executable.name}.tar"
        pack(name, executable, archive)
        containerd.import_image(archive)
        archive.unlink()


def _of_root(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mode = 0o755
    return entry
