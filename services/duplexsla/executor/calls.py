"""From an event to the call that goes to a device."""

import json
from typing import Any

from duplexsla.errors import ActionRefused
from duplexsla.executor.backends.device import DeviceCall
from duplexsla.executor.breaker import Target
from duplexsla.tools import TOOLSETS
from duplexsla.v1 import action_pb2 as pb


def target_of(event: pb.ActionEvent, arguments: dict[str, Any]) -> Target:
    """The device that the call is for, as far as its arguments name one; else the function is its own."""
    named = arguments.get("device") or arguments.get("door")
    device = f"{arguments.get('room', '')} {named}".strip() if named else event.action.function
    return Target(event.home, device)


def valid_arguments(event: pb.ActionEvent) -> dict[str, Any]:
    """Raises ActionRefused."""
    toolset = TOOLSETS.get(event.toolset)
    if toolset is None:
        raise ActionRefused(f"no toolset {event.toolset[:64]!r}")
    try:
        arguments = json.loads(event.action.arguments_json or "{}")
    except (ValueError, RecursionError) as error:
        raise ActionRefused(f"arguments are no JSON: {error}") from error
    if not isinstance(arguments, dict):
        raise ActionRefused("arguments are no JSON object")
    return dict(toolset.validate(event.action.function, arguments))


def call_of(event: pb.ActionEvent, arguments: dict[str, Any], traceparent: str) -> DeviceCall:
    return DeviceCall(
        action_id=event.action.id,
        session_id=event.session_id,
        fence=event.fence,
        home=event.home,
        toolset=event.toolset,
        function=event.action.function,
        arguments=arguments,
        expires_at_ms=event.expires_at_ms,
        traceparent=traceparent,
    )
