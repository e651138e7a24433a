from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TemperatureUnit(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TEMPERATURE_UNIT_UNSPECIFIED: _ClassVar[TemperatureUnit]
    TEMPERATURE_UNIT_CELSIUS: _ClassVar[TemperatureUnit]
    TEMPERATURE_UNIT_FAHRENHEIT: _ClassVar[TemperatureUnit]

class EntityClass(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ENTITY_CLASS_UNSPECIFIED: _ClassVar[EntityClass]
    ENTITY_CLASS_LIGHT: _ClassVar[EntityClass]
    ENTITY_CLASS_SWITCH: _ClassVar[EntityClass]
    ENTITY_CLASS_FAN: _ClassVar[EntityClass]
    ENTITY_CLASS_CLIMATE: _ClassVar[EntityClass]
    ENTITY_CLASS_HUMIDIFIER: _ClassVar[EntityClass]
    ENTITY_CLASS_COVER: _ClassVar[EntityClass]
    ENTITY_CLASS_WINDOW: _ClassVar[EntityClass]
    ENTITY_CLASS_GARAGE_DOOR: _ClassVar[EntityClass]
    ENTITY_CLASS_GATE: _ClassVar[EntityClass]
    ENTITY_CLASS_LOCK: _ClassVar[EntityClass]
    ENTITY_CLASS_ALARM: _ClassVar[EntityClass]
    ENTITY_CLASS_MEDIA_PLAYER: _ClassVar[EntityClass]
    ENTITY_CLASS_VACUUM: _ClassVar[EntityClass]
    ENTITY_CLASS_MOWER: _ClassVar[EntityClass]
    ENTITY_CLASS_VALVE: _ClassVar[EntityClass]
    ENTITY_CLASS_APPLIANCE: _ClassVar[EntityClass]
    ENTITY_CLASS_CAMERA: _ClassVar[EntityClass]
    ENTITY_CLASS_SENSOR: _ClassVar[EntityClass]
    ENTITY_CLASS_SCENE: _ClassVar[EntityClass]
    ENTITY_CLASS_LIST: _ClassVar[EntityClass]
    ENTITY_CLASS_TIMER: _ClassVar[EntityClass]
    ENTITY_CLASS_WEATHER: _ClassVar[EntityClass]

class Command(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    COMMAND_UNSPECIFIED: _ClassVar[Command]
    COMMAND_TURN_ON: _ClassVar[Command]
    COMMAND_TURN_OFF: _ClassVar[Command]
    COMMAND_SET_LEVEL: _ClassVar[Command]
    COMMAND_STEP_LEVEL: _ClassVar[Command]
    COMMAND_SET_COLOR: _ClassVar[Command]
    COMMAND_SET_COLOR_TEMPERATURE: _ClassVar[Command]
    COMMAND_SET_TEMPERATURE: _ClassVar[Command]
    COMMAND_STEP_TEMPERATURE: _ClassVar[Command]
    COMMAND_SET_MODE: _ClassVar[Command]
    COMMAND_OPEN: _ClassVar[Command]
    COMMAND_CLOSE: _ClassVar[Command]
    COMMAND_STOP: _ClassVar[Command]
    COMMAND_LOCK: _ClassVar[Command]
    COMMAND_UNLOCK: _ClassVar[Command]
    COMMAND_ARM: _ClassVar[Command]
    COMMAND_DISARM: _ClassVar[Command]
    COMMAND_START: _ClassVar[Command]
    COMMAND_DOCK: _ClassVar[Command]
    COMMAND_PLAY: _ClassVar[Command]
    COMMAND_PAUSE: _ClassVar[Command]
    COMMAND_RESUME: _ClassVar[Command]
    COMMAND_NEXT: _ClassVar[Command]
    COMMAND_PREVIOUS: _ClassVar[Command]
    COMMAND_MUTE: _ClassVar[Command]
    COMMAND_UNMUTE: _ClassVar[Command]
    COMMAND_ACTIVATE: _ClassVar[Command]
    COMMAND_ADD_ITEM: _ClassVar[Command]
    COMMAND_REMOVE_ITEM: _ClassVar[Command]
    COMMAND_COMPLETE_ITEM: _ClassVar[Command]
    COMMAND_QUERY: _ClassVar[Command]
TEMPERATURE_UNIT_UNSPECIFIED: TemperatureUnit
TEMPERATURE_UNIT_CELSIUS: TemperatureUnit
TEMPERATURE_UNIT_FAHRENHEIT: TemperatureUnit
ENTITY_CLASS_UNSPECIFIED: EntityClass
ENTITY_CLASS_LIGHT: EntityClass
ENTITY_CLASS_SWITCH: EntityClass
ENTITY_CLASS_FAN: EntityClass
ENTITY_CLASS_CLIMATE: EntityClass
ENTITY_CLASS_HUMIDIFIER: EntityClass
ENTITY_CLASS_COVER: EntityClass
ENTITY_CLASS_WINDOW: EntityClass
ENTITY_CLASS_GARAGE_DOOR: EntityClass
ENTITY_CLASS_GATE: EntityClass
ENTITY_CLASS_LOCK: EntityClass
ENTITY_CLASS_ALARM: EntityClass
ENTITY_CLASS_MEDIA_PLAYER: EntityClass
ENTITY_CLASS_VACUUM: EntityClass
ENTITY_CLASS_MOWER: EntityClass
ENTITY_CLASS_VALVE: EntityClass
ENTITY_CLASS_APPLIANCE: EntityClass
ENTITY_CLASS_CAMERA: EntityClass
ENTITY_CLASS_SENSOR: EntityClass
ENTITY_CLASS_SCENE: EntityClass
ENTITY_CLASS_LIST: EntityClass
ENTITY_CLASS_TIMER: EntityClass
ENTITY_CLASS_WEATHER: EntityClass
COMMAND_UNSPECIFIED: Command
COMMAND_TURN_ON: Command
COMMAND_TURN_OFF: Command
COMMAND_SET_LEVEL: Command
COMMAND_STEP_LEVEL: Command
COMMAND_SET_COLOR: Command
COMMAND_SET_COLOR_TEMPERATURE: Command
COMMAND_SET_TEMPERATURE: Command
COMMAND_STEP_TEMPERATURE: Command
COMMAND_SET_MODE: Command
COMMAND_OPEN: Command
COMMAND_CLOSE: Command
COMMAND_STOP: Command
COMMAND_LOCK: Command
COMMAND_UNLOCK: Command
COMMAND_ARM: Command
COMMAND_DISARM: Command
COMMAND_START: Command
COMMAND_DOCK: Command
COMMAND_PLAY: Command
COMMAND_PAUSE: Command
COMMAND_RESUME: Command
COMMAND_NEXT: Command
COMMAND_PREVIOUS: Command
COMMAND_MUTE: Command
COMMAND_UNMUTE: Command
COMMAND_ACTIVATE: Command
COMMAND_ADD_ITEM: Command
COMMAND_REMOVE_ITEM: Command
COMMAND_COMPLETE_ITEM: Command
COMMAND_QUERY: Command

class HomeRegistry(_message.Message):
    __slots__ = ("version", "time_zone", "temperature_unit", "floors", "areas", "entities")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    TEMPERATURE_UNIT_FIELD_NUMBER: _ClassVar[int]
    FLOORS_FIELD_NUMBER: _ClassVar[int]
    AREAS_FIELD_NUMBER: _ClassVar[int]
    ENTITIES_FIELD_NUMBER: _ClassVar[int]
    version: str
    time_zone: str
    temperature_unit: TemperatureUnit
    floors: _containers.RepeatedCompositeFieldContainer[Floor]
    areas: _containers.RepeatedCompositeFieldContainer[Area]
    entities: _containers.RepeatedCompositeFieldContainer[Entity]
    def __init__(self, version: _Optional[str] = ..., time_zone: _Optional[str] = ..., temperature_unit: _Optional[_Union[TemperatureUnit, str]] = ..., floors: _Optional[_Iterable[_Union[Floor, _Mapping]]] = ..., areas: _Optional[_Iterable[_Union[Area, _Mapping]]] = ..., entities: _Optional[_Iterable[_Union[Entity, _Mapping]]] = ...) -> None: ...

class Floor(_message.Message):
    __slots__ = ("id", "name", "aliases", "level")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ALIASES_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    id: str
    name: str
    aliases: _containers.RepeatedScalarFieldContainer[str]
    level: int
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., aliases: _Optional[_Iterable[str]] = ..., level: _Optional[int] = ...) -> None: ...

class Area(_message.Message):
    __slots__ = ("id", "name", "aliases", "floor")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ALIASES_FIELD_NUMBER: _ClassVar[int]
    FLOOR_FIELD_NUMBER: _ClassVar[int]
    id: str
    name: str
    aliases: _containers.RepeatedScalarFieldContainer[str]
    floor: str
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., aliases: _Optional[_Iterable[str]] = ..., floor: _Optional[str] = ...) -> None: ...

class Entity(_message.Message):
    __slots__ = ("id", "name", "aliases", "area", "entity_class", "commands", "exposed", "activates", "usual")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ALIASES_FIELD_NUMBER: _ClassVar[int]
    AREA_FIELD_NUMBER: _ClassVar[int]
    ENTITY_CLASS_FIELD_NUMBER: _ClassVar[int]
    COMMANDS_FIELD_NUMBER: _ClassVar[int]
    EXPOSED_FIELD_NUMBER: _ClassVar[int]
    ACTIVATES_FIELD_NUMBER: _ClassVar[int]
    USUAL_FIELD_NUMBER: _ClassVar[int]
    id: str
    name: str
    aliases: _containers.RepeatedScalarFieldContainer[str]
    area: str
    entity_class: EntityClass
    commands: _containers.RepeatedScalarFieldContainer[Command]
    exposed: bool
    activates: _containers.RepeatedCompositeFieldContainer[SceneEffect]
    usual: bool
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., aliases: _Optional[_Iterable[str]] = ..., area: _Optional[str] = ..., entity_class: _Optional[_Union[EntityClass, str]] = ..., commands: _Optional[_Iterable[_Union[Command, str]]] = ..., exposed: _Optional[bool] = ..., activates: _Optional[_Iterable[_Union[SceneEffect, _Mapping]]] = ..., usual: _Optional[bool] = ...) -> None: ...

