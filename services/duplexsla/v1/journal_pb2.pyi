from duplexsla.v1 import action_pb2 as _action_pb2
from duplexsla.v1 import session_pb2 as _session_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CallChoice(_message.Message):
    __slots__ = ("chosen", "outside")
    CHOSEN_FIELD_NUMBER: _ClassVar[int]
    OUTSIDE_FIELD_NUMBER: _ClassVar[int]
    chosen: float
    outside: float
    def __init__(self, chosen: _Optional[float] = ..., outside: _Optional[float] = ...) -> None: ...

class PastChunk(_message.Message):
    __slots__ = ("index", "audio", "anchor", "codes", "action", "forced_tokens", "choices")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    AUDIO_FIELD_NUMBER: _ClassVar[int]
    ANCHOR_FIELD_NUMBER: _ClassVar[int]
    CODES_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    FORCED_TOKENS_FIELD_NUMBER: _ClassVar[int]
    CHOICES_FIELD_NUMBER: _ClassVar[int]
    index: int
    audio: bytes
    anchor: str
    codes: _containers.RepeatedScalarFieldContainer[int]
    action: _containers.RepeatedScalarFieldContainer[str]
    forced_tokens: int
    choices: _containers.RepeatedCompositeFieldContainer[CallChoice]
    def __init__(self, index: _Optional[int] = ..., audio: _Optional[bytes] = ..., anchor: _Optional[str] = ..., codes: _Optional[_Iterable[int]] = ..., action: _Optional[_Iterable[str]] = ..., forced_tokens: _Optional[int] = ..., choices: _Optional[_Iterable[_Union[CallChoice, _Mapping]]] = ...) -> None: ...

class Past(_message.Message):
    __slots__ = ("toolset", "next_chunk", "chunks", "pending_forced", "waited_chunks", "model", "model_since")
    TOOLSET_FIELD_NUMBER: _ClassVar[int]
    NEXT_CHUNK_FIELD_NUMBER: _ClassVar[int]
    CHUNKS_FIELD_NUMBER: _ClassVar[int]
    PENDING_FORCED_FIELD_NUMBER: _ClassVar[int]
    WAITED_CHUNKS_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    MODEL_SINCE_FIELD_NUMBER: _ClassVar[int]
    toolset: str
    next_chunk: int
    chunks: _containers.RepeatedScalarFieldContainer[bytes]
    pending_forced: str
    waited_chunks: int
    model: str
    model_since: int
    def __init__(self, toolset: _Optional[str] = ..., next_chunk: _Optional[int] = ..., chunks: _Optional[_Iterable[bytes]] = ..., pending_forced: _Optional[str] = ..., waited_chunks: _Optional[int] = ..., model: _Optional[str] = ..., model_since: _Optional[int] = ...) -> None: ...

