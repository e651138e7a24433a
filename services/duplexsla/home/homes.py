"""All simulated homes: an action has its effect once, in time, and for the newest owner only.

And faults on purpose, for tests: a device that is slow, hangs, breaks, refuses, or acts and stays silent.
"""

import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from pydantic import BaseModel, Field, ValidationError

from duplexsla.errors import ActionExpired, BadInput, StaleFence, UnknownHome
from duplexsla.home.commands import command_name
from duplexsla.home.properties import MAX_TEXT
from duplexsla.home.registry import HomeConfiguration
from duplexsla.home.simulated_home import SimulatedHome
from duplexsla.home.state import NewestChange, StateChange
from duplexsla.home.store import EffectRecord, HomeStore
from duplexsla.home.timers import PREFIX
from duplexsla.tools import TOOLSETS
from duplexsla.v1 import home_pb2 as pb

MAX_INT64 = 2**63 - 1  # what SQLite holds
CACHED = 1_024  # homes held in memory; the others are read from disk when they are asked for
MAX_ENTITY = 128  # characters of an entity's id
FAHRENHEIT = "TEMPERATURE_UNIT_FAHRENHEIT"
COMMANDS = "commands"  # in place of a toolset, in the log of effects
HOME_ID = re.compile(r"([a-z0-9][a-z0-9._-]{0,63}~)?[a-z0-9][a-z0-9._-]{0,63}")  # after ~: of that tenant
FaultKind = Literal["slow", "hang", "error", "refuse", "lost"]
ANY = "*"
MAX_FAULTS = 100  # at a time; more are refused


@dataclass
class Fault:
    """What goes wrong for `device`, `times` calls long.

    `device` is the name of a device, a door, a function or a command, or an entity's id; "*" is any.

    slow: acts after ms · hang: no answer for ms, no effect · error: 503, no effect · refuse: 409, no effect ·
    lost: acts, gives no answer for ms, and then does not say so (504). `times` 0 is until it is cleared.
    """

    device: str
    kind: FaultKind
    ms: int = 0
    times: int = 0


class Faults:
    """The faults of all homes, in memory."""

    def __init__(self) -> None:
        self._faults: dict[tuple[str, str], Fault] = {}

    def set(self, home: str, fault: Fault) -> bool:
        """Whether there was room for it. A fault replaces the one its device had."""
        if len(self._faults) >= MAX_FAULTS and (home, fault.device) not in self._faults:
            return False
        self._faults[home, fault.device] = fault
        return True

    def clear(self, home: str) -> None:
        self._faults = {key: fault for key, fault in self._faults.items() if key[0] != home}

    def take(self, home: str, names: Iterable[str]) -> Fault | None:
        """The fault that a call of these names meets; counts down those that last for some calls only."""
        for name in (*names, ANY):
            fault = self._faults.get((home, name))
            if fault is not None:
                return self._count(home, fault)
        return None

    def _count(self, home: str, fault: Fault) -> Fault:
        if fault.times == 1:
            del self._faults[home, fault.device]
        elif fault.times > 1:
            fault.times -= 1
        return fault


class HomeSetup(BaseModel, frozen=True):
    """What PUT /homes/{home} may say of it, with the names that HomeRegistry has."""

    time_zone: str | None = Field(default=None, max_length=64)
    temperature_unit: Literal["TEMPERATURE_UNIT_CELSIUS", "TEMPERATURE_UNIT_FAHRENHEIT"] | None = None

    def over(self, now: HomeConfiguration) -> HomeConfiguration:
        """What it does not say stays."""
        zone = now.time_zone if self.time_zone is None else self.time_zone
        unit = self.temperature_unit
        return HomeConfiguration(zone, now.fahrenheit if unit is None else unit == FAHRENHEIT)


NO_SETUP = HomeSetup()


