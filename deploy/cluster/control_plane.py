"""etcd, API server, controller manager, scheduler: all by certificates, RBAC and Node authorization."""

from deploy.cluster.binaries import program
from deploy.cluster.layout import API_PORT, ETCD_PORT, PKI, POD_CIDR, RUN, SERVICE_CIDR, node_ip
from deploy.cluster.processes import apply, start, wait

# The API server asks kubelets (logs, exec) as this user; the role is Kubernetes' own.
KUBELET_ACCESS = """
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: duplexsla-apiserver-kubelet}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "system:kubelet-api-admin"}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: apiserver-kubelet-client}]
"""


def start_all() -> None:
    start_etcd()
    start_apiserver()
    apply(KUBELET_ACCESS)
    start("controllers", [
        str(program("kube-controller-manager")), f"--kubeconfig={PKI}/controllers.kubeconfig",
        f"--service-account-private-key-file={PKI}/accounts.key", f"--root-ca-file={PKI}/ca.crt",
        f"--cluster-signing-cert-file={PKI}/ca.crt", f"--cluster-signing-key-file={PKI}/ca.key",
        "--allocate-node-cidrs=true", f"--cluster-cidr={POD_CIDR}",
        f"--service-cluster-ip-range={SERVICE_CIDR}",
        "--use-service-account-credentials=true", "--leader-elect=false", "--bind-address=127.0.0.1",
        "--horizontal-pod-autoscaler-sync-period=5s",
    ])  # fmt: skip
    start("scheduler", [
        str(program("kube-scheduler")), f"--kubeconfig={PKI}/scheduler.kubeconfig", "--leader-elect=false",
        "--bind-address=127.0.0.1",
    ])  # fmt: skip


def start_etcd() -> None:
    client, peer = f"https://127.0.0.1:{ETCD_PORT}", f"http://127.0.0.1:{ETCD_PORT + 1}"
    start("etcd", [
        str(program("etcd")), f"--data-dir={RUN}/etcd", f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}", f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}", f"--initial-cluster=default={peer}", "--unsafe-no-fsync",
        "--client-cert-auth", f"--trusted-ca-file={PKI}/ca.crt", f"--cert-file={PKI}/etcd.crt",
        f"--key-file={PKI}/etcd.key",
    ])  # fmt: skip


def start_apiserver() -> None:
    """Starts it, and waits until it answers. A stopped one is started again by this, too."""
    address = node_ip()
    start("apiserver", [
        str(program("kube-apiserver")), f"--advertise-address={address}", f"--secure-port={API_PORT}",
        f"--etcd-servers=https://127.0.0.1:{ETCD_PORT}", f"--etcd-cafile={PKI}/ca.crt",
        f"--etcd-certfile={PKI}/apiserver-etcd.crt", f"--etcd-keyfile={PKI}/apiserver-etcd.key",
        f"--tls-cert-file={PKI}/apiserver.crt", f"--tls-private-key-file={PKI}/apiserver.key",
        f"--client-ca-file={PKI}/ca.crt", "--anonymous-auth=false", "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction", "--allow-privileged=true", "--profiling=false",
        f"--kubelet-client-certificate={PKI}/apiserver-kubelet.crt",
        f"--kubelet-client-key={PKI}/apiserver-kubelet.key",
        f"--kubelet-certificate-authority={PKI}/ca.crt", "--kubelet-preferred-address-types=InternalIP",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={PKI}/accounts.pub",
        f"--service-account-signing-key-file={PKI}/accounts.key",
        f"--service-cluster-ip-range={SERVICE_CIDR}",
        # The front proxy: without it no aggregated API, as KEDA's, can be called.
        f"--requestheader-client-ca-file={PKI}/front-proxy-ca.crt",
        "--requestheader-allowed-names=front-proxy-client",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-username-headers=X-Remote-User", f"--proxy-client-cert-file={PKI}/front-proxy.crt",
        f"--proxy-client-key-file={PKI}/front-proxy.key", "--enable-aggregator-routing=true",
    ])  # fmt: skip
    wait("API server", ["kubectl", "get", "--raw", "/readyz"], log="apiserver")