class SessionRecord(_message.Message):
    __slots__ = ("secret_digest", "home", "toolset", "clock", "tenant", "next_chunk", "pending_forced", "waited_chunks", "forced", "open_actions", "chunks", "deadline_misses", "audio_over", "room", "satellite", "attention", "model", "model_since", "attended", "attention_told", "stopped", "asked", "client_events", "outcomes", "subject", "opened_at_ms")
    SECRET_DIGEST_FIELD_NUMBER: _ClassVar[int]
    HOME_FIELD_NUMBER: _ClassVar[int]
    TOOLSET_FIELD_NUMBER: _ClassVar[int]
    CLOCK_FIELD_NUMBER: _ClassVar[int]
    TENANT_FIELD_NUMBER: _ClassVar[int]
    NEXT_CHUNK_FIELD_NUMBER: _ClassVar[int]
    PENDING_FORCED_FIELD_NUMBER: _ClassVar[int]
    WAITED_CHUNKS_FIELD_NUMBER: _ClassVar[int]
    FORCED_FIELD_NUMBER: _ClassVar[int]
    OPEN_ACTIONS_FIELD_NUMBER: _ClassVar[int]
    CHUNKS_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_MISSES_FIELD_NUMBER: _ClassVar[int]
    AUDIO_OVER_FIELD_NUMBER: _ClassVar[int]
    ROOM_FIELD_NUMBER: _ClassVar[int]
    SATELLITE_FIELD_NUMBER: _ClassVar[int]
    ATTENTION_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    MODEL_SINCE_FIELD_NUMBER: _ClassVar[int]
    ATTENDED_FIELD_NUMBER: _ClassVar[int]
    ATTENTION_TOLD_FIELD_NUMBER: _ClassVar[int]
    STOPPED_FIELD_NUMBER: _ClassVar[int]
    ASKED_FIELD_NUMBER: _ClassVar[int]
    CLIENT_EVENTS_FIELD_NUMBER: _ClassVar[int]
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    OPENED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    secret_digest: bytes
    home: str
    toolset: str
    clock: _session_pb2.Clock
    tenant: str
    next_chunk: int
    pending_forced: str
    waited_chunks: int
    forced: str
    open_actions: _containers.RepeatedCompositeFieldContainer[_action_pb2.ActionEvent]
    chunks: int
    deadline_misses: int
    audio_over: bool
    room: str
    satellite: str
    attention: _session_pb2.AttentionMode
    model: str
    model_since: int
    attended: _containers.RepeatedCompositeFieldContainer[ChunkRange]
    attention_told: bool
    stopped: bool
    asked: AskedQuestion
    client_events: int
    outcomes: _containers.RepeatedCompositeFieldContainer[ToldOutcome]
    subject: str
    opened_at_ms: int
    def __init__(self, secret_digest: _Optional[bytes] = ..., home: _Optional[str] = ..., toolset: _Optional[str] = ..., clock: _Optional[_Union[_session_pb2.Clock, str]] = ..., tenant: _Optional[str] = ..., next_chunk: _Optional[int] = ..., pending_forced: _Optional[str] = ..., waited_chunks: _Optional[int] = ..., forced: _Optional[str] = ..., open_actions: _Optional[_Iterable[_Union[_action_pb2.ActionEvent, _Mapping]]] = ..., chunks: _Optional[int] = ..., deadline_misses: _Optional[int] = ..., audio_over: _Optional[bool] = ..., room: _Optional[str] = ..., satellite: _Optional[str] = ..., attention: _Optional[_Union[_session_pb2.AttentionMode, str]] = ..., model: _Optional[str] = ..., model_since: _Optional[int] = ..., attended: _Optional[_Iterable[_Union[ChunkRange, _Mapping]]] = ..., attention_told: _Optional[bool] = ..., stopped: _Optional[bool] = ..., asked: _Optional[_Union[AskedQuestion, _Mapping]] = ..., client_events: _Optional[int] = ..., outcomes: _Optional[_Iterable[_Union[ToldOutcome, _Mapping]]] = ..., subject: _Optional[str] = ..., opened_at_ms: _Optional[int] = ...) -> None: ...

class ToldOutcome(_message.Message):
    __slots__ = ("outcome", "before_chunk")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    BEFORE_CHUNK_FIELD_NUMBER: _ClassVar[int]
    outcome: _action_pb2.ActionOutcome
    before_chunk: int
    def __init__(self, outcome: _Optional[_Union[_action_pb2.ActionOutcome, _Mapping]] = ..., before_chunk: _Optional[int] = ...) -> None: ...

class ChunkRange(_message.Message):
    __slots__ = ("first", "end")
    FIRST_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    first: int
    end: int
    def __init__(self, first: _Optional[int] = ..., end: _Optional[int] = ...) -> None: ...

class AskedQuestion(_message.Message):
    __slots__ = ("action_id", "line", "written", "chunk", "due_at_ms", "asked_as")
    ACTION_ID_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    WRITTEN_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    DUE_AT_MS_FIELD_NUMBER: _ClassVar[int]
    ASKED_AS_FIELD_NUMBER: _ClassVar[int]
    action_id: str
    line: str
    written: str
    chunk: int
    due_at_ms: int
    asked_as: str
    def __init__(self, action_id: _Optional[str] = ..., line: _Optional[str] = ..., written: _Optional[str] = ..., chunk: _Optional[int] = ..., due_at_ms: _Optional[int] = ..., asked_as: _Optional[str] = ...) -> None: ...
