"""A simulated car whose functions are called by name."""

from typing import Any

from duplexsla.home.simulated_home import SimulatedHome

NOW_MS = 1_700_000_000_000  # a Tuesday


class Car:
    """Calls are one second apart."""

    def __init__(self) -> None:
        self.home, self.now_ms = SimulatedHome(), NOW_MS

    def __call__(self, function: str, **arguments: Any) -> dict[str, Any]:
        self.now_ms += 1_000
        return self.home.perform("car", function, arguments, now_ms=self.now_ms)

    def __getitem__(self, entity: str) -> dict[str, Any]:
        return self.home.state[entity]