class EffectRequest(BaseModel, frozen=True):
    """What every request for an effect says of itself."""

    action_id: str = Field(min_length=1, max_length=128)
    session_id: int = Field(ge=0, lt=2**64)
    fence: int = Field(ge=0, le=MAX_INT64)
    expires_at_ms: int = Field(ge=0, le=MAX_INT64)  # Unix time

    @property
    def session(self) -> str:
        return f"{self.session_id:016x}"


class ActionRequest(EffectRequest, frozen=True):
    """One action as it reaches a home: the body of POST /homes/{home}/actions."""

    toolset: str = Field(pattern="|".join(f"^{name}$" for name in TOOLSETS))
    function: str
    arguments: dict[str, Any] = Field(max_length=16)

    @property
    def names(self) -> tuple[str, ...]:
        """By which a fault may find it."""
        arguments = self.arguments
        return (str(arguments.get("device")), str(arguments.get("door")), self.function)


class CommandRequest(EffectRequest, frozen=True):
    """One command to one entity: an EntityCommand, checked."""

    entity: str = Field(max_length=MAX_ENTITY)
    command: int
    number: float | None
    text: str = Field(max_length=MAX_TEXT)

    @property
    def names(self) -> tuple[str, ...]:
        """By which a fault may find it."""
        return (self.entity, self.entity.rpartition("/")[2], command_name(self.command))


