"""What the engine keeps of one session outside its tensors."""

from dataclasses import dataclass

from duplexsla.engine.action_channel import ActionChannel
from duplexsla.engine.drafter import Drafter
from duplexsla.engine.prefix import PrefixChunk
from duplexsla.engine.sampler import Sampler


@dataclass(slots=True)
class SessionState:
    id: int
    slot: int
    channel: ActionChannel
    sampler: Sampler
    expected: Drafter
    codes: list[int]  # of the chunk before
    first_position: int = 0  # absolute position of the session's first one
    count: int = 0  # positions written
    silent: bool = True  # in the chunk before
    past: PrefixChunk | None = None  # what is still to be computed before its next step