class SceneEffect(_message.Message):
    __slots__ = ("entity", "command")
    ENTITY_FIELD_NUMBER: _ClassVar[int]
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    entity: str
    command: Command
    def __init__(self, entity: _Optional[str] = ..., command: _Optional[_Union[Command, str]] = ...) -> None: ...

class EntityCommand(_message.Message):
    __slots__ = ("effect_id", "session_id", "fence", "expires_at_ms", "entity", "command", "number", "text")
    EFFECT_ID_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    FENCE_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_MS_FIELD_NUMBER: _ClassVar[int]
    ENTITY_FIELD_NUMBER: _ClassVar[int]
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    effect_id: str
    session_id: int
    fence: int
    expires_at_ms: int
    entity: str
    command: Command
    number: float
    text: str
    def __init__(self, effect_id: _Optional[str] = ..., session_id: _Optional[int] = ..., fence: _Optional[int] = ..., expires_at_ms: _Optional[int] = ..., entity: _Optional[str] = ..., command: _Optional[_Union[Command, str]] = ..., number: _Optional[float] = ..., text: _Optional[str] = ...) -> None: ...

class EntityState(_message.Message):
    __slots__ = ("entity", "state_json", "changed_at_ms", "changed_by", "repeated")
    ENTITY_FIELD_NUMBER: _ClassVar[int]
    STATE_JSON_FIELD_NUMBER: _ClassVar[int]
    CHANGED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    CHANGED_BY_FIELD_NUMBER: _ClassVar[int]
    REPEATED_FIELD_NUMBER: _ClassVar[int]
    entity: str
    state_json: str
    changed_at_ms: int
    changed_by: str
    repeated: bool
    def __init__(self, entity: _Optional[str] = ..., state_json: _Optional[str] = ..., changed_at_ms: _Optional[int] = ..., changed_by: _Optional[str] = ..., repeated: _Optional[bool] = ...) -> None: ...

class HomeChange(_message.Message):
    __slots__ = ("id", "home", "entity", "kind", "about", "at_ms", "tenant")
    ID_FIELD_NUMBER: _ClassVar[int]
    HOME_FIELD_NUMBER: _ClassVar[int]
    ENTITY_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    ABOUT_FIELD_NUMBER: _ClassVar[int]
    AT_MS_FIELD_NUMBER: _ClassVar[int]
    TENANT_FIELD_NUMBER: _ClassVar[int]
    id: str
    home: str
    entity: str
    kind: str
    about: str
    at_ms: int
    tenant: str
    def __init__(self, id: _Optional[str] = ..., home: _Optional[str] = ..., entity: _Optional[str] = ..., kind: _Optional[str] = ..., about: _Optional[str] = ..., at_ms: _Optional[int] = ..., tenant: _Optional[str] = ...) -> None: ...

class HomeChanges(_message.Message):
    __slots__ = ("next", "changes")
    NEXT_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    next: str
    changes: _containers.RepeatedCompositeFieldContainer[HomeChange]
    def __init__(self, next: _Optional[str] = ..., changes: _Optional[_Iterable[_Union[HomeChange, _Mapping]]] = ...) -> None: ...