def command_request(body: Mapping[str, Any]) -> CommandRequest:
    """Reads the JSON of an EntityCommand. Raises BadInput.

    Fields of a newer version are left alone; a command of a newer version is unknown (COMMAND_UNSPECIFIED).
    """
    try:
        told = ParseDict(dict(body), pb.EntityCommand(), ignore_unknown_fields=True)
        return CommandRequest(
            action_id=told.effect_id,
            session_id=told.session_id,
            fence=told.fence,
            expires_at_ms=told.expires_at_ms,
            entity=told.entity,
            command=told.command,
            number=told.number if told.HasField("number") else None,
            text=told.text,
        )
    except ParseError as error:
        raise BadInput(f"no command: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise BadInput(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error


class Homes:
    """All homes of one store; used by one thread."""

    def __init__(self, store: HomeStore) -> None:
        self._store = store
        self._open: OrderedDict[str, SimulatedHome] = OrderedDict()

    def create(self, home: str, now_ms: int, setup: HomeSetup = NO_SETUP) -> bool:
        """Whether the home is new; one that is there is set up anew where `setup` says something.

        Raises BadInput for an id that is not a name, or a time zone that there is not; then nothing changed.
        """
        if not HOME_ID.fullmatch(home):
            raise BadInput(
                "a home's id is 1 to 64 of [a-z0-9._-], after its tenant and ~ where there are several"
            )
        if setup.time_zone is not None:
            check_zone(setup.time_zone)
        new = self._store.create(home, now_ms)
        if setup != NO_SETUP:
            simulated = self.home(home)
            simulated.configuration = setup.over(simulated.configuration)
            self._store.configure(home, simulated.configuration)
        return new

    def home(self, home: str) -> SimulatedHome:
        """Raises UnknownHome."""
        if home not in self._open:
            self._open[home] = self._read(home)
            if len(self._open) > CACHED:
                self._open.popitem(last=False)
        self._open.move_to_end(home)
        return self._open[home]

    def effects(self, home: str, *, limit: int) -> list[EffectRecord]:
        """The newest effects, oldest first. Raises UnknownHome."""
        self.home(home)
        return self._store.effects(home, limit=limit)

    def act(
        self, home: str, request: ActionRequest, now_ms: int, traceparent: str = ""
    ) -> tuple[EffectRecord, bool]:
        """The effect of this request, and whether an earlier one of the same id had it already.

        Raises UnknownHome, StaleFence, ActionExpired, ActionRefused and DeviceRefused; then nothing changed.
        """
        simulated = self.home(home)
        done = self._before(request, now_ms)
        if done is not None:
            return done, True
        change = simulated.plan(request.toolset, request.function, request.arguments, now_ms=now_ms)
        effect = EffectRecord(
            action_id=request.action_id,
            home=home,
            session_id=request.session,
            fence=request.fence,
            toolset=request.toolset,
            function=request.function,
            arguments=request.arguments,
            result=change.result,
            before=simulated.before(change),
            after=change.updates,
            at_ms=now_ms,
            traceparent=traceparent,
        )
        self._have(simulated, effect, change)
        return effect, False

    def command(
        self, home: str, request: CommandRequest, now_ms: int, traceparent: str = ""
    ) -> tuple[EffectRecord, bool]:
        """The effect of this command, and whether an earlier request of the same id had it already.

        Its result is an EntityState as JSON; empty when the earlier request was an action. Raises what `act`
        raises; then nothing changed.
        """
        simulated = self.home(home)
        done = self._before(request, now_ms)
        if done is not None:
            return done if done.toolset == COMMANDS else replace(done, result={}), True
        asked = (request.command, request.number, request.text)
        change = simulated.plan_command(request.entity, *asked, now_ms=now_ms)
        state = simulated.state_after(request.entity, change, now_ms, request.action_id)
        arguments = {"entity": request.entity, "number": request.number, "text": request.text}
        effect = EffectRecord(
            action_id=request.action_id,
            home=home,
            session_id=request.session,
            fence=request.fence,
            toolset=COMMANDS,
            function=command_name(request.command),
            arguments={name: value for name, value in arguments.items() if value not in (None, "")},
            result=state_json(state),
            before=simulated.before(change),
            after=change.updates,
            at_ms=now_ms,
            traceparent=traceparent,
        )
        self._have(simulated, effect, change)
        return effect, False

    def set_by_hand(self, home: str, entity: str, given: Mapping[str, Any], now_ms: int) -> pb.EntityState:
        """Somebody sets properties of an entity. Raises UnknownHome, ActionRefused and DeviceRefused."""
        simulated = self.home(home)
        change = simulated.plan_by_hand(entity, given, now_ms=now_ms)
        self._store.write_by_hand(home, change.updates, simulated.changed_by(change), now_ms)
        simulated.apply(change, NewestChange(now_ms))
        return simulated.entity_state(entity, now_ms)

    def timers(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Home, record and content of each timer of all homes."""
        return self._store.timers()

    def timer_runs(self, home: str, name: str, ends_at_ms: int) -> bool:
        """Whether it is still to end then."""
        timer = self.home(home).state.get(f"{PREFIX}{name}")
        return timer is not None and timer.get("ends_at_ms") == ends_at_ms

    def _before(self, request: EffectRequest, now_ms: int) -> EffectRecord | None:
        """What this request did when it came before. Raises StaleFence and ActionExpired for a new one."""
        done = self._store.effect(request.action_id)
        if done is not None:
            return done
        newest = self._store.newest_fence(request.session)
        if request.fence < newest:
            raise StaleFence(f"fence {request.fence} is older than {newest}")
        if now_ms >= request.expires_at_ms:
            raise ActionExpired(f"expired {now_ms - request.expires_at_ms} ms ago")
        return None

    def _have(self, simulated: SimulatedHome, effect: EffectRecord, change: StateChange) -> None:
        self._store.write(effect, simulated.changed_by(change))
        simulated.apply(change, NewestChange(effect.at_ms, effect.action_id))

    def _read(self, home: str) -> SimulatedHome:
        if not self._store.knows(home):
            raise UnknownHome(f"no home {home[:64]!r}")
        return SimulatedHome(
            self._store.changes(home),
            configuration=self._store.configuration(home),
            newest=self._store.newest_changes(home),
        )


def check_zone(name: str) -> None:
    """Raises BadInput for what is no IANA name."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadInput(f"time_zone: there is no {name!r}") from error


def state_json(state: pb.EntityState) -> dict[str, Any]:
    """As it travels over HTTP."""
    return MessageToDict(state, preserving_proto_field_name=True)
