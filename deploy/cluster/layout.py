"""Where the cluster lies on this machine, and its addresses."""

import os
import socket
from pathlib import Path

from deploy.cluster.binaries import path_with

from duplexsla.runtime.checkout import CACHE

RUN = CACHE.parent / "duplexsla-cluster"  # everything that `down` removes
PKI = RUN / "pki"
LOG = RUN / "log"
STATE = RUN / "processes.json"
KUBECONFIG = RUN / "kubeconfig"
SOCKETS = Path("/run/duplexsla-cluster")  # short: a socket's path has 107 characters at most
CONTAINERD = SOCKETS / "containerd.sock"

NODE = "node1"
BRIDGE = "duplexsla0"
NETWORK = "duplexsla"
POD_CIDR = "10.244.0.0/16"
NODE_CIDR = "10.244.0.0/24"
SERVICE_CIDR = "10.96.0.0/16"
KUBERNETES_IP = "10.96.0.1"
DNS_IP = "10.96.0.10"
API_PORT = 6443
ETCD_PORT = 23790
PROGRAMS = ("kubernetes", "etcd", "coredns", "helm", "keda", "prometheus")


def node_ip() -> str:
    """The address of this machine on the way out; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def environ() -> dict[str, str]:
    """For kubectl and helm: the cluster's programs first in PATH, its kubeconfig."""
    return os.environ | {"PATH": path_with(PROGRAMS), "KUBECONFIG": str(KUBECONFIG)}
