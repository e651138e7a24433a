"""Decoders as Kubernetes knows them: the EndpointSlices of their headless Service.

https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoint-slice-v1
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Protocol

from duplexsla.kubernetes.api import TIMEOUTS, WATCH_S, WATCH_TIMEOUTS, asking, changes, connect, objects

PORT = "grpc"  # name of the Service's port
SERVICE_LABEL = "kubernetes.io/service-name"

Slice = Mapping[str, Any]


class Listing(NamedTuple):
    slices: list[Slice]
    version: str  # from which a watch goes on


class Slices(Protocol):
    """The API, or a test. Every method blocks, and may raise ClusterLost."""

    def list(self) -> Listing: ...

    def watch(self, version: str) -> Iterator[tuple[str, Slice]]:
        """ADDED, MODIFIED or DELETED, and the slice; ends after a while without an error."""


class KubernetesSlices:
    """The slices of one Service, over the official client."""

    def __init__(self, service: str, *, url: str = "") -> None:
        """`service` is namespace/name; `url` as `kubernetes_api.connect` has it."""
        from kubernetes.client import DiscoveryV1Api

        self._namespace, _, name = service.partition("/")
        self._selector = f"{SERVICE_LABEL}={name}"
        self._api = DiscoveryV1Api(connect(url))

    def list(self) -> Listing:
        with asking():
            found = objects(self._ask(_request_timeout=TIMEOUTS))
        return Listing(found["items"], found["metadata"]["resourceVersion"])

    def watch(self, version: str) -> Iterator[tuple[str, Slice]]:
        with asking():
            yield from changes(
                self._ask(
                    watch=True,
                    resource_version=version,
                    timeout_seconds=WATCH_S,
                    allow_watch_bookmarks=True,
                    _request_timeout=WATCH_TIMEOUTS,
                )
            )

    def _ask(self, **options: Any) -> Any:
        return self._api.list_namespaced_endpoint_slice(
            self._namespace, label_selector=self._selector, _preload_content=False, **options
        )


class KnownSlices:
    """All slices as of the newest change. Pure."""

    def __init__(self) -> None:
        self._slices: dict[str, Slice] = {}

    def replace(self, slices: list[Slice]) -> None:
        self._slices = {each["metadata"]["name"]: each for each in slices}

    def change(self, kind: str, changed: Slice) -> None:
        """Anything but an addition, a modification or a deletion says nothing of a slice."""
        if kind in ("ADDED", "MODIFIED"):
            self._slices[changed["metadata"]["name"]] = changed
        elif kind == "DELETED":
            self._slices.pop(changed["metadata"]["name"], None)

    def ready(self) -> tuple[str, ...]:
        """host:port of each decoder that may be given sessions, sorted; one may be in two slices."""
        return tuple(sorted({address for each in self._slices.values() for address in _ready(each)}))


def _ready(each: Slice) -> Iterator[str]:
    ports = [port["port"] for port in each.get("ports") or () if port.get("name") == PORT]
    for endpoint in each.get("endpoints") or ():
        conditions = endpoint.get("conditions") or {}
        ready = conditions.get("ready") is not False and not conditions.get("terminating")
        for port in ports if ready else ():
            host = endpoint["addresses"][0]
            yield f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
