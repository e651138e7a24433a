"""The simulated homes, over HTTP with kept connections. They know action ids: a repeat does nothing."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import httpx
from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from google.protobuf.message import DecodeError

from duplexsla.clock import unix_ms
from duplexsla.errors import DeviceRefused, DeviceUnavailable
from duplexsla.executor.backends.device import DeviceCall, Effect, reported
from duplexsla.executor.backends.outcomes import CallFinding, failure
from duplexsla.protocol.topics import home_key
from duplexsla.v1.home_pb2 import EntityCommand, EntityState, HomeChanges, HomeRegistry

PROTOBUF = "application/x-protobuf"
NO_HEADERS: Mapping[str, str] = {}
CONNECTIONS = 64
CONNECT_S = 1.0
ANSWER_S = 2.0  # the longest wait for one answer
KEPT_S = 30.0  # less than the service keeps a quiet connection: never write to one that it is closing

# A 503 says that the device was not touched; other 5xx do not.
_FINDINGS: Mapping[int, CallFinding] = {
    HTTPStatus.UNAUTHORIZED: CallFinding.TOKEN_REFUSED,
    HTTPStatus.FORBIDDEN: CallFinding.TOKEN_REFUSED,
    HTTPStatus.NOT_FOUND: CallFinding.NO_SUCH_HOME,
    HTTPStatus.CONFLICT: CallFinding.NO_SUCH_DEVICE,
    HTTPStatus.GONE: CallFinding.TOO_LATE,
    HTTPStatus.PRECONDITION_FAILED: CallFinding.OLDER_FENCE,
    HTTPStatus.UNPROCESSABLE_ENTITY: CallFinding.BAD_VALUE,
    HTTPStatus.SERVICE_UNAVAILABLE: CallFinding.DEVICE_AWAY,
}
# Errors before the request was on the wire: nobody has seen it.
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class SimulatedHomes:
    """Device of the home service at one URL; `transport` is the way there, HTTP without one."""

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """`headers` show who we are."""
        limits = httpx.Limits(max_connections=CONNECTIONS, keepalive_expiry=KEPT_S)
        self._client = httpx.AsyncClient(
            base_url=url, headers=headers, limits=limits, trust_env=False, transport=transport
        )

    async def open(self) -> None:
        """Connects ahead of the first call; no error when the service is not there yet."""
        with suppress(httpx.HTTPError):
            await self._client.get("/healthz", timeout=CONNECT_S)

    async def call(self, call: DeviceCall, *, timeout_s: float) -> Effect:
        headers = {"traceparent": call.traceparent} if call.traceparent else {}
        home = home_key(call.event.tenant, call.event.home).decode()
        if call.command is None:
            answer = await self._post(home, "actions", _function_call(call), headers, timeout_s)
            return _effect(_checked(answer))
        command = MessageToDict(call.entity_command, preserving_proto_field_name=True)
        answer = await self._post(home, "commands", command, headers, timeout_s)
        return _command_effect(_checked(answer), call.entity_command)

    async def registry(self, home: str, *, timeout_s: float) -> HomeRegistry:
        answer = await self._get(home, "registry", timeout_s, headers={"accept": PROTOBUF})
        try:
            return HomeRegistry.FromString(answer.content)
        except DecodeError as error:
            raise DeviceUnavailable(f"the home's registry cannot be read: {error}") from error

    async def states(
        self, home: str, entities: Collection[str] = (), *, timeout_s: float
    ) -> Sequence[EntityState]:
        try:
            told = (await self._get(home, "states", timeout_s, entities)).json()
            return [ParseDict(each, EntityState(), ignore_unknown_fields=True) for each in told]
        except (ParseError, TypeError, ValueError) as error:
            raise DeviceUnavailable(f"the home's states cannot be read: {error}") from error

    async def changes(self, after: str, *, wait_s: float) -> HomeChanges:
        asked = {"after": after, "wait_s": str(wait_s)}
        try:
            answer = await self._client.get("/changes", params=asked, timeout=wait_s + ANSWER_S)
            if answer.status_code == HTTPStatus.OK:
                found = ParseDict(answer.json(), HomeChanges(), ignore_unknown_fields=True)
                for change in found.changes:
                    change.tenant, _, change.home = change.home.rpartition("~")
                return found
        except (httpx.HTTPError, ParseError, TypeError, ValueError) as error:
            raise DeviceUnavailable(f"what changes in homes cannot be read: {error}") from error
        raise DeviceUnavailable(f"the home service answered {answer.status_code}: {_reason(answer)}")

    async def _post(
        self, home: str, what: str, body: Mapping[str, Any], headers: Mapping[str, str], timeout_s: float
    ) -> httpx.Response:
        timeout = httpx.Timeout(min(timeout_s, ANSWER_S), connect=min(timeout_s, CONNECT_S))
        try:
            return await self._client.post(
                f"/homes/{_name(home)}/{what}", json=body, headers=dict(headers), timeout=timeout
            )
        except _UNSENT as error:
            raise failure(CallFinding.NEVER_SENT, f"the home service cannot be reached: {error}") from error
        except httpx.HTTPError as error:
            reason = f"the home service did not answer: {type(error).__name__}"
            raise failure(CallFinding.NO_ANSWER, reason) from error

    async def _get(
        self,
        home: str,
        what: str,
        timeout_s: float,
        entities: Collection[str] = (),
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> httpx.Response:
        """DeviceRefused for a home that is not known; DeviceUnavailable for whatever else goes wrong."""
        try:
            answer = await self._client.get(
                f"/homes/{_name(home)}/{what}",
                params={"entity": list(entities)},
                headers=dict(headers),
                timeout=timeout_s,
            )
        except httpx.HTTPError as error:
            raise DeviceUnavailable(f"the home service did not answer: {type(error).__name__}") from error
        if answer.status_code == HTTPStatus.NOT_FOUND:
            raise DeviceRefused(_reason(answer))
        if answer.status_code == HTTPStatus.OK:
            return answer
        raise DeviceUnavailable(f"the home service answered {answer.status_code}: {_reason(answer)}")

    async def close(self) -> None:
        await self._client.aclose()


def _name(home: str) -> str:
    """Of its key, as `home_name` has it."""
    return home.replace("/", "~")


def _function_call(call: DeviceCall) -> dict[str, object]:
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


def _checked(answer: httpx.Response) -> dict[str, Any]:
    """The body. Raises what the status says."""
    if answer.status_code == HTTPStatus.OK:
        body: dict[str, Any] = answer.json()
        return body
    reason = _reason(answer)
    if answer.status_code in _FINDINGS:
        raise failure(_FINDINGS[answer.status_code], reason)
    raise failure(CallFinding.HUB_FAILED, f"the home service answered {answer.status_code}: {reason}")


def _effect(body: Mapping[str, Any]) -> Effect:
    return Effect(body["result"], body["effect_at_ms"], body["repeated"])


def _command_effect(body: dict[str, Any], command: EntityCommand) -> Effect:
    state = ParseDict(body, EntityState(), ignore_unknown_fields=True)
    # A command that changed nothing, or asked, has no time of its own.
    at_ms = state.changed_at_ms if state.changed_by == command.effect_id else unix_ms()
    return Effect(reported(command, state), at_ms, state.repeated, state)


def _reason(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["reason"])
    except (ValueError, KeyError, TypeError):
        return answer.text[:200]
