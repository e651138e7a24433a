"""The port to devices."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class DeviceCall:
    """One action, as it goes to a device. `arguments` are valid for the function."""

    action_id: str
    session_id: int
    fence: int
    home: str
    toolset: str
    function: str
    arguments: Mapping[str, Any]
    expires_at_ms: int  # Unix time
    traceparent: str = ""


@dataclass(frozen=True)
class Effect:
    """What a device reports. `repeated`: it had the effect before, for the same action."""

    result: Mapping[str, Any]
    at_ms: int  # Unix time
    repeated: bool = False


class Device(Protocol):
    async def call(self, call: DeviceCall, *, timeout_s: float) -> Effect:
        """Does it.

        Raises DeviceRefused, ActionRefused, StaleFence and ActionExpired, which are final and mean no effect
        by this call; DeviceUnavailable when it was certainly not done; AnswerLost when it may have been.
        """

    async def close(self) -> None: ...
