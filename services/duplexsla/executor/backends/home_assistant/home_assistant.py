"""A home behind a Home Assistant: connected on demand, its states held live, and no effect without a proof.

The hub answers success also where nothing happened. An effect is proved by a state of the entity that is what
was wanted and that came after the call, or was there already when the hub had answered; where no state says
what was wanted, by a change whose context is the call's.

Its one connection is kept by `KeptHub`. States, lists and watches are replaced by that task alone; all of it
is used on one event loop.
"""

import asyncio
import logging
import random
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from duplexsla.errors import AnswerLost, DeviceRefused, DeviceUnavailable
from duplexsla.executor.backends.device import DeviceCall, Effect, entity_state, reported
from duplexsla.executor.backends.home_assistant.hub_connection import HubConnection
from duplexsla.executor.backends.home_assistant.hub_properties import Props, asked_for, properties
from duplexsla.executor.backends.home_assistant.hub_registry import HubLists, exposed_entities, home_registry
from duplexsla.executor.backends.home_assistant.hub_states import HubState, LiveStates
from duplexsla.executor.backends.home_assistant.service_calls import ServiceCall, service_call
from duplexsla.executor.backends.kept_hub import IDLE_S, Changed, KeptHub, kinds_of_change
from duplexsla.executor.backends.outcomes import CallFinding, failure
from duplexsla.v1 import home_pb2 as pb

logger = logging.getLogger(__name__)

CONNECT_S = 5.0
LIST_S = 10.0  # for one list of a large home
PROOF_S = 2.0  # for the state, after the hub has answered
CONTEXT_S = 0.2  # for the answer, after the state
IN_THREAD = 1_000  # entities; telling more would hold others up
MAX_CONTEXTS = 1_024
LIST_EVENTS = ("area", "floor", "device", "entity", "label")
PASSING = ("measured", "humidity", "battery", "title")  # what changes without anybody's doing


@dataclass
class _Watch:
    """What an entity was after a call had gone out."""

    entity: str
    states: list[HubState] = field(default_factory=list)


