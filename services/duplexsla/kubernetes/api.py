"""How our services use the Kubernetes API: with short timeouts, and one error for whatever goes wrong.

The official client is imported on demand: it takes a second and 35 MB.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from duplexsla.errors import ClusterLost, SettingError

if TYPE_CHECKING:
    from kubernetes.client import ApiClient

CONNECT_S = 3.0
ANSWER_S = 10.0
WATCH_S = 60  # after which the server ends a watch, so that one whose connection is dead is noticed
TIMEOUTS = (CONNECT_S, ANSWER_S)
WATCH_TIMEOUTS = (CONNECT_S, WATCH_S + ANSWER_S)


def connect(url: str = "") -> "ApiClient":
    """The API of the cluster of this pod, with its service account, or one at `url` that asks for none.

    Raises SettingError outside of a pod.
    """
    from kubernetes import client, config

    configuration = client.Configuration()
    configuration.host = url
    if not url:
        try:
            config.load_incluster_config(client_configuration=configuration)
        except config.ConfigException as error:
            raise SettingError(
                "environment variable DUPLEXSLA_KUBERNETES_API is not set, and this process is not in a pod; "
                "allowed: http://host:port or https://host:port"
            ) from error
    configuration.retries = False
    return client.ApiClient(configuration)


@contextmanager
def translated_errors() -> Iterator[None]:
    """Errors of the client and of the wire as ClusterLost."""
    from kubernetes.client import ApiException
    from urllib3.exceptions import HTTPError

    try:
        yield
    except ApiException as error:
        raise ClusterLost(f"the Kubernetes API answers {error.status} {error.reason}") from error
    except (HTTPError, OSError) as error:
        raise ClusterLost(f"the Kubernetes API does not answer: {error}") from error


def parsed_list(response: Any) -> dict[str, Any]:
    """A list as JSON, of a call with _preload_content=False."""
    found: dict[str, Any] = json.loads(response.data)
    return found


def watch_events(response: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Kind and object of each event of a watch; ClusterLost for its error, as when its version is too old."""
    from kubernetes.watch.watch import iter_resp_lines

    try:
        for line in iter_resp_lines(response):
            if not line:
                continue
            event = json.loads(line)
            if event["type"] == "ERROR":
                raise ClusterLost(f"the watch ends: {event['object'].get('message', '')}")
            yield event["type"], event["object"]
    finally:
        response.close()
        response.release_conn()
