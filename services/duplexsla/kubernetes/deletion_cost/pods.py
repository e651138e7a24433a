"""The decoder pods: which there are (the Kubernetes API), how many sessions each has (its control port)."""

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Protocol

import httpx

from duplexsla.kubernetes.api import TIMEOUTS, connect, parsed_list, translated_errors
from duplexsla.kubernetes.deletion_cost.costs import ANNOTATION, Pod

logger = logging.getLogger(__name__)

ANSWER_S = 2.0


class PodApi(Protocol):
    """The API, or a test. Both methods block, and may raise ClusterLost."""

    def list(self) -> list[Pod]: ...

    def annotate(self, name: str, cost: str) -> None:
        """A pod that has gone meanwhile is no error."""


class KubernetesPodApi:
    def __init__(self, namespace: str, selector: str, *, url: str = "") -> None:
        from kubernetes.client import CoreV1Api

        self._namespace, self._selector = namespace, selector
        self._api = CoreV1Api(connect(url))

    def list(self) -> list[Pod]:
        with translated_errors():
            found = self._api.list_namespaced_pod(
                self._namespace,
                label_selector=self._selector,
                _request_timeout=TIMEOUTS,
                _preload_content=False,
            )
        return [_pod(each) for each in parsed_list(found)["items"]]

    def annotate(self, name: str, cost: str) -> None:
        from kubernetes.client import ApiException

        patch = {"metadata": {"annotations": {ANNOTATION: cost}}}
        with translated_errors():
            try:
                self._api.patch_namespaced_pod(name, self._namespace, patch, _request_timeout=TIMEOUTS)
            except ApiException as error:
                if error.status != httpx.codes.NOT_FOUND:
                    raise


class SessionCounts:
    """Asks pods how many sessions they have."""

    def __init__(self, port: int) -> None:
        """`port`: of the decoders' GET /healthz."""
        self._port = port
        self._http = httpx.AsyncClient(timeout=ANSWER_S)

    async def of(self, pods: Iterable[Pod]) -> dict[str, int]:
        """By name, of each pod that answers."""
        asked = [pod for pod in pods if pod.address]
        answers = await asyncio.gather(*(self._ask(pod) for pod in asked))
        return {pod.name: count for pod, count in zip(asked, answers, strict=True) if count is not None}

    async def close(self) -> None:
        await self._http.aclose()

    async def _ask(self, pod: Pod) -> int | None:
        host = f"[{pod.address}]" if ":" in pod.address else pod.address
        with suppress(httpx.HTTPError, ValueError, KeyError):  # it is starting, or going: no answer
            answer = await self._http.get(f"http://{host}:{self._port}/healthz")
            return int(answer.json()["sessions"])
        return None


def _pod(found: dict[str, Any]) -> Pod:
    metadata = found["metadata"]
    going = metadata.get("deletionTimestamp") or found["status"].get("phase") != "Running"
    address = "" if going else found["status"].get("podIP", "")
    return Pod(metadata["name"], address, (metadata.get("annotations") or {}).get(ANNOTATION))
