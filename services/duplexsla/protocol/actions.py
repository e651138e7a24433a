"""Action objects (paper appendix E), their ids, and their spelling on the action channel (section 2.2)."""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from duplexsla.protocol import tokens

_YES = "yes"
_UNDONE = "undone"

Arguments = Mapping[str, str | int | float]


def action_id(session_id: int, trigger_chunk: int, ordinal: int) -> str:
    """The same action always has the same id; `ordinal` counts the actions of one trigger chunk, from 0."""
    return f"{session_id:016x}-{trigger_chunk}-{ordinal}"


def confirmed_id(id: str) -> str:
    """Of the effect that a yes to the question about action `id` has."""
    return f"{id}/{_YES}"


def due_id(id: str, due_ms: int) -> str:
    """Of the effect that a scheduled action has when its time comes, Unix ms."""
    return f"{id}@{due_ms}"


def device_id(id: str, entity: str) -> str:
    """Of the effect on one of several devices; `id` is the action's, the confirmed or the due one."""
    if entity in (_YES, _UNDONE):
        raise ValueError(f"no entity may be called {entity!r}")
    return f"{id}/{entity}"


def undone_id(id: str) -> str:
    """Of the claim to take action `id` back, which one undo has."""
    return f"{id}/{_UNDONE}"


def origin_of(id: str) -> str:
    """The id of the action that decided an effect, whichever way."""
    return re.split("[/@]", id, maxsplit=1)[0]


def code_proof(key: bytes, action_id: str, code: str) -> bytes:
    """What a gateway sends in place of a code: HMAC-SHA256 of action and code under the shared key."""
    return hmac.digest(key, f"{action_id}\0{code}".encode(), hashlib.sha256)


def arguments_json(arguments: Arguments) -> str:
    """Canonical JSON: keys sorted, no spaces."""
    return json.dumps(arguments, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def call_text(function: str, arguments: Arguments) -> str:
    """JSON of a call as the model writes it: keys in the given order, one space before a text value."""
    spelled = {key: f" {value}" if isinstance(value, str) else value for key, value in arguments.items()}
    return json.dumps({"function": function, "arguments": spelled}, ensure_ascii=False)


def planning_text(planning: str, *, more: bool = False) -> str:
    """Planning text on its lane, words with their leading space: " ( turning on the light)".

    `more`: another sentence follows; without the mark, its writer is silent when this one is said.
    """
    words = "".join(f" {word}" for word in planning.split())
    end = f"{tokens.PLANNING_MORE * more}{tokens.PLANNING_CLOSE}"
    return f"{tokens.PLANNING_OPEN}{words}{end}" if words else ""


def assistant_text(word: str) -> str:
    """One word of the assistant's delayed transcript on its lane."""
    return f"{tokens.ASSISTANT_WORD} {word}"


@dataclass(frozen=True)
class ActionObject:
    """One object of the action channel, as appendix E describes it."""

    name: str  # a function, or "response", "interrupt", "backchannel", "asr"
    offset: int  # trigger chunk
    planning: str = ""  # of "asr": the transcript
    parameters: Arguments = field(default_factory=dict)

    def text(self) -> str:
        """All of it as action-channel text."""
        if self.name == "asr":
            return "".join(f" {word}" for word in self.planning.split())
        label = f"<{self.name}>"
        if label in tokens.LABELS:
            return planning_text(self.planning) + label
        call = call_text(self.name, self.parameters)
        return f"{planning_text(self.planning)}{tokens.TOOLCALL_BEGIN}{call}{tokens.TOOLCALL_END}"
