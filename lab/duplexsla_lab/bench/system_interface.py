"""What the bench asks of a system under test (table 4): reset, prefill, step, and the end of a
conversation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from duplexsla_lab.bench.case import CaseTurn, Samples
from duplexsla_lab.bench.event_log import LoggedCall


@dataclass(frozen=True, slots=True)
class Output:
    """The answer to one chunk. Chunks of calls count from the case's first `step`."""

    sound: Samples  # int16 [2560], what the assistant says
    labels: tuple[str, ...] = ()  # of response, interrupt, backchannel
    calls: tuple[LoggedCall, ...] = ()  # that closed in this chunk
    transcript: str = ""  # for people: what it heard and what it said
    said: str = ""


class System(Protocol):
    """One conversation at a time. Any method may raise: the case fails with the reason."""

    def reset(self, toolset: str) -> None:
        """A conversation that remembers nothing."""

    def prefill(self, history: Sequence[CaseTurn]) -> None:
        """Takes the dialogue before the case; chunks of calls count from its end."""

    def step(self, samples: Samples) -> Output:
        """The next chunk of the user, int16 [2560]."""

    def close(self) -> None:
        """Ends the conversation, if there is one, and gives back what it holds."""


SystemFactory = Callable[[], System]
