"""What each stage trains on (paper table 2), and at which share of the sessions."""

from dataclasses import dataclass
from typing import Literal

Task = Literal["duplex", "asr_user", "asr_assistant", "text"]


@dataclass(frozen=True, slots=True)
class Slice:
    """A share of the sessions: a task over scenarios of some families; families () takes any."""

    task: Task
    share: float
    families: tuple[str, ...] = ()


BASE = (
    Slice("duplex", 0.30, ("dialogue",)),
    Slice("asr_user", 0.40),
    Slice("asr_assistant", 0.10, ("dialogue", "backchannel", "single")),
    Slice("text", 0.20),
)
"""Stage 1, section 4.1: ordinary dialogue, both sides' ASR, text. It settles the timing first."""

POST = (
    Slice("duplex", 0.22, ("single",)),
    Slice("duplex", 0.14, ("multi",)),
    Slice("duplex", 0.19, ("pause",)),
    Slice("duplex", 0.18, ("backchannel_action",)),
    Slice("duplex", 0.13, ("interrupt",)),
    Slice("duplex", 0.05, ("backchannel",)),
    Slice("duplex", 0.03, ("dialogue",)),
    Slice("asr_user", 0.04),
    Slice("text", 0.02),
)
"""Stage 2, section 4.2: control and tool calls; a little of stage 1, so that nothing is unlearned."""

STAGES: dict[str, tuple[Slice, ...]] = {"base": BASE, "post": POST}
