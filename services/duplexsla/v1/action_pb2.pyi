from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Delivery(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DELIVERY_UNSPECIFIED: _ClassVar[Delivery]
    DELIVERY_IDEMPOTENT: _ClassVar[Delivery]
    DELIVERY_AT_MOST_ONCE: _ClassVar[Delivery]

class OutcomeState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OUTCOME_STATE_UNSPECIFIED: _ClassVar[OutcomeState]
    OUTCOME_STATE_DONE: _ClassVar[OutcomeState]
    OUTCOME_STATE_FAILED: _ClassVar[OutcomeState]
    OUTCOME_STATE_EXPIRED: _ClassVar[OutcomeState]
    OUTCOME_STATE_FENCED: _ClassVar[OutcomeState]
    OUTCOME_STATE_REFUSED: _ClassVar[OutcomeState]
    OUTCOME_STATE_UNKNOWN: _ClassVar[OutcomeState]
    OUTCOME_STATE_UNAVAILABLE: _ClassVar[OutcomeState]
DELIVERY_UNSPECIFIED: Delivery
DELIVERY_IDEMPOTENT: Delivery
DELIVERY_AT_MOST_ONCE: Delivery
OUTCOME_STATE_UNSPECIFIED: OutcomeState
OUTCOME_STATE_DONE: OutcomeState
OUTCOME_STATE_FAILED: OutcomeState
OUTCOME_STATE_EXPIRED: OutcomeState
OUTCOME_STATE_FENCED: OutcomeState
OUTCOME_STATE_REFUSED: OutcomeState
OUTCOME_STATE_UNKNOWN: OutcomeState
OUTCOME_STATE_UNAVAILABLE: OutcomeState

class Action(_message.Message):
    __slots__ = ("id", "function", "arguments_json", "planning", "trigger_chunk", "closed_chunk", "ordinal")
    ID_FIELD_NUMBER: _ClassVar[int]
    FUNCTION_FIELD_NUMBER: _ClassVar[int]
    ARGUMENTS_JSON_FIELD_NUMBER: _ClassVar[int]
    PLANNING_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_CHUNK_FIELD_NUMBER: _ClassVar[int]
    CLOSED_CHUNK_FIELD_NUMBER: _ClassVar[int]
    ORDINAL_FIELD_NUMBER: _ClassVar[int]
    id: str
    function: str
    arguments_json: str
    planning: str
    trigger_chunk: int
    closed_chunk: int
    ordinal: int
    def __init__(self, id: _Optional[str] = ..., function: _Optional[str] = ..., arguments_json: _Optional[str] = ..., planning: _Optional[str] = ..., trigger_chunk: _Optional[int] = ..., closed_chunk: _Optional[int] = ..., ordinal: _Optional[int] = ...) -> None: ...

class ActionEvent(_message.Message):
    __slots__ = ("action", "session_id", "home", "toolset", "fence", "emitted_at_ms", "expires_at_ms", "delivery")
    ACTION_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    HOME_FIELD_NUMBER: _ClassVar[int]
    TOOLSET_FIELD_NUMBER: _ClassVar[int]
    FENCE_FIELD_NUMBER: _ClassVar[int]
    EMITTED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_MS_FIELD_NUMBER: _ClassVar[int]
    DELIVERY_FIELD_NUMBER: _ClassVar[int]
    action: Action
    session_id: int
    home: str
    toolset: str
    fence: int
    emitted_at_ms: int
    expires_at_ms: int
    delivery: Delivery
    def __init__(self, action: _Optional[_Union[Action, _Mapping]] = ..., session_id: _Optional[int] = ..., home: _Optional[str] = ..., toolset: _Optional[str] = ..., fence: _Optional[int] = ..., emitted_at_ms: _Optional[int] = ..., expires_at_ms: _Optional[int] = ..., delivery: _Optional[_Union[Delivery, str]] = ...) -> None: ...

class ActionOutcome(_message.Message):
    __slots__ = ("action_id", "session_id", "home", "function", "state", "result_json", "reason", "attempts", "effect_at_ms", "effect_ms")
    ACTION_ID_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    HOME_FIELD_NUMBER: _ClassVar[int]
    FUNCTION_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    RESULT_JSON_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    EFFECT_AT_MS_FIELD_NUMBER: _ClassVar[int]
    EFFECT_MS_FIELD_NUMBER: _ClassVar[int]
    action_id: str
    session_id: int
    home: str
    function: str
    state: OutcomeState
    result_json: str
    reason: str
    attempts: int
    effect_at_ms: int
    effect_ms: float
    def __init__(self, action_id: _Optional[str] = ..., session_id: _Optional[int] = ..., home: _Optional[str] = ..., function: _Optional[str] = ..., state: _Optional[_Union[OutcomeState, str]] = ..., result_json: _Optional[str] = ..., reason: _Optional[str] = ..., attempts: _Optional[int] = ..., effect_at_ms: _Optional[int] = ..., effect_ms: _Optional[float] = ...) -> None: ...

class DeadLetter(_message.Message):
    __slots__ = ("event", "reason", "attempts", "at_ms")
    EVENT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    AT_MS_FIELD_NUMBER: _ClassVar[int]
    event: bytes
    reason: str
    attempts: int
    at_ms: int
    def __init__(self, event: _Optional[bytes] = ..., reason: _Optional[str] = ..., attempts: _Optional[int] = ..., at_ms: _Optional[int] = ...) -> None: ...
