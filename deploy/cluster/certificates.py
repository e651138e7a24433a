"""The cluster's own authority, and a certificate for each of its parts: who is who rests on these alone.

Keys are readable by root alone. Names and groups are those that Kubernetes binds its built-in roles to
(https://kubernetes.io/docs/setup/best-practices/certificates/).
"""

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from deploy.cluster.layout import KUBECONFIG, KUBERNETES_IP, NODE, PKI

DAYS = 365
CA, FRONT_CA = "ca", "front-proxy-ca"
# Name: subject. Of these, each speaks to the API server as itself.
USERS = {
    "admin": "/O=system:masters/CN=cluster-admin",
    "controllers": "/CN=system:kube-controller-manager",
    "scheduler": "/CN=system:kube-scheduler",
    "proxy": "/CN=system:kube-proxy",
    "kubelet": f"/O=system:nodes/CN=system:node:{NODE}",
}
API_NAMES = (
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
)


def make_all(node_ip: str) -> None:
    """Makes what is not there yet: authorities, certificates, the key that signs service accounts' tokens."""
    PKI.mkdir(parents=True, exist_ok=True)
    PKI.chmod(0o700)
    for authority in (CA, FRONT_CA):
        _authority(authority)
    for name, subject in USERS.items():
        _certificate(name, subject)
    _certificate("etcd", "/CN=etcd", ips=["127.0.0.1"])
    _certificate("apiserver-etcd", "/CN=apiserver-etcd")
    _certificate(
        "apiserver", "/CN=kube-apiserver", names=API_NAMES, ips=[node_ip, "127.0.0.1", KUBERNETES_IP]
    )
    _certificate("apiserver-kubelet", "/CN=apiserver-kubelet-client")
    _certificate("kubelet-serving", f"/O=system:nodes/CN=system:node:{NODE}", names=[NODE], ips=[node_ip])
    _certificate("front-proxy", "/CN=front-proxy-client", authority=FRONT_CA)
    if not (PKI / "accounts.pub").exists():
        _openssl("genrsa", "-out", _path("accounts.key"), "2048")
        _openssl("rsa", "-in", _path("accounts.key"), "-pubout", "-out", _path("accounts.pub"))


def write_kubeconfigs(server: str) -> None:
    """One for each user beside its certificate, and the administrator's at KUBECONFIG; mode 0600."""
    for user in USERS:
        text = json.dumps(_kubeconfig(user, server), indent=1)
        _write_private(PKI / f"{user}.kubeconfig", text)
    _write_private(KUBECONFIG, (PKI / "admin.kubeconfig").read_text())


def _kubeconfig(user: str, server: str) -> dict[str, object]:
    certificate = {"client-certificate": _path(f"{user}.crt"), "client-key": _path(f"{user}.key")}
    cluster = {"server": server, "certificate-authority": _path("ca.crt")}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "local", "cluster": cluster}],
        "users": [{"name": user, "user": certificate}],
        "contexts": [{"name": "local", "context": {"cluster": "local", "user": user}}],
        "current-context": "local",
    }


def _authority(name: str) -> None:
    if not (PKI / f"{name}.crt").exists():
        subject = ("-subj", f"/CN=duplexsla-cluster-{name}")
        _openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", str(DAYS), *subject,
                 "-keyout", _path(f"{name}.key"), "-out", _path(f"{name}.crt"))  # fmt: skip


def _certificate(
    name: str, subject: str, *, names: Sequence[str] = (), ips: Sequence[str] = (), authority: str = CA
) -> None:
    if (PKI / f"{name}.crt").exists():
        return
    alternatives = ",".join(
        [*(f"DNS:{each}" for each in names), *(f"IP:{each}" for each in dict.fromkeys(ips))]
    )
    extensions = [
        "keyUsage=critical,digitalSignature,keyEncipherment",
        "extendedKeyUsage=clientAuth,serverAuth",
    ]
    extensions += [f"subjectAltName={alternatives}"] if alternatives else []
    (PKI / f"{name}.ext").write_text("\n".join(extensions) + "\n")
    request = _path(f"{name}.csr")
    _openssl(
        "req",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        _path(f"{name}.key"),
        "-out",
        request,
        "-subj",
        subject,
    )
    _openssl("x509", "-req", "-days", str(DAYS), "-in", request, "-CA", _path(f"{authority}.crt"),
             "-CAkey", _path(f"{authority}.key"), "-CAcreateserial", "-extfile", _path(f"{name}.ext"),
             "-out", _path(f"{name}.crt"))  # fmt: skip


def _path(name: str) -> str:
    return str(PKI / name)


def _openssl(*arguments: str) -> None:
    subprocess.run(
        ["openssl", *arguments], check=True, capture_output=True, preexec_fn=lambda: os.umask(0o077)
    )


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
