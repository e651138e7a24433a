"""What the action parser reports: one frozen dataclass per kind of thing on the action channel."""

from dataclasses import dataclass
from typing import Literal

from duplexsla.tools.schema import Delivery


@dataclass(frozen=True)
class Transcript:
    """More of what the user said; texts joined as they come give the whole transcript."""

    text: str


@dataclass(frozen=True)
class AssistantTranscript:
    """More of what the assistant was heard to say; joined like Transcript."""

    text: str


@dataclass(frozen=True)
class Planning:
    text: str
    trigger_chunk: int


@dataclass(frozen=True)
class LabelEvent:
    """A control label: response, interrupt or backchannel."""

    label: str
    chunk: int


@dataclass(frozen=True)
class OutcomeEcho:
    """An outcome that the service wrote on the channel, as the model reads it: "done 21 degrees"."""

    text: str


@dataclass(frozen=True)
class ToolCall:
    """A call that fits its toolset; `arguments` are canonical, in schema order."""

    function: str
    arguments: dict[str, str | int | float]
    planning: str  # "" without one
    trigger_chunk: int  # where the planning text or, without one, the call starts
    closed_chunk: int
    ordinal: int  # among the calls of one trigger chunk, from 0
    delivery: Delivery
    expires_ms: int


@dataclass(frozen=True)
class Malformed:
    """Something that was dropped: why, its (bounded) text, and one of few words to count it by.

    json: not a call at all; schema: the toolset refuses it; marker: out of place, or cut something short;
    length: it did not end within its bound.
    """

    reason: str
    raw: str
    kind: Literal["json", "schema", "marker", "length"]


Event = Transcript | AssistantTranscript | Planning | LabelEvent | OutcomeEcho | ToolCall | Malformed
