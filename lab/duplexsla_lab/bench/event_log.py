"""What a system did in one case, on the case's clock: the event log E of table 4.

An event of chunk k has the time 0.16 k, the chunk's start, as the paper has it; a listener hears it
one chunk (0.16 s) later at the earliest, because the user's side of the chunk had to be spoken first.
Speech is what a detector finds in the assistant's decoded sound. Each chunk is `speak` or `stop` (table 4,
stage 2); onsets and stops are the changes between the two, as section 5.1 and table 3 want them, and
silence comes before the first chunk. Read chunk by chunk instead, a silent system would pass every
interrupt, and one that never ends every normal turn.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from duplexsla.clock import CHUNK_MS
from duplexsla.protocol.call_confidence import CallConfidence

SPEAK, STOP = "speak", "stop"


class Event(NamedTuple):
    t_s: float
    kind: str  # speak, stop, or a label: response, interrupt, backchannel


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """A predicted call: `trigger` is the chunk of its planning text or opening, `closed` that of its end."""

    function: str
    arguments: Mapping[str, str | int | float]
    trigger: int
    closed: int
    # Where the system tells it: beside the call, no part of what was called.
    confidence: CallConfidence | None = field(default=None, compare=False)

    @property
    def trigger_s(self) -> float:
        return chunk_s(self.trigger)


@dataclass(slots=True)
class EventLog:
    """`speech` has one flag a chunk; `labels` and `calls` are in the order in which they came."""

    speech: list[bool] = field(default_factory=list)
    labels: list[tuple[int, str]] = field(default_factory=list)  # chunk, label
    calls: list[LoggedCall] = field(default_factory=list)

    def events(self) -> Iterator[Event]:
        """Every event of table 4, in order of time: each chunk's speak or stop, then its labels."""
        waiting = sorted(self.labels, key=lambda each: each[0])
        for chunk, speaks in enumerate(self.speech):
            yield Event(chunk_s(chunk), SPEAK if speaks else STOP)
            yield from (Event(chunk_s(at), label) for at, label in waiting if at == chunk)

    def changes(self) -> Iterator[Event]:
        """Speech onsets and stops."""
        before = False
        for chunk, speaks in enumerate(self.speech):
            if speaks != before:
                yield Event(chunk_s(chunk), SPEAK if speaks else STOP)
            before = speaks

    def labelled(self, label: str) -> Iterator[Event]:
        return (Event(chunk_s(chunk), each) for chunk, each in sorted(self.labels) if each == label)

    def row(self) -> dict[str, Any]:
        """As JSON; `speech` is a text of 0 and 1."""
        return {
            "speech": "".join("01"[speaks] for speaks in self.speech),
            "labels": [list(each) for each in self.labels],
            "calls": [
                [call.function, dict(call.arguments), call.trigger, call.closed, call.confidence]
                for call in self.calls
            ],
        }


def log_from(row: Mapping[str, Any]) -> EventLog:
    """What `EventLog.row` wrote."""
    return EventLog(
        [each == "1" for each in row["speech"]],
        [(chunk, label) for chunk, label in row["labels"]],
        [_call(*each) for each in row["calls"]],
    )


def _call(
    function: str,
    arguments: Mapping[str, str | int | float],
    trigger: int,
    closed: int,
    confidence: Sequence[float] | None = None,
) -> LoggedCall:
    return LoggedCall(
        function, arguments, trigger, closed, CallConfidence(*confidence) if confidence else None
    )


def chunk_s(chunk: int) -> float:
    return chunk * CHUNK_MS / 1000
