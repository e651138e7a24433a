"""The simulated homes, over HTTP with kept connections. They know action ids: a repeat does nothing."""

from contextlib import suppress
from http import HTTPStatus

import httpx

from duplexsla.errors import (
    ActionExpired,
    ActionRefused,
    AnswerLost,
    DeviceRefused,
    DeviceUnavailable,
    DuplexSLAError,
    StaleFence,
)
from duplexsla.executor.backends.device import DeviceCall, Effect

CONNECTIONS = 64
CONNECT_S = 1.0
KEPT_S = 30.0  # less than the service keeps a quiet connection: never write to one that it is closing

_REFUSALS: dict[int, type[DuplexSLAError]] = {
    HTTPStatus.NOT_FOUND: DeviceRefused,  # no such home
    HTTPStatus.CONFLICT: DeviceRefused,
    HTTPStatus.GONE: ActionExpired,
    HTTPStatus.PRECONDITION_FAILED: StaleFence,
    HTTPStatus.UNPROCESSABLE_ENTITY: ActionRefused,
}
# Errors before the request was on the wire: nobody has seen it.
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class SimulatedHomes:
    """Device of the home service at one URL; `transport` is the way there, HTTP without one."""

    def __init__(self, url: str, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        limits = httpx.Limits(max_connections=CONNECTIONS, keepalive_expiry=KEPT_S)
        self._client = httpx.AsyncClient(base_url=url, limits=limits, trust_env=False, transport=transport)

    async def open(self) -> None:
        """Connects ahead of the first call; no error when the service is not there yet."""
        with suppress(httpx.HTTPError):
            await self._client.get("/healthz", timeout=CONNECT_S)

    async def call(self, call: DeviceCall, *, timeout_s: float) -> Effect:
        timeout = httpx.Timeout(timeout_s, connect=min(timeout_s, CONNECT_S))
        headers = {"traceparent": call.traceparent} if call.traceparent else {}
        try:
            answer = await self._client.post(
                f"/homes/{call.event.home}/actions", json=_body(call), headers=headers, timeout=timeout
            )
        except _UNSENT as error:
            raise DeviceUnavailable(f"the home service cannot be reached: {error}") from error
        except httpx.HTTPError as error:
            raise AnswerLost(f"the home service did not answer: {type(error).__name__}") from error
        return _effect(answer)

    async def close(self) -> None:
        await self._client.aclose()


def _body(call: DeviceCall) -> dict[str, object]:
    event = call.event
    return {
        "action_id": event.action.id,
        "session_id": event.session_id,
        "fence": event.fence,
        "toolset": event.toolset,
        "function": event.action.function,
        "arguments": dict(call.arguments),
        "expires_at_ms": event.expires_at_ms,
    }


def _effect(answer: httpx.Response) -> Effect:
    """Raises what the status says; a 503 says that the device was not touched, other 5xx do not."""
    if answer.status_code == HTTPStatus.OK:
        body = answer.json()
        return Effect(body["result"], body["effect_at_ms"], body["repeated"])
    reason = _reason(answer)
    if answer.status_code in _REFUSALS:
        raise _REFUSALS[answer.status_code](reason)
    if answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
        raise DeviceUnavailable(reason)
    raise AnswerLost(f"the home service answered {answer.status_code}: {reason}")


def _reason(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["reason"])
    except (ValueError, KeyError, TypeError):
        return answer.text[:200]
