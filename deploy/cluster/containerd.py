"""The containerd of the cluster, by its own client."""

from pathlib import Path

from deploy.cluster.layout import CONTAINERD
from deploy.cluster.processes import run

CTR = ("ctr", "--address", str(CONTAINERD), "--namespace", "k8s.io")


def ctr(*arguments: str) -> str:
    """What it printed; raises Failed with that where it fails."""
    return run([*CTR, *arguments])


def images() -> list[str]:
    return ctr("images", "ls", "-q").split()


def import_image(archive: Path) -> None:
    """Loads an archive as `docker save` writes it."""
    ctr("images", "import", str(archive))
