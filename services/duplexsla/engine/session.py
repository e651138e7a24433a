"""What the engine keeps of one session outside its tensors."""

from dataclasses import dataclass

from duplexsla.engine.action_channel import ActionChannel
from duplexsla.engine.drafter import Drafter
from duplexsla.engine.prefix import PrefixTensors


@dataclass(slots=True)
class SessionState:
    id: int
    slot: int
    channel: ActionChannel
    drafter: Drafter
    codes: list[int]  # of the chunk before
    count: int = 0  # positions written
    silent: bool = True  # in the chunk before
    finite: bool = True  # all that was computed of it
    prefix: PrefixTensors | None = None  # what is still to be computed before its next step
