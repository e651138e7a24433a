"""What each stage trains on (paper table 2), and at which share of the sessions."""

from dataclasses import dataclass
from typing import Literal

Task = Literal["duplex", "asr_user", "asr_assistant", "text"]


@dataclass(frozen=True, slots=True)
class TaskShare:
    """A share of the sessions: a task over scenarios of some families; families () takes any."""

    task: Task
    share: float
    families: tuple[str, ...] = ()


BASE = (
    TaskShare("duplex", 0.30, ("dialogue",)),
    TaskShare("asr_user", 0.40),
    TaskShare("asr_assistant", 0.10, ("dialogue", "backchannel", "single")),
    TaskShare("text", 0.20),
)
"""Stage 1, section 4.1: ordinary dialogue, both sides' ASR, text. It settles the timing first."""

POST = (
    TaskShare("duplex", 0.22, ("single",)),
    TaskShare("duplex", 0.14, ("multi",)),
    TaskShare("duplex", 0.19, ("pause",)),
    TaskShare("duplex", 0.18, ("backchannel_action",)),
    TaskShare("duplex", 0.13, ("interrupt",)),
    TaskShare("duplex", 0.05, ("backchannel",)),
    TaskShare("duplex", 0.03, ("dialogue",)),
    TaskShare("asr_user", 0.04),
    TaskShare("text", 0.02),
)
"""Stage 2, section 4.2: control and tool calls; a little of stage 1, so that nothing is unlearned."""

ADAPT = (
    TaskShare("duplex", 0.13, ("single",)),
    TaskShare("duplex", 0.08, ("multi",)),
    TaskShare("duplex", 0.09, ("pause",)),
    TaskShare("duplex", 0.09, ("backchannel_action",)),
    TaskShare("duplex", 0.06, ("interrupt",)),
    TaskShare("duplex", 0.03, ("backchannel",)),
    TaskShare("duplex", 0.02, ("dialogue",)),
    TaskShare("asr_user", 0.48),
    TaskShare("text", 0.02),
)
"""Stage 2 for weights that know what to do and are to hear other voices: more of the user's words."""

POST_HOME_2 = (
    TaskShare("duplex", 0.17, ("single",)),
    TaskShare("duplex", 0.10, ("multi", "shared_verb")),
    TaskShare("duplex", 0.14, ("pause",)),
    TaskShare("duplex", 0.12, ("backchannel_action",)),
    TaskShare("duplex", 0.10, ("interrupt",)),
    TaskShare("duplex", 0.04, ("backchannel",)),
    TaskShare("duplex", 0.03, ("dialogue",)),
    TaskShare("duplex", 0.07, ("correction", "ambiguity")),
    TaskShare("duplex", 0.05, ("confirmation",)),
    TaskShare("duplex", 0.05, ("follow_up",)),
    TaskShare("duplex", 0.03, ("happening",)),
    TaskShare("duplex", 0.06, ("nothing", "cannot", "people", "television", "echo")),
    TaskShare("asr_user", 0.03),
    TaskShare("text", 0.01),
)
"""Stage 2 where the corpus teaches version 2 of the home."""

STAGES: dict[str, tuple[TaskShare, ...]] = {"base": BASE, "post": POST, "adapt": ADAPT}


def mixture_of(stage: str, *, home: int) -> tuple[TaskShare, ...]:
    """Of a stage, for a corpus that teaches that version of the home. KeyError for no stage."""
    return POST_HOME_2 if stage != "base" and home > 1 else STAGES[stage]
