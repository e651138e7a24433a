"""The port to devices."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from duplexsla.v1.action_pb2 import ActionEvent


@dataclass(frozen=True)
class DeviceCall:
    """One action, as it goes to a device."""

    event: ActionEvent
    arguments: Mapping[str, Any]  # valid for the event's function
    traceparent: str = ""


@dataclass(frozen=True)
class Effect:
    """What a device reports. `repeated`: it had the effect before, for the same action."""

    result: Mapping[str, Any]
    at_ms: int  # Unix time
    repeated: bool = False


class Device(Protocol):
    async def call(self, call: DeviceCall, *, timeout_s: float) -> Effect:
        """Does it. A call that is cancelled may have had its effect.

        Raises DeviceRefused, ActionRefused, StaleFence and ActionExpired, which are final and mean no effect
        by this call; DeviceUnavailable when it was certainly not done; AnswerLost when it may have been.
        """

    async def close(self) -> None: ...
