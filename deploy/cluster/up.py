"""A real one-node Kubernetes on this machine: python -m deploy.cluster.up [--without keda] [--images]

etcd, API server, controller manager, scheduler, kubelet, containerd, runc, kube-proxy, CoreDNS, Prometheus,
KEDA. What is missing is built first; what runs already stays. `python -m deploy.cluster.down` leaves nothing.
"""

import argparse
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

from deploy.cluster import addons, binaries, certificates, containerd, control_plane, node
from deploy.cluster.layout import API_PORT, KUBECONFIG, LOG, RUN, environ, node_ip
from deploy.cluster.processes import Failed
from deploy.images.build import SAVED, image_of

PACKAGES = {
    "containerd": "containerd",
    "runc": "runc",
    "/usr/lib/cni/bridge": "containernetworking-plugins",
    "iptables": "iptables",
    "conntrack": "conntrack",
    "openssl": "openssl",
    "gcc": "gcc libc6-dev",
}
ADDONS: dict[str, Callable[[], None]] = {
    "coredns": addons.start_dns,
    "prometheus": addons.start_prometheus,
    "keda": addons.start_keda,
}


def missing() -> str:
    """Why a cluster cannot run here; "" where it can."""
    if os.geteuid() != 0:
        return "containers need root"
    if not Path("/proc/sys/net/bridge").exists() and not Path("/sys/class/net").exists():
        return "no network namespaces"
    packages = [package for name, package in PACKAGES.items() if shutil.which(name) is None]
    return f"missing: apt-get install --no-install-recommends {' '.join(packages)}" if packages else ""


def up(*, without: tuple[str, ...] = (), say: Callable[[str], None] = print) -> None:
    """Starts what does not run. Raises Failed with what is missing, or the part that failed and its log."""
    if why := missing():
        raise Failed(why)
    started = time.monotonic()
    names = [name for name in ("etcd", "kubernetes", *ADDONS, "helm") if name not in without]
    binaries.build_missing(names)
    LOG.mkdir(parents=True, exist_ok=True)
    RUN.chmod(0o700)
    certificates.make_all(node_ip())
    certificates.write_kubeconfigs(f"https://{node_ip()}:{API_PORT}")
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
    parts: dict[str, Callable[[], None]] = {"control plane": control_plane.start_all, "node": node.start_all}
    for name, start in (
        parts | {name: start for name, start in ADDONS.items() if name not in without}
    ).items():
        start()
        say(f"{time.monotonic() - started:6.1f} s  {name}: ready")


def load_images(names: list[str], say: Callable[[str], None] = print) -> None:
    """Loads saved images that are not in the cluster, or whose archive has changed."""
    there = containerd.images()
    for name in names:
        archive, mark = SAVED / f"{name}.tar", RUN / f"loaded-{name}"
        if not archive.exists():
            raise Failed(f"there is no {archive}: python -m deploy.images.build --save {name}")
        stamp = str(archive.stat().st_mtime_ns)
        if image_of(name) not in there or not mark.exists() or mark.read_text() != stamp:
            containerd.import_image(archive)
            mark.write_text(stamp)
            say(f"image {image_of(name)}: loaded")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.cluster.up", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--without", nargs="*", default=[], choices=list(ADDONS), help="leave these out")
    parser.add_argument(
        "--images", nargs="*", default=[], metavar="IMAGE", help="load these saved images, too"
    )
    chosen = parser.parse_args()
    try:
        up(without=tuple(chosen.without))
        load_images(chosen.images)
    except Failed as failed:
        print(f"cluster: {failed}", file=sys.stderr)
        return 1
    folders = environ()["PATH"].removesuffix(os.environ["PATH"])
    print(f"export KUBECONFIG={KUBECONFIG} PATH={folders}$PATH")
    return 0


if __name__ == "__main__":
    sys.exit(main())
