"""Decoders as Kubernetes knows them: the EndpointSlices of their headless Service.

https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoint-slice-v1
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Protocol

from duplexsla.kubernetes.api import (
    TIMEOUTS,
    WATCH_S,
    WATCH_TIMEOUTS,
    connect,
    parsed_list,
    translated_errors,
    watch_events,
)

PORT = "grpc"  # name of the Service's port
SERVICE_LABEL = "kubernetes.io/service-name"

EndpointSlice = Mapping[str, Any]


class EndpointSliceList(NamedTuple):
    slices: list[EndpointSlice]
    version: str  # from which a watch goes on


class EndpointSliceApi(Protocol):
    """The API, or a test. Every method blocks, and may raise ClusterLost."""

    def list(self) -> EndpointSliceList: ...

    def watch(self, version: str) -> Iterator[tuple[str, EndpointSlice]]:
        """ADDED, MODIFIED or DELETED, and the slice; ends after a while without an error."""


class KubernetesEndpointSlices:
    """The slices of one Service, over the official client."""

    def __init__(self, service: str, *, url: str = "") -> None:
        """`service` is namespace/name; `url` as `api.connect` has it."""
        from kubernetes.client import DiscoveryV1Api

        self._namespace, _, name = service.partition("/")
        self._selector = f"{SERVICE_LABEL}={name}"
        self._api = DiscoveryV1Api(connect(url))

    def list(self) -> EndpointSliceList:
        with translated_errors():
            found = parsed_list(self._ask(_request_timeout=TIMEOUTS))
        return EndpointSliceList(found["items"], found["metadata"]["resourceVersion"])

    def watch(self, version: str) -> Iterator[tuple[str, EndpointSlice]]:
        with translated_errors():
            yield from watch_events(
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


class EndpointSliceCache:
    """All slices as of the newest change. Pure."""

    def __init__(self) -> None:
        self._slices: dict[str, EndpointSlice] = {}

    def replace(self, slices: list[EndpointSlice]) -> None:
        self._slices = {each["metadata"]["name"]: each for each in slices}

    def change(self, kind: str, changed: EndpointSlice) -> None:
        """Anything but an addition, a modification or a deletion says nothing of a slice."""
        if kind in ("ADDED", "MODIFIED"):
            self._slices[changed["metadata"]["name"]] = changed
        elif kind == "DELETED":
            self._slices.pop(changed["metadata"]["name"], None)

    def ready(self) -> tuple[str, ...]:
        """host:port of each decoder that may be given sessions, sorted; one may be in two slices."""
        return tuple(sorted({address for each in self._slices.values() for address in _ready(each)}))


def _ready(each: EndpointSlice) -> Iterator[str]:
    ports = [port["port"] for port in each.get("ports") or () if port.get("name") == PORT]
    for endpoint in each.get("endpoints") or ():
        conditions = endpoint.get("conditions") or {}
        ready = conditions.get("ready") is not False and not conditions.get("terminating")
        for port in ports if ready else ():
            host = endpoint["addresses"][0]
            yield f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
