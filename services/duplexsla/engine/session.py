"""What the engine keeps of one session outside its tensors."""

from dataclasses import dataclass

from duplexsla.engine.action_channel import ActionChannel
from duplexsla.engine.drafter import Expected
from duplexsla.engine.prefix import Lived
from duplexsla.engine.sampler import Sampler


@dataclass(slots=True)
class Session:
    id: int
    slot: int
    channel: ActionChannel
    sampler: Sampler
    expected: Expected
    codes: list[int]  # of the chunk before
    first_position: int = 0  # absolute position of the session's first one
    count: int = 0  # positions written
    silent: bool = True  # in the chunk before
    past: Lived | None = None  # what is still to be computed before its next step
