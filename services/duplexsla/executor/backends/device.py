"""The port to devices: commands to entities of a home, and whole functions where a backend knows those."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from duplexsla.v1.action_pb2 import ActionEvent
from duplexsla.v1.home_pb2 import EntityCommand, EntityState, HomeRegistry


@dataclass(frozen=True)
class DeviceCall:
    """One effect, as it goes to a device.

    `event` has the effect's id, fence and expiry. With a `command` an entity is told what to do; without one
    the event's function is called, with arguments that are valid for it.
    """

    event: ActionEvent
    arguments: Mapping[str, Any]
    command: EntityCommand | None = None
    traceparent: str = ""

    @property
    def entity_command(self) -> EntityCommand:
        """The command with the effect's id, fence and expiry."""
        event, told = self.event, EntityCommand()
        if self.command is not None:
            told.CopyFrom(self.command)
        told.effect_id, told.session_id, told.fence = event.action.id, event.session_id, event.fence
        told.expires_at_ms = event.expires_at_ms
        return told


@dataclass(frozen=True)
class Effect:
    """What a device reports. `repeated`: it had the effect before, for the same action.

    `state`: the whole entity, after a command.
    """

    result: Mapping[str, Any]
    at_ms: int  # Unix time
    repeated: bool = False
    state: EntityState | None = None


class Device(Protocol):
    async def call(self, call: DeviceCall, *, timeout_s: float) -> Effect:
        """Does it. A call that is cancelled may have had its effect.

        Raises DeviceRefused, ActionRefused, StaleFence and ActionExpired, which are final and mean no effect
        by this call; DeviceUnavailable when it was certainly not done; AnswerLost when it may have been.
        """

    async def registry(self, home: str, *, timeout_s: float) -> HomeRegistry:
        """What the home has. Raises DeviceRefused for a home without a registry, DeviceUnavailable."""

    async def states(self, home: str, *, timeout_s: float) -> Sequence[EntityState]:
        """All entities as they are. Raises as `registry` does."""

    async def close(self) -> None: ...
