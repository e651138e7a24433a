from duplexsla.v1 import action_pb2 as _action_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AttentionMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ATTENTION_MODE_UNSPECIFIED: _ClassVar[AttentionMode]
    ATTENTION_MODE_ALWAYS: _ClassVar[AttentionMode]
    ATTENTION_MODE_WAKE: _ClassVar[AttentionMode]
    ATTENTION_MODE_PUSH_TO_TALK: _ClassVar[AttentionMode]

class Clock(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CLOCK_UNSPECIFIED: _ClassVar[Clock]
    CLOCK_LIVE: _ClassVar[Clock]
    CLOCK_FILE: _ClassVar[Clock]

class Encoding(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ENCODING_UNSPECIFIED: _ClassVar[Encoding]
    ENCODING_PCM_S16LE: _ClassVar[Encoding]
    ENCODING_PCM_F32LE: _ClassVar[Encoding]
    ENCODING_MU_LAW: _ClassVar[Encoding]
    ENCODING_A_LAW: _ClassVar[Encoding]

class Label(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LABEL_UNSPECIFIED: _ClassVar[Label]
    LABEL_RESPONSE: _ClassVar[Label]
    LABEL_INTERRUPT: _ClassVar[Label]
    LABEL_BACKCHANNEL: _ClassVar[Label]

class NoticeKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NOTICE_KIND_UNSPECIFIED: _ClassVar[NoticeKind]
    NOTICE_KIND_AUDIO_GAP: _ClassVar[NoticeKind]
    NOTICE_KIND_CHUNKS_DROPPED: _ClassVar[NoticeKind]
    NOTICE_KIND_DRAINING: _ClassVar[NoticeKind]
    NOTICE_KIND_OVERLOAD: _ClassVar[NoticeKind]
    NOTICE_KIND_ACTION_UNAVAILABLE: _ClassVar[NoticeKind]
    NOTICE_KIND_UNKNOWN_FIELDS: _ClassVar[NoticeKind]
    NOTICE_KIND_DECODER_CHANGED: _ClassVar[NoticeKind]
    NOTICE_KIND_RESUMED: _ClassVar[NoticeKind]
    NOTICE_KIND_SOUND_LOST: _ClassVar[NoticeKind]
    NOTICE_KIND_NOT_SERVED: _ClassVar[NoticeKind]
    NOTICE_KIND_ATTENTION_AWAITED: _ClassVar[NoticeKind]
ATTENTION_MODE_UNSPECIFIED: AttentionMode
ATTENTION_MODE_ALWAYS: AttentionMode
ATTENTION_MODE_WAKE: AttentionMode
ATTENTION_MODE_PUSH_TO_TALK: AttentionMode
CLOCK_UNSPECIFIED: Clock
CLOCK_LIVE: Clock
CLOCK_FILE: Clock
ENCODING_UNSPECIFIED: Encoding
ENCODING_PCM_S16LE: Encoding
ENCODING_PCM_F32LE: Encoding
ENCODING_MU_LAW: Encoding
ENCODING_A_LAW: Encoding
LABEL_UNSPECIFIED: Label
LABEL_RESPONSE: Label
LABEL_INTERRUPT: Label
LABEL_BACKCHANNEL: Label
NOTICE_KIND_UNSPECIFIED: NoticeKind
NOTICE_KIND_AUDIO_GAP: NoticeKind
NOTICE_KIND_CHUNKS_DROPPED: NoticeKind
NOTICE_KIND_DRAINING: NoticeKind
NOTICE_KIND_OVERLOAD: NoticeKind
NOTICE_KIND_ACTION_UNAVAILABLE: NoticeKind
NOTICE_KIND_UNKNOWN_FIELDS: NoticeKind
NOTICE_KIND_DECODER_CHANGED: NoticeKind
NOTICE_KIND_RESUMED: NoticeKind
NOTICE_KIND_SOUND_LOST: NoticeKind
NOTICE_KIND_NOT_SERVED: NoticeKind
NOTICE_KIND_ATTENTION_AWAITED: NoticeKind

class ConverseRequest(_message.Message):
    __slots__ = ("open", "audio", "end", "attention", "confirm", "stop", "playback", "text")
    OPEN_FIELD_NUMBER: _ClassVar[int]
    AUDIO_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    ATTENTION_FIELD_NUMBER: _ClassVar[int]
    CONFIRM_FIELD_NUMBER: _ClassVar[int]
    STOP_FIELD_NUMBER: _ClassVar[int]
    PLAYBACK_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    open: Open
    audio: AudioFrame
    end: End
    attention: Attention
    confirm: Confirm
    stop: Stop
    playback: Playback
    text: Text
    def __init__(self, open: _Optional[_Union[Open, _Mapping]] = ..., audio: _Optional[_Union[AudioFrame, _Mapping]] = ..., end: _Optional[_Union[End, _Mapping]] = ..., attention: _Optional[_Union[Attention, _Mapping]] = ..., confirm: _Optional[_Union[Confirm, _Mapping]] = ..., stop: _Optional[_Union[Stop, _Mapping]] = ..., playback: _Optional[_Union[Playback, _Mapping]] = ..., text: _Optional[_Union[Text, _Mapping]] = ...) -> None: ...

class Open(_message.Message):
    __slots__ = ("home", "audio", "clock", "toolset", "resumable", "resume_token", "next_chunk", "room", "satellite", "attention")
    HOME_FIELD_NUMBER: _ClassVar[int]
    AUDIO_FIELD_NUMBER: _ClassVar[int]
    CLOCK_FIELD_NUMBER: _ClassVar[int]
    TOOLSET_FIELD_NUMBER: _ClassVar[int]
    RESUMABLE_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    NEXT_CHUNK_FIELD_NUMBER: _ClassVar[int]
    ROOM_FIELD_NUMBER: _ClassVar[int]
    SATELLITE_FIELD_NUMBER: _ClassVar[int]
    ATTENTION_FIELD_NUMBER: _ClassVar[int]
    home: str
    audio: AudioFormat
    clock: Clock
    toolset: str
    resumable: bool
    resume_token: bytes
    next_chunk: int
    room: str
    satellite: str
    attention: AttentionMode
    def __init__(self, home: _Optional[str] = ..., audio: _Optional[_Union[AudioFormat, _Mapping]] = ..., clock: _Optional[_Union[Clock, str]] = ..., toolset: _Optional[str] = ..., resumable: _Optional[bool] = ..., resume_token: _Optional[bytes] = ..., next_chunk: _Optional[int] = ..., room: _Optional[str] = ..., satellite: _Optional[str] = ..., attention: _Optional[_Union[AttentionMode, str]] = ...) -> None: ...

class Attention(_message.Message):
    __slots__ = ("attended", "for_ms")
    ATTENDED_FIELD_NUMBER: _ClassVar[int]
    FOR_MS_FIELD_NUMBER: _ClassVar[int]
    attended: bool
    for_ms: int
    def __init__(self, attended: _Optional[bool] = ..., for_ms: _Optional[int] = ...) -> None: ...

class Confirm(_message.Message):
    __slots__ = ("action_id", "yes", "code")
    ACTION_ID_FIELD_NUMBER: _ClassVar[int]
    YES_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    action_id: str
    yes: bool
    code: str
    def __init__(self, action_id: _Optional[str] = ..., yes: _Optional[bool] = ..., code: _Optional[str] = ...) -> None: ...

class Stop(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Playback(_message.Message):
    __slots__ = ("chunk", "samples")
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    chunk: int
    samples: int
    def __init__(self, chunk: _Optional[int] = ..., samples: _Optional[int] = ...) -> None: ...

class Text(_message.Message):
    __slots__ = ("words",)
    WORDS_FIELD_NUMBER: _ClassVar[int]
    words: str
    def __init__(self, words: _Optional[str] = ...) -> None: ...

class AudioFormat(_message.Message):
    __slots__ = ("encoding", "sample_rate_hz", "channels")
    ENCODING_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_RATE_HZ_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    encoding: Encoding
    sample_rate_hz: int
    channels: int
    def __init__(self, encoding: _Optional[_Union[Encoding, str]] = ..., sample_rate_hz: _Optional[int] = ..., channels: _Optional[int] = ...) -> None: ...

class AudioFrame(_message.Message):
    __slots__ = ("samples",)
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    samples: bytes
    def __init__(self, samples: _Optional[bytes] = ...) -> None: ...

class End(_message.Message):
    __slots__ = ("hang_up",)
    HANG_UP_FIELD_NUMBER: _ClassVar[int]
    hang_up: bool
    def __init__(self, hang_up: _Optional[bool] = ...) -> None: ...

class ConverseResponse(_message.Message):
    __slots__ = ("opened", "chunk", "outcome", "notice", "error", "closed", "reconnect")
    OPENED_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    NOTICE_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    CLOSED_FIELD_NUMBER: _ClassVar[int]
    RECONNECT_FIELD_NUMBER: _ClassVar[int]
    opened: Opened
    chunk: Chunk
    outcome: _action_pb2.ActionOutcome
    notice: Notice
    error: Error
    closed: Closed
    reconnect: Reconnect
    def __init__(self, opened: _Optional[_Union[Opened, _Mapping]] = ..., chunk: _Optional[_Union[Chunk, _Mapping]] = ..., outcome: _Optional[_Union[_action_pb2.ActionOutcome, _Mapping]] = ..., notice: _Optional[_Union[Notice, _Mapping]] = ..., error: _Optional[_Union[Error, _Mapping]] = ..., closed: _Optional[_Union[Closed, _Mapping]] = ..., reconnect: _Optional[_Union[Reconnect, _Mapping]] = ...) -> None: ...

class Opened(_message.Message):
    __slots__ = ("session_id", "home", "toolset", "audio", "chunk_ms", "first_chunk", "resume_token", "resume_ms", "next_chunk", "gateways", "format_delay_us")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    HOME_FIELD_NUMBER: _ClassVar[int]
    TOOLSET_FIELD_NUMBER: _ClassVar[int]
    AUDIO_FIELD_NUMBER: _ClassVar[int]
    CHUNK_MS_FIELD_NUMBER: _ClassVar[int]
    FIRST_CHUNK_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    RESUME_MS_FIELD_NUMBER: _ClassVar[int]
    NEXT_CHUNK_FIELD_NUMBER: _ClassVar[int]
    GATEWAYS_FIELD_NUMBER: _ClassVar[int]
    FORMAT_DELAY_US_FIELD_NUMBER: _ClassVar[int]
    session_id: int
    home: str
    toolset: str
    audio: AudioFormat
    chunk_ms: int
    first_chunk: int
    resume_token: bytes
    resume_ms: int
    next_chunk: int
    gateways: _containers.RepeatedScalarFieldContainer[str]
    format_delay_us: int
    def __init__(self, session_id: _Optional[int] = ..., home: _Optional[str] = ..., toolset: _Optional[str] = ..., audio: _Optional[_Union[AudioFormat, _Mapping]] = ..., chunk_ms: _Optional[int] = ..., first_chunk: _Optional[int] = ..., resume_token: _Optional[bytes] = ..., resume_ms: _Optional[int] = ..., next_chunk: _Optional[int] = ..., gateways: _Optional[_Iterable[str]] = ..., format_delay_us: _Optional[int] = ...) -> None: ...

class Chunk(_message.Message):
    __slots__ = ("index", "sound", "text", "transcript", "assistant_transcript", "planning", "labels", "actions", "action_channel", "step_us")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    SOUND_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TRANSCRIPT_FIELD_NUMBER: _ClassVar[int]
    ASSISTANT_TRANSCRIPT_FIELD_NUMBER: _ClassVar[int]
    PLANNING_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    ACTIONS_FIELD_NUMBER: _ClassVar[int]
    ACTION_CHANNEL_FIELD_NUMBER: _ClassVar[int]
    STEP_US_FIELD_NUMBER: _ClassVar[int]
    index: int
    sound: bytes
    text: str
    transcript: str
    assistant_transcript: str
    planning: str
    labels: _containers.RepeatedScalarFieldContainer[Label]
    actions: _containers.RepeatedCompositeFieldContainer[_action_pb2.Action]
    action_channel: str
    step_us: int
    def __init__(self, index: _Optional[int] = ..., sound: _Optional[bytes] = ..., text: _Optional[str] = ..., transcript: _Optional[str] = ..., assistant_transcript: _Optional[str] = ..., planning: _Optional[str] = ..., labels: _Optional[_Iterable[_Union[Label, str]]] = ..., actions: _Optional[_Iterable[_Union[_action_pb2.Action, _Mapping]]] = ..., action_channel: _Optional[str] = ..., step_us: _Optional[int] = ...) -> None: ...

class Notice(_message.Message):
    __slots__ = ("kind", "detail", "first_chunk", "chunks", "samples", "retry_after_ms", "gap_ms")
    KIND_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    FIRST_CHUNK_FIELD_NUMBER: _ClassVar[int]
    CHUNKS_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    GAP_MS_FIELD_NUMBER: _ClassVar[int]
    kind: NoticeKind
    detail: str
    first_chunk: int
    chunks: int
    samples: int
    retry_after_ms: int
    gap_ms: int
    def __init__(self, kind: _Optional[_Union[NoticeKind, str]] = ..., detail: _Optional[str] = ..., first_chunk: _Optional[int] = ..., chunks: _Optional[int] = ..., samples: _Optional[int] = ..., retry_after_ms: _Optional[int] = ..., gap_ms: _Optional[int] = ...) -> None: ...

class Reconnect(_message.Message):
    __slots__ = ("after_ms", "addresses")
    AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    ADDRESSES_FIELD_NUMBER: _ClassVar[int]
    after_ms: int
    addresses: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, after_ms: _Optional[int] = ..., addresses: _Optional[_Iterable[str]] = ...) -> None: ...

class Error(_message.Message):
    __slots__ = ("code", "detail", "retry_after_ms")
    CODE_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    code: str
    detail: str
    retry_after_ms: int
    def __init__(self, code: _Optional[str] = ..., detail: _Optional[str] = ..., retry_after_ms: _Optional[int] = ...) -> None: ...

class Closed(_message.Message):
    __slots__ = ("chunks", "deadline_misses")
    CHUNKS_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_MISSES_FIELD_NUMBER: _ClassVar[int]
    chunks: int
    deadline_misses: int
    def __init__(self, chunks: _Optional[int] = ..., deadline_misses: _Optional[int] = ...) -> None: ...
