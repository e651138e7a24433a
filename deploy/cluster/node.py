"""The one node: containerd and runc, kubelet, kube-proxy, a bridge that pods are on."""

import json
import re
from pathlib import Path

from deploy.cluster import containerd, one_file_image
from deploy.cluster.binaries import program
from deploy.cluster.layout import (
    BRIDGE,
    CONTAINERD,
    DNS_IP,
    NETWORK,
    NODE,
    NODE_CIDR,
    PKI,
    POD_CIDR,
    RUN,
    SOCKETS,
    node_ip,
)
from deploy.cluster.processes import run, start, wait

PAUSE = "localhost/duplexsla-cluster/pause:1"
PAUSE_C = """
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
static void stop(int s) { _exit(0); }
static void reap(int s) { while (waitpid(-1, 0, WNOHANG) > 0) {} }
int main(void) { signal(SIGTERM, stop); signal(SIGINT, stop); signal(SIGCHLD, reap); for (;;) pause(); }
"""


def start_all() -> None:
    _start_containerd()
    _start_kubelet()
    _start_proxy()
    wait(
        "the node",
        ["kubectl", "wait", "--for=condition=Ready", f"node/{NODE}", "--timeout=1s"],
        log="kubelet",
    )


def _start_containerd() -> None:
    SOCKETS.mkdir(parents=True, exist_ok=True)
    SOCKETS.chmod(0o700)
    networks = RUN / "cni"
    networks.mkdir(exist_ok=True)
    _write(networks / "10-bridge.conflist", json.dumps(_network(), indent=1))
    config = RUN / "containerd.toml"
    _write(config, _containerd_config(run(["containerd", "config", "default"]), networks))
    start("containerd", ["containerd", "--config", str(config)])
    wait("containerd", ["ctr", "--address", str(CONTAINERD), "version"], log="containerd")
    if PAUSE not in containerd.images():
        source = RUN / "pause.c"
        source.write_text(PAUSE_C)
        run(["gcc", "-static", "-O2", "-o", str(RUN / "pause"), str(source)])
        one_file_image.load(PAUSE, RUN / "pause")


def _containerd_config(text: str, networks: Path) -> str:
    """containerd's own default with our folders, and what a machine without CAP_SYS_RESOURCE needs."""
    changes = {
        "root": f'"{RUN}/containerd"',
        "state": f'"{SOCKETS}/containerd"',
        "sandbox_image": f'"{PAUSE}"',
        "bin_dir": '"/usr/lib/cni"',
        "conf_dir": f'"{networks}"',
        "restrict_oom_score_adj": "true",  # else runc cannot set the pause container's, and says only "EOF"
    }
    for key, value in changes.items():
        text = re.sub(rf"^(\s*){key} = .*$", rf"\g<1>{key} = {value}", text, count=1, flags=re.MULTILINE)
    return text.replace('address = "/run/containerd/containerd.sock"', f'address = "{CONTAINERD}"', 1)


def _network() -> dict[str, object]:
    addresses = {"type": "host-local", "ranges": [[{"subnet": NODE_CIDR}]], "routes": [{"dst": "0.0.0.0/0"}]}
    bridge = {"type": "bridge", "bridge": BRIDGE, "isGateway": True, "ipMasq": True, "hairpinMode": True}
    ports = {"type": "portmap", "capabilities": {"portMappings": True}}
    return {"cniVersion": "0.4.0", "name": NETWORK, "plugins": [bridge | {"ipam": addresses}, ports]}


def _start_kubelet() -> None:
    config = {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": f"{PKI}/ca.crt"},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": f"{PKI}/kubelet-serving.crt",
        "tlsPrivateKeyFile": f"{PKI}/kubelet-serving.key",
        "cgroupDriver": "cgroupfs",
        "failSwapOn": False,
        "failCgroupV1": False,
        "containerRuntimeEndpoint": f"unix://{CONTAINERD}",
        "clusterDNS": [DNS_IP],
        "clusterDomain": "cluster.local",
        "readOnlyPort": 0,
        "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
        "imageGCHighThresholdPercent": 100,
    }
    path = RUN / "kubelet.json"
    _write(path, json.dumps(config, indent=1))
    start("kubelet", [
        str(program("kubelet")), f"--config={path}", f"--kubeconfig={PKI}/kubelet.kubeconfig",
        f"--hostname-override={NODE}", f"--node-ip={node_ip()}", f"--root-dir={RUN}/kubelet",
    ])  # fmt: skip


def _start_proxy() -> None:
    config = {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "iptables",
        "clusterCIDR": POD_CIDR,
        "clientConnection": {"kubeconfig": f"{PKI}/proxy.kubeconfig"},
        "conntrack": {"maxPerCore": 0},
        "metricsBindAddress": "127.0.0.1:10249",
    }
    path = RUN / "proxy.json"
    _write(path, json.dumps(config, indent=1))
    start("proxy", [str(program("kube-proxy")), f"--config={path}", f"--hostname-override={NODE}"])


def _write(path: Path, text: str) -> None:
    """Writes a file unless it holds this text: kube-proxy ends when its file is touched."""
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
