from duplexsla.v1 import journal_pb2 as _journal_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DecoderErrorCode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DECODER_ERROR_CODE_UNSPECIFIED: _ClassVar[DecoderErrorCode]
    DECODER_ERROR_CODE_SLOTS_EXHAUSTED: _ClassVar[DecoderErrorCode]
    DECODER_ERROR_CODE_STALE_FENCE: _ClassVar[DecoderErrorCode]
    DECODER_ERROR_CODE_DECODER_LOST: _ClassVar[DecoderErrorCode]
    DECODER_ERROR_CODE_BAD_MESSAGE: _ClassVar[DecoderErrorCode]
    DECODER_ERROR_CODE_NOT_FINITE: _ClassVar[DecoderErrorCode]
DECODER_ERROR_CODE_UNSPECIFIED: DecoderErrorCode
DECODER_ERROR_CODE_SLOTS_EXHAUSTED: DecoderErrorCode
DECODER_ERROR_CODE_STALE_FENCE: DecoderErrorCode
DECODER_ERROR_CODE_DECODER_LOST: DecoderErrorCode
DECODER_ERROR_CODE_BAD_MESSAGE: DecoderErrorCode
DECODER_ERROR_CODE_NOT_FINITE: DecoderErrorCode

class ChunkRequest(_message.Message):
    __slots__ = ("session_id", "chunk", "fence", "start", "end", "injected_text", "traceparent")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    FENCE_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    INJECTED_TEXT_FIELD_NUMBER: _ClassVar[int]
    TRACEPARENT_FIELD_NUMBER: _ClassVar[int]
    session_id: int
    chunk: int
    fence: int
    start: SessionStart
    end: bool
    injected_text: str
    traceparent: str
    def __init__(self, session_id: _Optional[int] = ..., chunk: _Optional[int] = ..., fence: _Optional[int] = ..., start: _Optional[_Union[SessionStart, _Mapping]] = ..., end: _Optional[bool] = ..., injected_text: _Optional[str] = ..., traceparent: _Optional[str] = ...) -> None: ...

class SessionStart(_message.Message):
    __slots__ = ("toolset", "past")
    TOOLSET_FIELD_NUMBER: _ClassVar[int]
    PAST_FIELD_NUMBER: _ClassVar[int]
    toolset: str
    past: bytes
    def __init__(self, toolset: _Optional[str] = ..., past: _Optional[bytes] = ...) -> None: ...

class ChunkResponse(_message.Message):
    __slots__ = ("decoded", "error", "tick")
    DECODED_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    TICK_FIELD_NUMBER: _ClassVar[int]
    decoded: DecodedChunk
    error: DecoderError
    tick: TickReport
    def __init__(self, decoded: _Optional[_Union[DecodedChunk, _Mapping]] = ..., error: _Optional[_Union[DecoderError, _Mapping]] = ..., tick: _Optional[_Union[TickReport, _Mapping]] = ...) -> None: ...

class DecodedChunk(_message.Message):
    __slots__ = ("anchor", "codes", "action", "injected_tokens", "pending_injected_text", "waited_chunks", "silent", "choices", "calls")
    ANCHOR_FIELD_NUMBER: _ClassVar[int]
    CODES_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    INJECTED_TOKENS_FIELD_NUMBER: _ClassVar[int]
    PENDING_INJECTED_TEXT_FIELD_NUMBER: _ClassVar[int]
    WAITED_CHUNKS_FIELD_NUMBER: _ClassVar[int]
    SILENT_FIELD_NUMBER: _ClassVar[int]
    CHOICES_FIELD_NUMBER: _ClassVar[int]
    CALLS_FIELD_NUMBER: _ClassVar[int]
    anchor: str
    codes: _containers.RepeatedScalarFieldContainer[int]
    action: _containers.RepeatedScalarFieldContainer[str]
    injected_tokens: int
    pending_injected_text: str
    waited_chunks: int
    silent: bool
    choices: _containers.RepeatedCompositeFieldContainer[_journal_pb2.CallChoice]
    calls: _containers.RepeatedCompositeFieldContainer[ClosedCall]
    def __init__(self, anchor: _Optional[str] = ..., codes: _Optional[_Iterable[int]] = ..., action: _Optional[_Iterable[str]] = ..., injected_tokens: _Optional[int] = ..., pending_injected_text: _Optional[str] = ..., waited_chunks: _Optional[int] = ..., silent: _Optional[bool] = ..., choices: _Optional[_Iterable[_Union[_journal_pb2.CallChoice, _Mapping]]] = ..., calls: _Optional[_Iterable[_Union[ClosedCall, _Mapping]]] = ...) -> None: ...

class ClosedCall(_message.Message):
    __slots__ = ("closed_by", "function_p", "argument_p", "margin", "confidence", "calibrated")
    CLOSED_BY_FIELD_NUMBER: _ClassVar[int]
    FUNCTION_P_FIELD_NUMBER: _ClassVar[int]
    ARGUMENT_P_FIELD_NUMBER: _ClassVar[int]
    MARGIN_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    CALIBRATED_FIELD_NUMBER: _ClassVar[int]
    closed_by: int
    function_p: float
    argument_p: float
    margin: float
    confidence: float
    calibrated: bool
    def __init__(self, closed_by: _Optional[int] = ..., function_p: _Optional[float] = ..., argument_p: _Optional[float] = ..., margin: _Optional[float] = ..., confidence: _Optional[float] = ..., calibrated: _Optional[bool] = ...) -> None: ...

class DecoderError(_message.Message):
    __slots__ = ("code", "detail")
    CODE_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    code: DecoderErrorCode
    detail: str
    def __init__(self, code: _Optional[_Union[DecoderErrorCode, str]] = ..., detail: _Optional[str] = ...) -> None: ...

class TickReport(_message.Message):
    __slots__ = ("batch", "duration_us", "free_slots", "draining", "model")
    BATCH_FIELD_NUMBER: _ClassVar[int]
    DURATION_US_FIELD_NUMBER: _ClassVar[int]
    FREE_SLOTS_FIELD_NUMBER: _ClassVar[int]
    DRAINING_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    batch: int
    duration_us: int
    free_slots: int
    draining: bool
    model: str
    def __init__(self, batch: _Optional[int] = ..., duration_us: _Optional[int] = ..., free_slots: _Optional[int] = ..., draining: _Optional[bool] = ..., model: _Optional[str] = ...) -> None: ...
