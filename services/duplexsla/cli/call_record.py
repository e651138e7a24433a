"""What one call heard, said and did, gathered from the messages of its session."""

import json
from typing import Any

from duplexsla.clock import CHUNK_BYTES, CHUNK_S
from duplexsla.enum_names import enum_name
from duplexsla.report.percentile import percentile
from duplexsla.v1.action_pb2 import Action, ActionOutcome, OutcomeState
from duplexsla.v1.session_pb2 import Chunk, ConverseResponse, Label, Notice, NoticeKind


class CallRecord:
    """Feed it every ConverseResponse of one session, in order; `reply` is the assistant's sound so far."""

    def __init__(self) -> None:
        self.reply = bytearray()
        self._heard: list[str] = []
        self._said: list[str] = []
        self._actions: dict[str, dict[str, Any]] = {}
        self._step_ms: list[float] = []
        self._reason = "the stream ended early"

    def add(self, response: ConverseResponse) -> None:
        kind = response.WhichOneof("message")
        if kind == "chunk":
            self._add_chunk(response.chunk)
        elif kind == "outcome":
            self._actions.setdefault(response.outcome.action_id, {}).update(outcome_row(response.outcome))
        elif kind == "error":
            self._reason = f"{response.error.code}: {response.error.detail}"
        elif kind == "closed":
            self._reason = ""

    def failed(self, reason: str) -> None:
        """The call ended for a reason that no message gave."""
        self._reason = reason

    @property
    def actions(self) -> list[dict[str, Any]]:
        return list(self._actions.values())

    def summary(self) -> dict[str, Any]:
        """The last JSON object of a call: `ok` is whether the session ended in order."""
        reason = {} if not self._reason else {"reason": self._reason}
        return {
            "ok": not self._reason,
            **reason,
            "heard": "".join(self._heard).strip(),
            "said": "".join(self._said).strip(),
            "actions": self.actions,
            "step_ms": {f"p{rank}": self._step(rank) for rank in (50, 99)},
        }

    def _step(self, rank: int) -> float:
        """ms, to a tenth; 0 before the first chunk."""
        return round(percentile(self._step_ms, rank), 1) if self._step_ms else 0.0

    def _add_chunk(self, chunk: Chunk) -> None:
        self.reply += chunk.sound or bytes(CHUNK_BYTES)
        self._heard.append(chunk.transcript)
        self._said.append(chunk.text)
        self._step_ms.append(chunk.step_us / 1000)
        for action in chunk.actions:
            outcome_before = self._actions.get(action.id, {})  # an outcome may overtake its action
            self._actions[action.id] = {**action_row(action), **outcome_before}


def action_row(action: Action) -> dict[str, Any]:
    return {
        "id": action.id,
        "function": action.function,
        "arguments": json.loads(action.arguments_json),
        "state": "pending",
        "trigger_s": round(action.trigger_chunk * CHUNK_S, 2),
        "effect_ms": 0.0,
    }


def outcome_row(outcome: ActionOutcome) -> dict[str, Any]:
    reason = {"reason": outcome.reason} if outcome.reason else {}
    state = enum_name(OutcomeState, outcome.state)
    return {"state": state, "effect_ms": round(outcome.effect_ms, 1), **reason}


def json_row(response: ConverseResponse) -> dict[str, Any]:
    """One message as a JSON object ({"chunk": 12, ...}, {"outcome": ...}, {"notice": ...}); no sound."""
    kind = response.WhichOneof("message")
    if kind == "chunk":
        return _chunk_row(response.chunk)
    if kind == "outcome":
        return {"outcome": {"id": response.outcome.action_id, **outcome_row(response.outcome)}}
    if kind == "notice":
        return _notice_row(response.notice)
    if kind == "error":
        return {"error": response.error.code, "detail": response.error.detail}
    if kind == "opened":
        return {"opened": f"{response.opened.session_id:016x}", "home": response.opened.home}
    return {"closed": response.closed.chunks, "deadline_misses": response.closed.deadline_misses}


def _notice_row(notice: Notice) -> dict[str, Any]:
    numbers = {"first_chunk": notice.first_chunk, "chunks": notice.chunks, "gap_ms": notice.gap_ms}
    shown = {key: number for key, number in numbers.items() if number or key == "first_chunk"}
    return {"notice": enum_name(NoticeKind, notice.kind), "detail": notice.detail, **shown}


def _chunk_row(chunk: Chunk) -> dict[str, Any]:
    return {
        "chunk": chunk.index,
        "at_s": round(chunk.index * CHUNK_S, 2),
        "text": chunk.text,
        "transcript": chunk.transcript,
        "planning": chunk.planning,
        "labels": labels(chunk),
        "actions": [action_row(action) for action in chunk.actions],
        "action_channel": chunk.action_channel,
        "step_ms": round(chunk.step_us / 1000, 1),
    }


def labels(chunk: Chunk) -> list[str]:
    return [enum_name(Label, label) for label in chunk.labels]
