"""As much of the Kubernetes API as our services use, over real HTTP: list and watch of EndpointSlices, list
and patch of pods. It can be stopped, and started again at the same address.
"""

import itertools
import json
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Json = dict[str, Any]
SLICES = "/apis/discovery.k8s.io/v1/namespaces/calls/endpointslices"
EXPIRED = {"type": "ERROR", "object": {"code": 410, "reason": "Expired", "message": "too old"}}
PODS = "/api/v1/namespaces/calls/pods"


def slice_of(
    name: str, *addresses: str, ready: bool = True, terminating: bool = False, port: int = 8001
) -> Json:
    conditions = {"ready": ready, "serving": True, "terminating": terminating}
    return {
        "metadata": {"name": name, "labels": {"kubernetes.io/service-name": "decoder"}},
        "addressType": "IPv4",
        "endpoints": [{"addresses": [address], "conditions": conditions} for address in addresses],
        "ports": [{"name": "metrics", "port": 8002}, {"name": "grpc", "port": port}],
    }


def pod(name: str, address: str, **annotations: str) -> Json:
    metadata = {"name": name, "labels": {"app": "decoder"}, "annotations": annotations}
    return {"metadata": metadata, "status": {"phase": "Running", "podIP": address}}


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that was cut is no news."""


class FakeApi:
    """Slices of Service calls/decoder, pods of namespace calls."""

    def __init__(self) -> None:
        self.slices: dict[str, Json] = {}
        self.pods: dict[str, Json] = {}
        self.patches: list[tuple[str, str]] = []  # pod, cost
        self.watched = threading.Semaphore(0)  # released by each watch that begins
        self._log: list[Json] = []  # events; a version is how many there were
        self._changed = threading.Condition()
        self.connections: set[socket.socket] = set()
        self._generation, self._error = 0, False  # of watches; those of an older one end
        self._server: _Server | None = None
        self._address = ("127.0.0.1", 0)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._address[1]}"

    def start(self) -> None:
        self._server = _Server(self._address, _handler(self))
        self._address = ("127.0.0.1", self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        """Ends the watches, and refuses connections."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        self.end_watches()
        for connection in list(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    @property
    def version(self) -> int:
        return len(self._log)

    def end_watches(self, *, error: bool = False) -> None:
        """`error`: as when their version is too old."""
        with self._changed:
            self._generation, self._error = self._generation + 1, error
            self._changed.notify_all()

    def put(self, *slices: Json) -> None:
        for each in slices:
            kind = "MODIFIED" if each["metadata"]["name"] in self.slices else "ADDED"
            self.slices[each["metadata"]["name"]] = each
            self._tell(kind, each)

    def drop(self, name: str) -> None:
        self._tell("DELETED", self.slices.pop(name))

    def watch(self, version: int) -> Iterator[Json]:
        """What has changed since, and what changes."""
        generation = self._generation
        self.watched.release()
        for number in itertools.count(version):
            with self._changed:
                while generation == self._generation and number == self.version:
                    self._changed.wait()
                over, error = generation != self._generation, self._error
                event = EXPIRED if over else self._log[number]
            if over:
                yield from [event] if error else []
                return
            yield event

    def patch(self, name: str, change: Json) -> bool:
        if name not in self.pods:
            return False
        annotations = change["metadata"]["annotations"]
        self.pods[name]["metadata"]["annotations"] |= annotations
        self.patches += [(name, cost) for cost in annotations.values()]
        return True

    def _tell(self, kind: str, changed: Json) -> None:
        with self._changed:
            self._log.append({"type": kind, "object": changed})
            self._changed.notify_all()


@contextmanager
def fake_api() -> Iterator[FakeApi]:
    api = FakeApi()
    api.start()
    try:
        yield api
    finally:
        api.stop()


def _handler(api: FakeApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            api.connections.add(self.connection)

        def finish(self) -> None:
            api.connections.discard(self.connection)
            with suppress(OSError):
                super().finish()

        def do_GET(self) -> None:  # noqa: N802
            asked = urlsplit(self.path)
            wanted = {key: value[0] for key, value in parse_qs(asked.query).items()}
            if asked.path == PODS:
                self._list([*api.pods.values()] if wanted["labelSelector"] == "app=decoder" else [])
            elif asked.path == SLICES and wanted.get("watch") in ("True", "true"):
                self._watch(int(wanted["resourceVersion"]))
            elif asked.path == SLICES:
                assert wanted["labelSelector"] == "kubernetes.io/service-name=decoder"
                self._list([*api.slices.values()])
            else:
                self._answer(404, {"message": "not found"})

        def do_PATCH(self) -> None:  # noqa: N802
            name = self.path.removeprefix(f"{PODS}/")
            change = json.loads(self.rfile.read(int(self.headers["content-length"])))
            self._answer(200 if api.patch(name, change) else 404, {"metadata": {"name": name}})

        def _list(self, items: Sequence[Json]) -> None:
            self._answer(200, {"metadata": {"resourceVersion": str(api.version)}, "items": items})

        def _watch(self, version: int) -> None:
            self.send_response(200)
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            with suppress(OSError):
                for event in api.watch(version):
                    self._chunk(json.dumps(event).encode() + b"\n")
                self._chunk(b"")

        def _chunk(self, data: bytes) -> None:
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

        def _answer(self, status: int, shown: Json) -> None:
            self.send_response(status)
            body = json.dumps(shown).encode()
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler
