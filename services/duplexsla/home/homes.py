"""All simulated homes: an action has its effect once, in time, and for the newest owner only."""

import re
from collections import OrderedDict
from typing import Any

from pydantic import BaseModel, Field

from duplexsla.errors import ActionExpired, BadInput, StaleFence, UnknownHome
from duplexsla.home.simulated_home import SimulatedHome
from duplexsla.home.store import EffectRecord, HomeStore
from duplexsla.tools import TOOLSETS

MAX_INT64 = 2**63 - 1  # what SQLite holds
CACHED = 1_024  # homes held in memory; the others are read from disk when they are asked for
HOME_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class ActionRequest(BaseModel, frozen=True):
    """One action as it reaches a home: the body of POST /homes/{home}/actions."""

    action_id: str = Field(min_length=1, max_length=128)
    session_id: int = Field(ge=0, lt=2**64)
    fence: int = Field(ge=0, le=MAX_INT64)
    toolset: str = Field(pattern="|".join(f"^{name}$" for name in TOOLSETS))
    function: str
    arguments: dict[str, Any] = Field(max_length=16)
    expires_at_ms: int = Field(ge=0, le=MAX_INT64)  # Unix time


class Homes:
    """All homes of one store; used by one thread."""

    def __init__(self, store: HomeStore) -> None:
        self._store = store
        self._open: OrderedDict[str, SimulatedHome] = OrderedDict()

    def create(self, home: str, now_ms: int) -> bool:
        """Whether the home is new. Raises BadInput for an id that is not a name."""
        if not HOME_ID.fullmatch(home):
            raise BadInput("a home's id is 1 to 64 letters, digits, dots, dashes and underscores")
        return self._store.create(home, now_ms)

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
        done = self._store.effect(request.action_id)
        if done is not None:
            return done, True
        self._check(request, now_ms)
        change = simulated.plan(request.toolset, request.function, request.arguments, now_ms=now_ms)
        effect = EffectRecord(
            action_id=request.action_id,
            home=home,
            session_id=_session_name(request),
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
        self._store.write(effect)
        simulated.apply(change)
        return effect, False

    def _check(self, request: ActionRequest, now_ms: int) -> None:
        newest = self._store.newest_fence(_session_name(request))
        if request.fence < newest:
            raise StaleFence(f"fence {request.fence} is older than {newest}")
        if now_ms >= request.expires_at_ms:
            raise ActionExpired(f"expired {now_ms - request.expires_at_ms} ms ago")

    def _read(self, home: str) -> SimulatedHome:
        if not self._store.knows(home):
            raise UnknownHome(f"no home {home[:64]!r}")
        return SimulatedHome(self._store.changes(home))


def _session_name(request: ActionRequest) -> str:
    return f"{request.session_id:016x}"
