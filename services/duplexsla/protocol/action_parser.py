"""Streaming parser of the action channel: pieces in, events out, one frozen dataclass per kind of thing.

It never raises, whatever the pieces; it keeps at most one open planning text, call and outcome, each bounded;
and after anything malformed it goes on at the next marker.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Literal

from duplexsla.errors import ActionRefused, ProtocolError
from duplexsla.protocol import tokens
from duplexsla.tools import NEWEST
from duplexsla.tools.schema import Delivery, Function, Toolset

MAX_CALL_CHARS = 1_024
MAX_PLANNING_CHARS = 512
MAX_OUTCOME_CHARS = 128

_OPENERS = (tokens.PLANNING_OPEN, tokens.OUTCOME_OPEN, tokens.ASSISTANT_WORD)
_CLOSERS = (tokens.PLANNING_CLOSE, tokens.OUTCOME_CLOSE)


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
    closed_by: int = field(default=0, compare=False)  # index of the piece of its chunk


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


class _Lane(Enum):
    WORDS = auto()
    ASSISTANT_START = auto()  # the next piece belongs to the assistant's word, leading space or not
    ASSISTANT = auto()
    PLANNING = auto()
    CALL = auto()


@dataclass
class _Span:
    """Text that is not closed yet; `overflowed` once it is longer than `limit`, and then kept no more."""

    chunk: int  # where it starts
    limit: int
    text: str = ""
    overflowed: bool = False


@dataclass
class _Plan:
    """Planning text that waits for its call. The queue never pauses: one after the next chunk is not its."""

    text: str
    trigger_chunk: int
    last_chunk: int


class ActionParser:
    """Parses one session's action channel; feed it every chunk with `push`."""

    def __init__(self, toolset: Toolset) -> None:
        self._toolset = toolset
        self._lane = _Lane.WORDS
        self._span = _Span(0, 0)  # the open planning text or call
        self._outcome: _Span | None = None  # may stand inside anything but a call: the service writes it
        self._plan: _Plan | None = None
        self._last_trigger = -1
        self._ordinal = 0
        self._chunk = self._piece = 0
        self._events: list[Event] = []
        self._read = {
            _Lane.WORDS: self._read_word,
            _Lane.ASSISTANT_START: self._read_assistant,
            _Lane.ASSISTANT: self._read_assistant,
            _Lane.PLANNING: self._read_planning,
            _Lane.CALL: self._read_call,
        }

    @classmethod
    def named(cls, toolset: str) -> "ActionParser":
        """A parser for that toolset, in whatever version the decoder knows; raises ProtocolError."""
        if toolset not in NEWEST:
            raise ProtocolError(f"no toolset {toolset!r}, only {', '.join(NEWEST)}")
        return cls(NEWEST[toolset])

    def push(self, chunk_index: int, pieces: Iterable[str]) -> list[Event]:
        """What the action segment of one chunk brings; its last <|action_end|> may be left out."""
        self._chunk, self._events = chunk_index, []
        segment = list(pieces)
        if segment and segment[-1] == tokens.ACTION_END:
            segment.pop()
        for self._piece, piece in enumerate(segment):
            if self._outcome is not None:
                self._read_outcome(self._outcome, piece)
            else:
                self._read[self._lane](piece)
        return self._events

    def _read_word(self, piece: str) -> None:
        """A piece outside of everything: it opens a lane, is a label, or is a word of the user."""
        if piece == tokens.OUTCOME_OPEN:
            self._outcome = _Span(self._chunk, MAX_OUTCOME_CHARS)
            return
        plan, self._plan = self._plan, None
        self._lane = _Lane.WORDS
        if piece == tokens.PLANNING_OPEN:
            self._open(_Lane.PLANNING, MAX_PLANNING_CHARS)
        elif piece == tokens.ASSISTANT_WORD:
            self._lane = _Lane.ASSISTANT_START
        elif piece == tokens.TOOLCALL_BEGIN:
            self._plan = plan if plan and self._chunk <= plan.last_chunk + 1 else None
            self._open(_Lane.CALL, MAX_CALL_CHARS)
        elif piece in tokens.LABELS:
            self._events.append(LabelEvent(piece.strip("<>"), self._chunk))
        elif piece in _CLOSERS or tokens.is_marker(piece):
            self._malformed("marker", f"{piece[:32]} out of place", piece)
        else:
            self._extend(Transcript, piece)

    def _read_assistant(self, piece: str) -> None:
        fresh = self._lane is _Lane.ASSISTANT_START
        if _structural(piece) or (piece.startswith(" ") and not fresh):
            self._read_word(piece)
        else:
            self._lane = _Lane.ASSISTANT
            self._extend(AssistantTranscript, piece)

    def _read_planning(self, piece: str) -> None:
        if piece == tokens.PLANNING_CLOSE:
            self._close_planning()
        elif piece == tokens.OUTCOME_OPEN:
            self._read_word(piece)
        elif piece in _OPENERS or tokens.is_marker(piece):
            self._cut_short(self._span, "planning", piece)
        else:
            self._keep(self._span, piece, "planning")

    def _read_call(self, piece: str) -> None:
        if piece == tokens.TOOLCALL_END:
            self._close_call()
        elif tokens.is_marker(piece):
            self._plan = None
            self._cut_short(self._span, "call", piece)
        else:
            self._keep(self._span, piece, "call")

    def _read_outcome(self, outcome: _Span, piece: str) -> None:
        if piece == tokens.OUTCOME_CLOSE:
            self._outcome = None
            if self._plan:
                self._plan.last_chunk = self._chunk
            if not outcome.overflowed:
                self._events.append(OutcomeEcho(outcome.text.strip()))
        elif piece in _OPENERS or tokens.is_marker(piece):
            self._outcome = None
            self._unclosed(outcome, "outcome")
            self._read[self._lane](piece)
        else:
            self._keep(outcome, piece, "outcome")

    def _open(self, lane: _Lane, limit: int) -> None:
        self._lane = lane
        self._span = _Span(self._chunk, limit)

    def _keep(self, span: _Span, piece: str, what: str) -> None:
        if span.overflowed:
            return
        span.text += piece
        if len(span.text) > span.limit:
            self._malformed("length", f"{what} longer than {span.limit} characters", span.text[: span.limit])
            span.overflowed, span.text = True, ""

    def _cut_short(self, span: _Span, what: str, piece: str) -> None:
        """A marker where `span` should have been closed: drop it and go on with the marker."""
        self._unclosed(span, what)
        self._read_word(piece)

    def _unclosed(self, span: _Span, what: str) -> None:
        if not span.overflowed:
            self._malformed("marker", f"{what} not closed", span.text)

    def _close_planning(self) -> None:
        self._lane = _Lane.WORDS
        if self._span.overflowed:
            return
        text = self._span.text.removesuffix(tokens.PLANNING_MORE).strip()
        plan = _Plan(text, self._span.chunk, self._chunk)
        self._plan = plan
        self._events.append(Planning(plan.text, plan.trigger_chunk))

    def _close_call(self) -> None:
        plan, self._plan = self._plan, None
        self._lane = _Lane.WORDS
        if self._span.overflowed:
            return
        try:
            function, arguments = self._validated(self._span.text)
        except ActionRefused as error:
            self._malformed("schema", str(error), self._span.text)
        except ValueError as error:
            self._malformed("json", str(error), self._span.text)
        else:
            self._events.append(self._call(function, arguments, plan))

    def _validated(self, raw: str) -> tuple[Function, dict[str, str | int | float]]:
        """Function and canonical arguments of a call's text; raises ValueError or ActionRefused."""
        try:
            body = json.loads(raw, object_pairs_hook=_without_repeats)
        except RecursionError:
            raise ValueError("nested too deep") from None
        if not isinstance(body, dict) or body.keys() != {"function", "arguments"}:
            raise ValueError("not an object of function and arguments")
        if not isinstance(body["function"], str) or not isinstance(body["arguments"], dict):
            raise ValueError("function is no text or arguments are no object")
        function = self._toolset.function(body["function"])
        return function, function.validate(body["arguments"])

    def _call(
        self, function: Function, arguments: dict[str, str | int | float], plan: _Plan | None
    ) -> ToolCall:
        trigger = plan.trigger_chunk if plan else self._span.chunk
        self._ordinal = self._ordinal + 1 if trigger == self._last_trigger else 0
        self._last_trigger = trigger
        return ToolCall(
            function.name,
            arguments,
            plan.text if plan else "",
            trigger,
            self._chunk,
            self._ordinal,
            function.delivery,
            function.expires_ms,
            self._piece,
        )

    def _extend(self, kind: type[Transcript] | type[AssistantTranscript], text: str) -> None:
        """Add text of one chunk to the event before it where both are of one kind."""
        last = self._events[-1] if self._events else None
        if isinstance(last, kind):
            self._events[-1] = kind(last.text + text)
        else:
            self._events.append(kind(text))

    def _malformed(self, kind: Literal["json", "schema", "marker", "length"], reason: str, raw: str) -> None:
        self._events.append(Malformed(reason, raw[:MAX_CALL_CHARS], kind))


def _structural(piece: str) -> bool:
    return piece in _OPENERS or piece in _CLOSERS or tokens.is_marker(piece)


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    body = dict(pairs)
    if len(body) != len(pairs):
        raise ValueError("a key is repeated")
    return body
