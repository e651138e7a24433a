from duplexsla.v1 import plan_pb2 as _plan_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Delivery(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DELIVERY_UNSPECIFIED: _ClassVar[Delivery]
    DELIVERY_IDEMPOTENT: _ClassVar[Delivery]
    DELIVERY_AT_MOST_ONCE: _ClassVar[Delivery]

class Intent(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    INTENT_UNSPECIFIED: _ClassVar[Intent]
    INTENT_DO: _ClassVar[Intent]
    INTENT_YES: _ClassVar[Intent]
    INTENT_NO: _ClassVar[Intent]
    INTENT_RETRACT: _ClassVar[Intent]
    INTENT_CANCEL: _ClassVar[Intent]
    INTENT_MOVE: _ClassVar[Intent]

class Origin(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ORIGIN_UNSPECIFIED: _ClassVar[Origin]
    ORIGIN_MODEL: _ClassVar[Origin]
    ORIGIN_CLIENT: _ClassVar[Origin]
    ORIGIN_SCHEDULE: _ClassVar[Origin]
    ORIGIN_API: _ClassVar[Origin]

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
    OUTCOME_STATE_CONFIRM: _ClassVar[OutcomeState]
    OUTCOME_STATE_UNSURE: _ClassVar[OutcomeState]
    OUTCOME_STATE_INATTENTIVE: _ClassVar[OutcomeState]
    OUTCOME_STATE_DENIED: _ClassVar[OutcomeState]
    OUTCOME_STATE_AMBIGUOUS: _ClassVar[OutcomeState]
    OUTCOME_STATE_NOT_FOUND: _ClassVar[OutcomeState]
    OUTCOME_STATE_DUPLICATE: _ClassVar[OutcomeState]
    OUTCOME_STATE_RETRACTED: _ClassVar[OutcomeState]
    OUTCOME_STATE_SCHEDULED: _ClassVar[OutcomeState]
    OUTCOME_STATE_PARTIAL: _ClassVar[OutcomeState]
DELIVERY_UNSPECIFIED: Delivery
DELIVERY_IDEMPOTENT: Delivery
DELIVERY_AT_MOST_ONCE: Delivery
INTENT_UNSPECIFIED: Intent
INTENT_DO: Intent
INTENT_YES: Intent
INTENT_NO: Intent
INTENT_RETRACT: Intent
INTENT_CANCEL: Intent
INTENT_MOVE: Intent
ORIGIN_UNSPECIFIED: Origin
ORIGIN_MODEL: Origin
ORIGIN_CLIENT: Origin
ORIGIN_SCHEDULE: Origin
ORIGIN_API: Origin
OUTCOME_STATE_UNSPECIFIED: OutcomeState
OUTCOME_STATE_DONE: OutcomeState
OUTCOME_STATE_FAILED: OutcomeState
OUTCOME_STATE_EXPIRED: OutcomeState
OUTCOME_STATE_FENCED: OutcomeState
OUTCOME_STATE_REFUSED: OutcomeState
OUTCOME_STATE_UNKNOWN: OutcomeState
OUTCOME_STATE_UNAVAILABLE: OutcomeState
OUTCOME_STATE_CONFIRM: OutcomeState
OUTCOME_STATE_UNSURE: OutcomeState
OUTCOME_STATE_INATTENTIVE: OutcomeState
OUTCOME_STATE_DENIED: OutcomeState
OUTCOME_STATE_AMBIGUOUS: OutcomeState
OUTCOME_STATE_NOT_FOUND: OutcomeState
OUTCOME_STATE_DUPLICATE: OutcomeState
OUTCOME_STATE_RETRACTED: OutcomeState
OUTCOME_STATE_SCHEDULED: OutcomeState
OUTCOME_STATE_PARTIAL: OutcomeState

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

class Evidence(_message.Message):
    __slots__ = ("function_p", "argument_p", "margin", "attended", "over_own_voice", "transcript", "confidence", "calibrated")
    FUNCTION_P_FIELD_NUMBER: _ClassVar[int]
    ARGUMENT_P_FIELD_NUMBER: _ClassVar[int]
    MARGIN_FIELD_NUMBER: _ClassVar[int]
    ATTENDED_FIELD_NUMBER: _ClassVar[int]
    OVER_OWN_VOICE_FIELD_NUMBER: _ClassVar[int]
    TRANSCRIPT_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    CALIBRATED_FIELD_NUMBER: _ClassVar[int]
    function_p: float
    argument_p: float
    margin: float
    attended: bool
    over_own_voice: bool
    transcript: str
    confidence: float
    calibrated: bool
    def __init__(self, function_p: _Optional[float] = ..., argument_p: _Optional[float] = ..., margin: _Optional[float] = ..., attended: _Optional[bool] = ..., over_own_voice: _Optional[bool] = ..., transcript: _Optional[str] = ..., confidence: _Optional[float] = ..., calibrated: _Optional[bool] = ...) -> None: ...

class ActionEvent(_message.Message):
    __slots__ = ("action", "session_id", "home", "toolset", "fence", "emitted_at_ms", "expires_at_ms", "delivery", "tenant", "room", "satellite", "evidence", "intent", "refers_to", "origin", "reply_to", "code_proof", "due_at_ms")
    ACTION_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    HOME_FIELD_NUMBER: _ClassVar[int]
    TOOLSET_FIELD_NUMBER: _ClassVar[int]
    FENCE_FIELD_NUMBER: _ClassVar[int]
    EMITTED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_MS_FIELD_NUMBER: _ClassVar[int]
    DELIVERY_FIELD_NUMBER: _ClassVar[int]
    TENANT_FIELD_NUMBER: _ClassVar[int]
    ROOM_FIELD_NUMBER: _ClassVar[int]
    SATELLITE_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    INTENT_FIELD_NUMBER: _ClassVar[int]
    REFERS_TO_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    REPLY_TO_FIELD_NUMBER: _ClassVar[int]
    CODE_PROOF_FIELD_NUMBER: _ClassVar[int]
    DUE_AT_MS_FIELD_NUMBER: _ClassVar[int]
    action: Action
    session_id: int
    home: str
    toolset: str
    fence: int
    emitted_at_ms: int
    expires_at_ms: int
    delivery: Delivery
    tenant: str
    room: str
    satellite: str
    evidence: Evidence
    intent: Intent
    refers_to: str
    origin: Origin
    reply_to: int
    code_proof: bytes
    due_at_ms: int
    def __init__(self, action: _Optional[_Union[Action, _Mapping]] = ..., session_id: _Optional[int] = ..., home: _Optional[str] = ..., toolset: _Optional[str] = ..., fence: _Optional[int] = ..., emitted_at_ms: _Optional[int] = ..., expires_at_ms: _Optional[int] = ..., delivery: _Optional[_Union[Delivery, str]] = ..., tenant: _Optional[str] = ..., room: _Optional[str] = ..., satellite: _Optional[str] = ..., evidence: _Optional[_Union[Evidence, _Mapping]] = ..., intent: _Optional[_Union[Intent, str]] = ..., refers_to: _Optional[str] = ..., origin: _Optional[_Union[Origin, str]] = ..., reply_to: _Optional[int] = ..., code_proof: _Optional[bytes] = ..., due_at_ms: _Optional[int] = ...) -> None: ...

class DeviceOutcome(_message.Message):
    __slots__ = ("entity", "name", "state", "reason")
    ENTITY_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    entity: str
    name: str
    state: OutcomeState
    reason: str
    def __init__(self, entity: _Optional[str] = ..., name: _Optional[str] = ..., state: _Optional[_Union[OutcomeState, str]] = ..., reason: _Optional[str] = ...) -> None: ...

class ActionOutcome(_message.Message):
    __slots__ = ("action_id", "session_id", "home", "function", "state", "result_json", "reason", "attempts", "effect_at_ms", "effect_ms", "refers_to", "question", "candidates", "devices", "due_at_ms", "tenant", "plan", "code_asked", "room_event")
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
    REFERS_TO_FIELD_NUMBER: _ClassVar[int]
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    DEVICES_FIELD_NUMBER: _ClassVar[int]
    DUE_AT_MS_FIELD_NUMBER: _ClassVar[int]
    TENANT_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    CODE_ASKED_FIELD_NUMBER: _ClassVar[int]
    ROOM_EVENT_FIELD_NUMBER: _ClassVar[int]
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
    refers_to: str
    question: str
    candidates: _containers.RepeatedScalarFieldContainer[str]
    devices: _containers.RepeatedCompositeFieldContainer[DeviceOutcome]
    due_at_ms: int
    tenant: str
    plan: _plan_pb2.ActionPlan
    code_asked: bool
    room_event: RoomEvent
    def __init__(self, action_id: _Optional[str] = ..., session_id: _Optional[int] = ..., home: _Optional[str] = ..., function: _Optional[str] = ..., state: _Optional[_Union[OutcomeState, str]] = ..., result_json: _Optional[str] = ..., reason: _Optional[str] = ..., attempts: _Optional[int] = ..., effect_at_ms: _Optional[int] = ..., effect_ms: _Optional[float] = ..., refers_to: _Optional[str] = ..., question: _Optional[str] = ..., candidates: _Optional[_Iterable[str]] = ..., devices: _Optional[_Iterable[_Union[DeviceOutcome, _Mapping]]] = ..., due_at_ms: _Optional[int] = ..., tenant: _Optional[str] = ..., plan: _Optional[_Union[_plan_pb2.ActionPlan, _Mapping]] = ..., code_asked: _Optional[bool] = ..., room_event: _Optional[_Union[RoomEvent, _Mapping]] = ...) -> None: ...

class RoomEvent(_message.Message):
    __slots__ = ("id", "tenant", "home", "room", "kind", "about", "at_ms", "room_names", "except_session")
    ID_FIELD_NUMBER: _ClassVar[int]
    TENANT_FIELD_NUMBER: _ClassVar[int]
    HOME_FIELD_NUMBER: _ClassVar[int]
    ROOM_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    ABOUT_FIELD_NUMBER: _ClassVar[int]
    AT_MS_FIELD_NUMBER: _ClassVar[int]
    ROOM_NAMES_FIELD_NUMBER: _ClassVar[int]
    EXCEPT_SESSION_FIELD_NUMBER: _ClassVar[int]
    id: str
    tenant: str
    home: str
    room: str
    kind: str
    about: str
    at_ms: int
    room_names: _containers.RepeatedScalarFieldContainer[str]
    except_session: int
    def __init__(self, id: _Optional[str] = ..., tenant: _Optional[str] = ..., home: _Optional[str] = ..., room: _Optional[str] = ..., kind: _Optional[str] = ..., about: _Optional[str] = ..., at_ms: _Optional[int] = ..., room_names: _Optional[_Iterable[str]] = ..., except_session: _Optional[int] = ...) -> None: ...

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