class HomeAssistantHome(KeptHub[HubConnection]):
    """Device of one home. `codes`: of locks and alarms that want one, by entity."""

    def __init__(
        self,
        url: str,
        token: Callable[[], str],
        *,
        now_ms: Callable[[], int],
        codes: Callable[[], Mapping[str, str]] = dict,
        changed: Changed = lambda entity, kind, at_ms: None,
        idle_s: float = IDLE_S,
        rng: random.Random | None = None,
    ) -> None:
        """`token` and `codes` are asked at each connection and raise OSError where there is none.

        `changed` is told what happens to exposed entities and is no effect of a call.
        """
        self._somebody_changed = changed
        self._url, self._token, self._read_codes = url, token, codes
        super().__init__(url, idle_s=idle_s, rng=rng)
        self._now_ms = now_ms
        self._lists, self._dirty = HubLists(), True
        self._states, self._codes = LiveStates(), dict[str, str]()
        self._watches: list[_Watch] = []
        self._told: dict[str, tuple[Props, str, int]] = {}  # properties, context, Unix ms
        self._effects: OrderedDict[str, str] = OrderedDict()  # by context
        self._given_up: OrderedDict[str, str] = OrderedDict()  # the same, of calls without a proof
        self.late_effects = 0

    async def call(self, call: DeviceCall, *, timeout_s: float) -> Effect:
        until = time.monotonic() + timeout_s
        if call.command is None:
            raise failure(CallFinding.NO_SUCH_DEVICE, "this home has no such function")
        command = call.entity_command
        connection = await self.ready(until)
        state = self._states.get(command.entity)
        if state is None or command.entity not in self._lists.exposed:
            raise failure(CallFinding.NO_SUCH_DEVICE, "the hub does not have it, or does not expose it")
        if command.command == pb.COMMAND_QUERY:
            return self._answer(command, state)
        wanted = service_call(command, state, self._codes.get(command.entity, ""))
        if self._now_ms() + wanted.least_s * 1_000 >= command.expires_at_ms:
            raise failure(CallFinding.TOO_LATE)
        with self._watched(command.entity) as watch:
            return await self._carried_out(connection, command, wanted, watch, until)

    async def registry(self, home: str, *, timeout_s: float) -> pb.HomeRegistry:
        """With what is exposed now; other lists are asked for again when the hub says that they changed."""
        until = time.monotonic() + timeout_s
        connection = await self.ready(until)
        try:
            await self._load_lists(connection, all_of_them=self._dirty)
        except AnswerLost as error:
            raise DeviceUnavailable(str(error)) from error
        told = (self._lists, dict(self._states), dict(self._codes))
        if len(self._lists.exposed) > IN_THREAD:
            return await asyncio.to_thread(home_registry, *told)
        return home_registry(*told)

    async def states(
        self, home: str, entities: Collection[str] = (), *, timeout_s: float
    ) -> Sequence[pb.EntityState]:
        await self.ready(time.monotonic() + timeout_s)
        wanted = self._lists.exposed.intersection(entities) if entities else self._lists.exposed
        return [self._entity_state(self._states[each]) for each in sorted(wanted) if each in self._states]

    async def connect(self) -> HubConnection:
        token, self._codes = self._token(), dict(self._read_codes())
        return await HubConnection.open(self._url, token, timeout_s=CONNECT_S)

    async def load(self, connection: HubConnection) -> None:
        """Everything anew: also what is no longer there is gone. Before a hub runs, most of it is missing."""
        config = await connection.ask("get_config", timeout_s=LIST_S)
        if not isinstance(config, dict) or config.get("state", "RUNNING") != "RUNNING":
            raise DeviceUnavailable("the hub is starting")
        self._lists, self._states, self._told = HubLists(config), LiveStates(), {}
        await self._load_lists(connection, all_of_them=True)
        for kind in LIST_EVENTS:
            event = f"{kind}_registry_updated"
            await connection.ask(
                "subscribe_events", timeout_s=LIST_S, told=self._lists_changed, event_type=event
            )
        await connection.ask("subscribe_entities", timeout_s=LIST_S, told=self._states_changed)
        if not await self.changed.wait_for(lambda: bool(self._states), time.monotonic() + LIST_S):
            raise DeviceUnavailable("the hub does not tell its states")

    async def _load_lists(self, connection: HubConnection, *, all_of_them: bool) -> None:
        async def listed(kind: str, **fields: Any) -> list[Any]:
            found = await connection.ask(kind, timeout_s=LIST_S, **fields)
            return list(found.values()) if isinstance(found, dict) else list(found or ())

        exposed = exposed_entities(await connection.ask("homeassistant/expose_entity/list", timeout_s=LIST_S))
        if not all_of_them and exposed == self._lists.exposed:
            return
        self._dirty = False
        self._lists = HubLists(
            self._lists.config,
            await listed("config/area_registry/list"),
            await _or_none(listed("config/floor_registry/list")),
            await listed("config/device_registry/list"),
            await listed("config/entity_registry/get_entries", entity_ids=sorted(exposed)),
            exposed,
        )

    def _lists_changed(self, event: Any) -> None:
        self._dirty = True

    def _states_changed(self, event: Any) -> None:
        for state in self._states.apply(event):
            before = self._told.get(state.entity)
            self._note(state)
            self._tell(state, before)
            for watch in self._watches:
                if watch.entity == state.entity:
                    watch.states.append(state)
            if effect := self._given_up.pop(state.context, None):
                self.late_effects += 1
                logger.warning("late_effect effect=%s entity=%s", effect, state.entity)
        self.changed.notify()

    def _tell(self, state: HubState, before: tuple[Props, str, int] | None) -> None:
        """Whether it was us is known for sure only when the hub has answered: while we call, it was us."""
        ours = state.context in self._effects or any(each.entity == state.entity for each in self._watches)
        if before is None or ours or state.entity not in self._lists.exposed:
            return
        for kind in kinds_of_change(before[0], self._told[state.entity][0]):
            self._somebody_changed(state.entity, kind, state.updated_ms)

    def _note(self, state: HubState) -> None:
        """When an entity was last changed by somebody, beside what it measures."""
        told = {name: value for name, value in properties(state).items() if name not in PASSING}
        before = self._told.get(state.entity)
        if before is None or before[0] != told:
            self._told[state.entity] = (told, state.context, state.updated_ms)

    @contextmanager
    def _watched(self, entity: str) -> Iterator[_Watch]:
        watch = _Watch(entity)
        self._watches.append(watch)
        try:
            yield watch
        finally:
            self._watches.remove(watch)

    async def _carried_out(
        self,
        connection: HubConnection,
        command: pb.EntityCommand,
        wanted: ServiceCall,
        watch: _Watch,
        until: float,
    ) -> Effect:
        """A call that is cancelled may have its effect; the hub's answer is not waited for then."""
        asking = asyncio.get_running_loop().create_task(
            connection.ask(
                "call_service",
                timeout_s=until - time.monotonic(),
                domain=wanted.domain,
                service=wanted.service,
                service_data={**wanted.data, "entity_id": command.entity},
            )
        )
        asking.add_done_callback(lambda _: self.changed.notify())
        try:
            await self.changed.wait_for(lambda: asking.done() or wanted.seen(watch.states), until)
            if wanted.seen(watch.states):
                await asyncio.wait({asking}, timeout=CONTEXT_S)
            context = _context(_answer_of(asking, needed=not wanted.seen(watch.states)))
            self._remember(self._effects, context, command.effect_id)
            await self._await_proof(connection, command, wanted, watch, context, until)
        finally:
            asking.cancel()
        return self._effect(command, watch)

    async def _await_proof(
        self,
        connection: HubConnection,
        command: pb.EntityCommand,
        wanted: ServiceCall,
        watch: _Watch,
        context: str,
        until: float,
    ) -> None:
        """The hub has answered, or the effect was seen. Raises AnswerLost, EffectUnproven."""

        def proved() -> bool:
            return wanted.seen(watch.states) or self._is_so(wanted, watch, context)

        def over() -> bool:
            return proved() or wanted.stopped(watch.states) or self.connection is not connection

        await self.changed.wait_for(over, min(until, time.monotonic() + PROOF_S))
        if not proved():
            self._remember(self._given_up, context, command.effect_id)
            raise failure(CallFinding.STUCK if wanted.stopped(watch.states) else CallFinding.NO_EFFECT)

    def _is_so(self, wanted: ServiceCall, watch: _Watch, context: str) -> bool:
        """Once the hub has answered: also what was so already, or a change by this call."""
        state = self._states.get(watch.entity)
        if wanted.proved is None:
            return bool(context) and any(each.context == context for each in watch.states)
        return state is not None and not state.away and wanted.proved(state)

    def _effect(self, command: pb.EntityCommand, watch: _Watch) -> Effect:
        state = watch.states[-1] if watch.states else self._states[watch.entity]
        if state.attributes.get("assumed_state") is True:
            raise failure(CallFinding.ASSUMED)
        told = self._entity_state(state)
        if watch.states:
            told.changed_by = command.effect_id
        return Effect(reported(command, told), self._now_ms(), state=told)

    def _answer(self, command: pb.EntityCommand, state: HubState) -> Effect:
        if state.away:
            raise failure(CallFinding.DEVICE_AWAY)
        props = properties(state)
        value = asked_for(props, command.text) if command.text else {}
        if command.text and not value:
            raise failure(CallFinding.NO_SUCH_DEVICE, f"it has no {command.text[:64]}")
        told = self._entity_state(state)
        return Effect({**props, **value}, self._now_ms(), state=told)

    def _entity_state(self, state: HubState) -> pb.EntityState:
        _, context, at_ms = self._told.get(state.entity, ({}, "", state.updated_ms))
        return entity_state(
            state.entity, properties(state), changed_at_ms=at_ms, changed_by=self._effects.get(context, "")
        )

    def _remember(self, contexts: OrderedDict[str, str], context: str, effect: str) -> None:
        if context:
            contexts[context] = effect
            if len(contexts) > MAX_CONTEXTS:
                contexts.popitem(last=False)


def _answer_of(asking: "asyncio.Task[Any]", *, needed: bool) -> Any:
    """None while there is none. Raises what the hub answered, unless it is not needed."""
    if not asking.done() or (asking.exception() is not None and not needed):
        return None
    return asking.result()


def _context(answer: Any) -> str:
    """Of the hub's answer to a call: what the effect's states will name."""
    context = answer.get("context") if isinstance(answer, dict) else None
    found = context.get("id") if isinstance(context, dict) else None
    return found if isinstance(found, str) else ""


async def _or_none(asking: Any) -> list[Any]:
    """Of a hub that is too old for the question."""
    try:
        found: list[Any] = await asking
    except DeviceRefused:
        return []
    return found
