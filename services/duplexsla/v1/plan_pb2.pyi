from duplexsla.v1 import home_pb2 as _home_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ActionPlan(_message.Message):
    __slots__ = ("toolset", "function", "arguments_json", "at_most_once", "effects", "risk", "undoes", "answer_json", "due_at_ms", "recurrence", "message", "areas", "time_zone", "cancels", "moves")
    TOOLSET_FIELD_NUMBER: _ClassVar[int]
    FUNCTION_FIELD_NUMBER: _ClassVar[int]
    ARGUMENTS_JSON_FIELD_NUMBER: _ClassVar[int]
    AT_MOST_ONCE_FIELD_NUMBER: _ClassVar[int]
    EFFECTS_FIELD_NUMBER: _ClassVar[int]
    RISK_FIELD_NUMBER: _ClassVar[int]
    UNDOES_FIELD_NUMBER: _ClassVar[int]
    ANSWER_JSON_FIELD_NUMBER: _ClassVar[int]
    DUE_AT_MS_FIELD_NUMBER: _ClassVar[int]
    RECURRENCE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    AREAS_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    CANCELS_FIELD_NUMBER: _ClassVar[int]
    MOVES_FIELD_NUMBER: _ClassVar[int]
    toolset: str
    function: str
    arguments_json: str
    at_most_once: bool
    effects: _containers.RepeatedCompositeFieldContainer[PlannedEffect]
    risk: str
    undoes: str
    answer_json: str
    due_at_ms: int
    recurrence: Recurrence
    message: str
    areas: _containers.RepeatedScalarFieldContainer[str]
    time_zone: str
    cancels: _containers.RepeatedScalarFieldContainer[str]
    moves: str
    def __init__(self, toolset: _Optional[str] = ..., function: _Optional[str] = ..., arguments_json: _Optional[str] = ..., at_most_once: _Optional[bool] = ..., effects: _Optional[_Iterable[_Union[PlannedEffect, _Mapping]]] = ..., risk: _Optional[str] = ..., undoes: _Optional[str] = ..., answer_json: _Optional[str] = ..., due_at_ms: _Optional[int] = ..., recurrence: _Optional[_Union[Recurrence, _Mapping]] = ..., message: _Optional[str] = ..., areas: _Optional[_Iterable[str]] = ..., time_zone: _Optional[str] = ..., cancels: _Optional[_Iterable[str]] = ..., moves: _Optional[str] = ...) -> None: ...

class Recurrence(_message.Message):
    __slots__ = ("weekdays", "hour", "minute")
    WEEKDAYS_FIELD_NUMBER: _ClassVar[int]
    HOUR_FIELD_NUMBER: _ClassVar[int]
    MINUTE_FIELD_NUMBER: _ClassVar[int]
    weekdays: _containers.RepeatedScalarFieldContainer[int]
    hour: int
    minute: int
    def __init__(self, weekdays: _Optional[_Iterable[int]] = ..., hour: _Optional[int] = ..., minute: _Optional[int] = ...) -> None: ...

class PlannedEffect(_message.Message):
    __slots__ = ("command", "name", "part", "entity_class", "area", "risk")
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    ENTITY_CLASS_FIELD_NUMBER: _ClassVar[int]
    AREA_FIELD_NUMBER: _ClassVar[int]
    RISK_FIELD_NUMBER: _ClassVar[int]
    command: _home_pb2.EntityCommand
    name: str
    part: str
    entity_class: str
    area: str
    risk: str
    def __init__(self, command: _Optional[_Union[_home_pb2.EntityCommand, _Mapping]] = ..., name: _Optional[str] = ..., part: _Optional[str] = ..., entity_class: _Optional[str] = ..., area: _Optional[str] = ..., risk: _Optional[str] = ...) -> None: ...

class ActionNote(_message.Message):
    __slots__ = ("action_id", "session_id", "room", "said_at_ms", "done_at_ms", "meaning", "plan", "inverse", "left")
    ACTION_ID_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    ROOM_FIELD_NUMBER: _ClassVar[int]
    SAID_AT_MS_FIELD_NUMBER: _ClassVar[int]
    DONE_AT_MS_FIELD_NUMBER: _ClassVar[int]
    MEANING_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    INVERSE_FIELD_NUMBER: _ClassVar[int]
    LEFT_FIELD_NUMBER: _ClassVar[int]
    action_id: str
    session_id: int
    room: str
    said_at_ms: int
    done_at_ms: int
    meaning: bytes
    plan: ActionPlan
    inverse: ActionPlan
    left: _containers.RepeatedCompositeFieldContainer[_home_pb2.EntityState]
    def __init__(self, action_id: _Optional[str] = ..., session_id: _Optional[int] = ..., room: _Optional[str] = ..., said_at_ms: _Optional[int] = ..., done_at_ms: _Optional[int] = ..., meaning: _Optional[bytes] = ..., plan: _Optional[_Union[ActionPlan, _Mapping]] = ..., inverse: _Optional[_Union[ActionPlan, _Mapping]] = ..., left: _Optional[_Iterable[_Union[_home_pb2.EntityState, _Mapping]]] = ...) -> None: ...
