"""Action events for tests, and a device that answers as it was told to."""

from collections.abc import Collection, Iterable, Iterator
from itertools import repeat
from typing import Any

from duplexsla.errors import DeviceRefused
from duplexsla.executor.backends.device import DeviceCall, Effect
from duplexsla.v1 import action_pb2 as pb
from duplexsla.v1.home_pb2 import EntityState, HomeRegistry

NOW_MS = 1_700_000_000_000
DONE = Effect({"power": "on"}, NOW_MS + 7)


def event(number: int = 0, **changes: Any) -> pb.ActionEvent:
    """A valid event of session 1; `number` makes its id, the rest replaces fields."""
    fields: dict[str, Any] = {
        "action": pb.Action(
            id=f"0000000000000001-{number}-0",
            function="open_home_device",
            arguments_json='{"device":"light","room":"kitchen"}',
        ),
        "session_id": 1,
        "home": "demo",
        "toolset": "home",
        "fence": 5,
        "emitted_at_ms": NOW_MS,
        "expires_at_ms": NOW_MS + 5_000,
        "delivery": pb.DELIVERY_IDEMPOTENT,
    }
    return pb.ActionEvent(**(fields | changes))


class Clock:
    """Time that only passes when somebody sleeps."""

    def __init__(self) -> None:
        self.now_ms: float = NOW_MS

    def __call__(self) -> int:
        return int(self.now_ms)

    async def sleep(self, seconds: float) -> None:
        self.now_ms += seconds * 1000


class ScriptedDevice:
    """Answers call after call from the script; an exception is raised. The last answer is repeated."""

    def __init__(self, *script: Effect | Exception) -> None:
        self.calls: list[DeviceCall] = []
        self._script: Iterator[Effect | Exception] = _endless(script or (DONE,))

    async def call(self, call: DeviceCall, *, timeout_s: float) -> Effect:
        assert timeout_s > 0
        self.calls.append(call)
        answer = next(self._script)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def registry(self, home: str, *, timeout_s: float) -> HomeRegistry:
        raise DeviceRefused("a scripted device has no registry")

    async def states(
        self, home: str, entities: Collection[str] = (), *, timeout_s: float
    ) -> list[EntityState]:
        raise DeviceRefused("a scripted device has no states")

    async def close(self) -> None:
        """Nothing is held."""


def _endless(script: Iterable[Any]) -> Iterator[Any]:
    *first, last = script
    yield from first
    yield from repeat(last)
