"""Many homes behind one door: what is asked happens once, in time, and for the newest owner only."""

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from duplexsla.errors import ActionExpired, BadInput, StaleFence, UnknownHome
from duplexsla.home.state import StateChange
from duplexsla.home.store import EffectRecord, HomeStore
from duplexsla.home.world import SimulatedHome

CACHED = 1_024  # homes held in memory; the others are read from disk when they are asked for
HOME_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class HomeCall:
    """One action as it reaches the home."""

    action_id: str
    session_id: int
    fence: int
    toolset: str
    function: str
    arguments: Mapping[str, Any]
    expires_at_ms: int  # Unix time
    traceparent: str = ""

    @property
    def session(self) -> str:
        return f"{self.session_id:016x}"


class Homes:
    """All homes of one journal; used by one thread."""

    def __init__(self, journal: HomeStore) -> None:
        self._journal = journal
        self._open: OrderedDict[str, SimulatedHome] = OrderedDict()

    def create(self, home: str, now_ms: int) -> bool:
        """Whether the home is new. Raises BadInput for an id that is not a name."""
        if not HOME_ID.fullmatch(home):
            raise BadInput("a home's id is 1 to 64 letters, digits, dots, dashes and underscores")
        return self._journal.create(home, now_ms)

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
        return self._journal.effects(home, limit=limit)

    def act(self, home: str, call: HomeCall, now_ms: int) -> tuple[EffectRecord, bool]:
        """The effect of this call, and whether an earlier call of the same id had it already.

        Raises UnknownHome, StaleFence, ActionExpired, ActionRefused and DeviceRefused; then nothing changed.
        """
        world = self.home(home)
        done = self._journal.effect(call.action_id)
        if done is not None:
            return done, True
        self._check(call, now_ms)
        change = world.plan(call.toolset, call.function, call.arguments, now_ms=now_ms)
        effect = _effect(home, call, world, change, now_ms)
        self._journal.write(effect)
        world.apply(change)
        return effect, False

    def _check(self, call: HomeCall, now_ms: int) -> None:
        newest = self._journal.newest_fence(call.session)
        if call.fence < newest:
            raise StaleFence(f"fence {call.fence} is older than {newest}")
        if now_ms >= call.expires_at_ms:
            raise ActionExpired(f"expired {now_ms - call.expires_at_ms} ms ago")

    def _read(self, home: str) -> SimulatedHome:
        if not self._journal.knows(home):
            raise UnknownHome(f"no home {home[:64]!r}")
        return SimulatedHome(self._journal.changes(home))


def _effect(
    home: str, call: HomeCall, world: SimulatedHome, change: StateChange, now_ms: int
) -> EffectRecord:
    return EffectRecord(
        action_id=call.action_id,
        home=home,
        session_id=call.session,
        fence=call.fence,
        toolset=call.toolset,
        function=call.function,
        arguments=dict(call.arguments),
        result=change.result,
        before=world.before(change),
        after=change.updates,
        at_ms=now_ms,
        traceparent=call.traceparent,
    )
