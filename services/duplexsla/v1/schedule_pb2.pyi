from duplexsla.v1 import action_pb2 as _action_pb2
from duplexsla.v1 import plan_pb2 as _plan_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Schedule(_message.Message):
    __slots__ = ("id", "event", "plan", "due_at_ms", "version", "confirmed", "cancelled_by")
    ID_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    DUE_AT_MS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CONFIRMED_FIELD_NUMBER: _ClassVar[int]
    CANCELLED_BY_FIELD_NUMBER: _ClassVar[int]
    id: str
    event: _action_pb2.ActionEvent
    plan: _plan_pb2.ActionPlan
    due_at_ms: int
    version: int
    confirmed: bool
    cancelled_by: str
    def __init__(self, id: _Optional[str] = ..., event: _Optional[_Union[_action_pb2.ActionEvent, _Mapping]] = ..., plan: _Optional[_Union[_plan_pb2.ActionPlan, _Mapping]] = ..., due_at_ms: _Optional[int] = ..., version: _Optional[int] = ..., confirmed: _Optional[bool] = ..., cancelled_by: _Optional[str] = ...) -> None: ...
