"""The port to devices: commands to entities of a home, and whole functions where a backend knows those."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from duplexsla.v1.action_pb2 import ActionEvent
from duplexsla.v1.home_pb2 import (
    COMMAND_SET_LEVEL,
    COMMAND_SET_TEMPERATURE,
    COMMAND_STEP_LEVEL,
    COMMAND_STEP_TEMPERATURE,
    EntityCommand,
    EntityState,
    HomeChanges,
    HomeRegistry,
)

VERSION_CHARS = 16
_SET = {
    COMMAND_SET_LEVEL: ("level", "percent"),
    COMMAND_STEP_LEVEL: ("level", "percent"),
    COMMAND_SET_TEMPERATURE: ("temperature", "degrees"),
    COMMAND_STEP_TEMPERATURE: ("temperature", "degrees"),
}


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


def reported(command: EntityCommand, state: EntityState) -> dict[str, Any]:
    """What is told of an entity after a command: its properties, and as `value` and `unit` what was set."""
    properties: dict[str, Any] = json.loads(state.state_json or "{}")
    name, unit = _SET.get(command.command, ("", ""))
    name = command.text or name if unit == "percent" else name
    if "value" in properties or name not in properties:
        return properties
    return {**properties, "value": properties[name], "unit": unit}


def entity_state(
    entity: str, properties: Mapping[str, Any], *, changed_at_ms: int, changed_by: str
) -> EntityState:
    """As every backend tells an entity."""
    text = json.dumps(dict(properties), sort_keys=True, separators=(",", ":"))
    return EntityState(entity=entity, state_json=text, changed_at_ms=changed_at_ms, changed_by=changed_by)


def registry_version(told: HomeRegistry) -> str:
    """Of the content without its version."""
    content = HomeRegistry()
    content.CopyFrom(told)
    content.ClearField("version")
    return hashlib.sha256(content.SerializeToString(deterministic=True)).hexdigest()[:VERSION_CHARS]


class HomeChangeSource(Protocol):
    """What happens in homes and is no effect of an action; a backend keeps what its hubs push."""

    async def changes(self, after: str, *, wait_s: float) -> HomeChanges:
        """Of all homes, newer than `after`, the `next` of the answer before; "": all that is still known.

        Waits up to `wait_s` for the first one. Raises DeviceUnavailable. Cancelling is safe.
        """


class Device(Protocol):
    async def call(self, call: DeviceCall, *, timeout_s: float) -> Effect:
        """Does it, and returns only with a proof. A call that is cancelled may have had its effect.

        `timeout_s`: what is left of the action's time; a backend gives up earlier where waiting is in vain.

        Raises DeviceRefused, ActionRefused, StaleFence and ActionExpired, which are final and mean no effect
        by this call; DeviceUnavailable when it was certainly not done; AnswerLost when it may have been:
        `outcomes.ERRORS` is the table.
        """

    async def registry(self, home: str, *, timeout_s: float) -> HomeRegistry:
        """What the home has; `home` is its key, "tenant/home" where there are tenants.

        Raises DeviceRefused for a home without a registry, DeviceUnavailable.
        """

    async def states(
        self, home: str, entities: Collection[str] = (), *, timeout_s: float
    ) -> Sequence[EntityState]:
        """These entities as they are, all without any. Raises as `registry` does."""

    async def close(self) -> None: ...
