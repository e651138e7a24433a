"""Stops the cluster and removes everything that it left: processes, mounts, interfaces, rules, files."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.cluster.containerd import CTR
from deploy.cluster.layout import BRIDGE, CONTAINERD, NETWORK, RUN, SOCKETS
from deploy.cluster.processes import known, stop

RESULTS = Path("/var/lib/cni/results")
OURS = re.compile(r"KUBE-|CNI-|cni-|duplexsla0")


def down() -> None:
    """Pods first, then what ran them, then what is left of them. Fine when nothing runs."""
    for name in ("kubelet", "proxy", "scheduler", "controllers"):
        stop(name)
    _remove_pods()
    stop("containerd")
    stop("apiserver", grace_s=20)
    stop("etcd")
    _kill_shims()
    _unmount()
    _remove_rules()
    _quiet("ip", "link", "delete", BRIDGE)
    for folder in (Path("/var/lib/cni/networks") / NETWORK, SOCKETS, RUN):
        shutil.rmtree(folder, ignore_errors=True)
    for result in RESULTS.glob(f"{NETWORK}-*"):
        result.unlink()
    _remove_cgroups()


def _remove_pods() -> None:
    if "containerd" not in known():
        return
    for task in _lines(*CTR, "tasks", "ls", "-q"):
        _quiet(*CTR, "tasks", "kill", "-s", "KILL", task)
    for task in _lines(*CTR, "tasks", "ls", "-q"):
        _quiet(*CTR, "tasks", "delete", "--force", task)
    for container in _lines(*CTR, "containers", "ls", "-q"):
        _quiet(*CTR, "containers", "rm", container)
        for result in RESULTS.glob(f"*-{container}-*"):  # what the network plugins kept for it
            result.unlink()


def _kill_shims() -> None:
    """containerd's shims outlive it; ours are known by the socket that they were given."""
    for line in _lines("pgrep", "-af", "containerd-shim"):
        pid, _, command = line.partition(" ")
        if str(CONTAINERD) in command:
            _quiet("kill", "-KILL", pid)


def _unmount() -> None:
    """Deepest first. Network namespaces too: a pod's is a mount in /run/netns."""
    ours = (str(RUN), str(SOCKETS), "/run/netns/cni-")
    targets = [target for target in _lines("findmnt", "-rno", "TARGET") if target.startswith(ours)]
    for target in sorted(targets, reverse=True):
        _quiet("umount", "-l", target)
        if target.startswith("/run/netns/"):
            Path(target).unlink(missing_ok=True)


def _remove_rules() -> None:
    for program in ("iptables", "ip6tables"):
        saved = subprocess.run([f"{program}-save"], capture_output=True, text=True).stdout
        if OURS.search(saved):
            kept = "\n".join(line for line in saved.splitlines() if not OURS.search(line))
            subprocess.run([f"{program}-restore"], input=f"{kept}\n", text=True, capture_output=True)


def _remove_cgroups() -> None:
    for folder in Path("/sys/fs/cgroup").glob("**/kubepods"):
        for inner in sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True):
            _remove_cgroup(inner)
        _remove_cgroup(folder)


def _remove_cgroup(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError as error:
        print(f"cluster: {folder} stays: {error}", file=sys.stderr)


def _lines(*command: str) -> list[str]:
    return subprocess.run(command, capture_output=True, text=True).stdout.splitlines()


def _quiet(*command: str) -> None:
    subprocess.run(command, capture_output=True)


def main() -> int:
    ran = bool(known())
    down()
    print("cluster: stopped, nothing left" if ran else "cluster: nothing ran")
    return 0


if __name__ == "__main__":
    sys.exit(main())
