"""The simulated homes over HTTP.

    PUT  /homes/{home}          creates one: 201, or 200 when it is there. {time_zone, temperature_unit} sets
                                it up; 422 for what there is not
    GET  /homes/{home}          the whole state
    GET  /homes/{home}/registry  floors, areas and entities, with a version (home.proto); as protobuf for
                                those who accept application/x-protobuf
    GET  /homes/{home}/effects  the newest effects, oldest first, each with the action that caused it
    GET  /homes/{home}/states   what every entity is (EntityState), or those that are asked for by ?entity=
    GET  /changes?after=&wait_s=  what happened in all homes and is no effect of an action (HomeChanges), as
                                soon as there is any
    PUT  /homes/{home}/entities/{entity}/state  somebody sets properties of an entity by hand
    POST /homes/{home}/actions  one action: 200, or 404 no home, 409 the device refuses, 410 too late,
                                412 an older fence, 422 not a valid call, 503 the device is broken,
                                504 it may have acted
    POST /homes/{home}/commands  one command to one entity (EntityCommand), answered with an EntityState; the
                                same refusals
    POST /homes/{home}/faults   a fault on purpose; DELETE ends all of them
    GET  /livez, /healthz, /metrics, POST /drain  as runtime/control.py has them

State is touched by the event loop's one thread alone, so calls never interleave.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import FastAPI, Header, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from google.protobuf.json_format import MessageToDict
from pydantic import BaseModel, Field

from duplexsla.errors import (
    ActionExpired,
    ActionRefused,
    AnswerLost,
    BadInput,
    DeviceRefused,
    DeviceUnavailable,
    DuplexSLAError,
    Forbidden,
    NotAuthenticated,
    StaleFence,
    UnknownHome,
)
from duplexsla.history import NO_HISTORY, HistoryLog, events
from duplexsla.home.change_log import ChangeLog, properties_of
from duplexsla.home.homes import (
    ActionRequest,
    CommandRequest,
    Fault,
    FaultKind,
    Faults,
    Homes,
    HomeSetup,
    command_request,
    state_json,
)
from duplexsla.home.registry import registry_bytes, registry_text
from duplexsla.home.store import EffectRecord, HomeStore
from duplexsla.runtime.control import PATHS, ControlPages, Drain
from duplexsla.security.access import AccessControl
from duplexsla.security.doors import may_operate
from duplexsla.telemetry import MetricSamples, MetricsPage, metrics

PROTOBUF = "application/x-protobuf"
MAX_EFFECTS = 1_000
MAX_ENTITIES = 1_000  # that are asked for by name

STATUS: dict[type[DuplexSLAError], HTTPStatus] = {
    UnknownHome: HTTPStatus.NOT_FOUND,
    NotAuthenticated: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    BadInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    ActionRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    DeviceRefused: HTTPStatus.CONFLICT,
    ActionExpired: HTTPStatus.GONE,
    StaleFence: HTTPStatus.PRECONDITION_FAILED,
    DeviceUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    AnswerLost: HTTPStatus.GATEWAY_TIMEOUT,
}


CallNext = Callable[[Request], Awaitable[Response]]
AnyRequest = ActionRequest | CommandRequest
Had = tuple[EffectRecord, bool]  # an effect, and whether it had been had before


class FaultBody(BaseModel):
    device: str = "*"
    kind: FaultKind
    ms: int = Field(default=0, ge=0, le=60_000)
    times: int = Field(default=0, ge=0)


class HomeService:
    """The requests' way to the homes, faults included."""

    def __init__(self, homes: Homes, clock_ms: Callable[[], int], history: HistoryLog) -> None:
        self.homes, self.faults, self._clock_ms, self._history = homes, Faults(), clock_ms, history
        self.changes = ChangeLog(clock_ms, homes.timer_runs)
        for home, name, timer in homes.timers():
            self.changes.timers(home, {name: timer})
        self.under_way = 0  # actions whose answer has not left
        self.effects = 0
        self.refusals: Counter[str] = Counter()  # by error code
        self._draining, self._ended = False, asyncio.Event()

    def create(self, home: str, setup: HomeSetup | None = None) -> bool:
        """Whether it is new; it is as its setup says from now on. Raises BadInput, and nothing changed."""
        return self.homes.create(home, self._clock_ms(), setup or HomeSetup())

    def samples(self) -> MetricSamples:
        """For Prometheus."""
        return {
            metrics.DRAINING: self._draining,
            metrics.EFFECTS: self.effects,
            metrics.HOME_REFUSALS: dict.fromkeys((kind.code for kind in STATUS), 0) | self.refusals,
            metrics.HOME_FENCES_REFUSED: self.refusals[StaleFence.code],
        }

    def report(self) -> tuple[bool, dict[str, Any]]:
        """For GET /healthz."""
        return True, {"under_way": self.under_way, "effects": self.effects}

    async def act(self, home: str, request: ActionRequest, traceparent: str = "") -> dict[str, Any]:
        """The answer to one action; DeviceUnavailable once the service drains."""
        effect, repeated = await self._had(home, request, traceparent)
        return {"state": "done", "result": effect.result, "effect_at_ms": effect.at_ms, "repeated": repeated}

    async def command(self, home: str, request: CommandRequest, traceparent: str = "") -> dict[str, Any]:
        """The answer to one command, an EntityState as JSON; DeviceUnavailable once the service drains."""
        effect, repeated = await self._had(home, request, traceparent)
        result = effect.result or state_json(
            self.homes.home(home).entity_state(request.entity, self._clock_ms())
        )
        return result | ({"repeated": True} if repeated else {})

    def states(self, home: str, entities: Collection[str] = ()) -> list[dict[str, Any]]:
        """What these entities are; every one without any. One that there is not is left out."""
        return [state_json(each) for each in self.homes.home(home).entity_states(self._clock_ms(), entities)]

    def set_by_hand(self, home: str, entity: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """Somebody sets properties of an entity."""
        now_ms = self._clock_ms()
        before = properties_of(self.homes.home(home).entity_state(entity, now_ms))
        after = self.homes.set_by_hand(home, entity, given, now_ms)
        self.changes.by_hand(home, entity, before, after)
        return state_json(after)

    async def _had(self, home: str, request: AnyRequest, traceparent: str) -> Had:
        """The effect, and whether it had been had before."""
        if self._draining:
            raise DeviceUnavailable("this service drains")
        self.under_way += 1
        try:
            return await self._have_unless_faulty(home, request, traceparent)
        except DuplexSLAError as refusal:
            self.refusals[refusal.code] += 1
            raise
        finally:
            self.under_way -= 1
            self._ended.set()

    async def drain(self, deadline_s: float) -> int:
        """Takes no action any more; number of those that are still under way at the deadline."""
        self._draining = True
        with suppress(TimeoutError):
            async with asyncio.timeout(deadline_s):
                while self.under_way:
                    self._ended.clear()
                    await self._ended.wait()
        return self.under_way

    async def _have_unless_faulty(self, home: str, request: AnyRequest, traceparent: str) -> Had:
        self.homes.home(home)
        fault = self.faults.take(home, request.names)
        if fault is None:
            return self._have(home, request, traceparent)
        return await self._have_faultily(home, request, traceparent, fault)

    def _have(self, home: str, request: AnyRequest, traceparent: str) -> Had:
        now_ms = self._clock_ms()
        try:
            if isinstance(request, ActionRequest):
                effect, repeated = self.homes.act(home, request, now_ms, traceparent)
            else:
                effect, repeated = self.homes.command(home, request, now_ms, traceparent)
        except DuplexSLAError as refusal:
            self._history.write(events.effect_refused(request.action_id, home=home, code=refusal.code))
            raise
        self.effects += not repeated
        self.changes.timers(home, effect.after)
        self._history.write(_row(effect, request, repeated=repeated))
        return effect, repeated

    async def _have_faultily(self, home: str, request: AnyRequest, traceparent: str, fault: Fault) -> Had:
        if fault.kind == "refuse":
            raise DeviceRefused(f"the {fault.device} refuses: a fault that was set")
        if fault.kind == "lost":
            self._have(home, request, traceparent)
        if fault.kind != "error":
            await asyncio.sleep(fault.ms / 1000)
        if fault.kind == "slow":
            return self._have(home, request, traceparent)
        if fault.kind == "lost":
            raise AnswerLost(f"the {fault.device} may have acted: a fault that was set")
        raise DeviceUnavailable(f"the {fault.device} is broken: a fault that was set")


def create_app(
    store: HomeStore,
    *,
    clock_ms: Callable[[], int],
    history: HistoryLog = NO_HISTORY,
    drain: Drain | None = None,
    access: AccessControl | None = None,
) -> FastAPI:
    """The service over one store, which it closes at its end. `clock_ms` is Unix time; without `access`
    everybody may operate every home.

    With a `drain` it has the control pages, too; whoever runs it drains `app.state.service` then.
    """
    service = HomeService(Homes(store), clock_ms, history)
    registry_bytes()  # of most homes, before anybody waits for it

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        store.close()

    app = FastAPI(title="DuplexSLA simulated homes", lifespan=lifespan)
    app.state.service = service
    app.add_exception_handler(DuplexSLAError, _refusal)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    if access is not None and not access.open_to_all:
        app.middleware("http")(_asking(access))
    _state_routes(app, service)
    _action_routes(app, service)
    if drain is not None:
        _control_routes(app, ControlPages(service.report, drain, MetricsPage(service.samples)))
    return app


def _control_routes(app: FastAPI, pages: ControlPages) -> None:
    async def page(request: Request) -> Response:
        target = f"{request.url.path}?{request.url.query}"
        answer = await pages.answer(
            request.method,
            target,
            request.headers.get("accept", ""),
            peer=request.client.host if request.client else "",
        )
        return Response(answer.body, answer.status, {"content-type": answer.content_type})

    for path, methods in PATHS.items():
        app.add_api_route(path, page, methods=list(methods), include_in_schema=False)


def _asking(access: AccessControl) -> Callable[[Request, CallNext], Awaitable[Response]]:
    """Lets nobody at homes who does not say who they are."""

    async def asked(request: Request, go_on: CallNext) -> Response:
        _, root, *rest = [*request.url.path.split("/"), "", ""]
        if f"/{root}" in PATHS:
            return await go_on(request)
        try:
            peer = request.client.host if request.client else ""
            principal = await access.identify(request.headers.get("authorization", ""), peer)
            may_operate(principal, rest[0] if root == "homes" else "")  # the rest is about all homes
        except DuplexSLAError as error:
            return await _refusal(request, error)
        return await go_on(request)

    return asked


def _state_routes(app: FastAPI, service: HomeService) -> None:
    @app.put("/homes/{home}")
    async def create(home: str, response: Response, setup: HomeSetup | None = None) -> dict[str, str]:
        response.status_code = HTTPStatus.CREATED if service.create(home, setup) else HTTPStatus.OK
        return {"home": home}

    @app.get("/homes/{home}")
    async def state(home: str) -> dict[str, Any]:
        return {"home": home, "state": service.homes.home(home).snapshot()}

    @app.get("/homes/{home}/registry")
    async def told(home: str, accept: Annotated[str, Header()] = "") -> Response:
        configuration = service.homes.home(home).configuration
        if PROTOBUF in accept:
            return Response(registry_bytes(configuration), media_type=PROTOBUF)
        return Response(registry_text(configuration), media_type="application/json")

    @app.get("/homes/{home}/states")
    async def states(
        home: str, entity: Annotated[list[str] | None, Query(max_length=MAX_ENTITIES)] = None
    ) -> list[dict[str, Any]]:
        return service.states(home, entity or ())

    @app.get("/changes")
    async def changes(
        after: Annotated[str, Query(max_length=64)] = "", wait_s: Annotated[float, Query(ge=0, le=30)] = 0
    ) -> dict[str, Any]:
        found = await service.changes.since(after, wait_s)
        return MessageToDict(found, preserving_proto_field_name=True)

    @app.put("/homes/{home}/entities/{entity:path}/state")
    async def set_by_hand(home: str, entity: str, body: dict[str, Any]) -> dict[str, Any]:
        return service.set_by_hand(home, entity, body)

    @app.get("/homes/{home}/effects")
    async def effects(
        home: str, limit: Annotated[int, Query(ge=1, le=MAX_EFFECTS)] = MAX_EFFECTS
    ) -> dict[str, Any]:
        found: list[EffectRecord] = service.homes.effects(home, limit=limit)
        return {"home": home, "effects": [asdict(effect) for effect in found]}


def _action_routes(app: FastAPI, service: HomeService) -> None:
    @app.post("/homes/{home}/actions")
    async def act(
        home: str, request: ActionRequest, traceparent: Annotated[str, Header(max_length=64)] = ""
    ) -> dict[str, Any]:
        return await service.act(home, request, traceparent)

    @app.post("/homes/{home}/commands")
    async def command(
        home: str, body: dict[str, Any], traceparent: Annotated[str, Header(max_length=64)] = ""
    ) -> dict[str, Any]:
        return await service.command(home, command_request(body), traceparent)

    @app.post("/homes/{home}/faults")
    async def fault(home: str, body: FaultBody, response: Response) -> dict[str, bool]:
        service.homes.home(home)
        taken = service.faults.set(home, Fault(**body.model_dump()))
        response.status_code = HTTPStatus.OK if taken else HTTPStatus.TOO_MANY_REQUESTS
        return {"set": taken}

    @app.delete("/homes/{home}/faults")
    async def clear(home: str) -> dict[str, bool]:
        service.faults.clear(home)
        return {"cleared": True}


def _row(effect: EffectRecord, request: AnyRequest, *, repeated: bool) -> events.Row:
    return events.effect(
        effect.action_id,
        home=effect.home,
        session=effect.session_id,
        fence=request.fence,
        function=effect.function,
        effect_at_ms=effect.at_ms,
        expires_at_ms=request.expires_at_ms,
        repeated=repeated,
    )


async def _refusal(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DuplexSLAError)
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), HTTPStatus.BAD_REQUEST)
    return JSONResponse({"code": error.code, "reason": str(error)}, status_code=status)


async def _invalid_request(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"][1:])
    reason = f"{where}: {first['msg']}"
    return JSONResponse({"code": "bad_input", "reason": reason}, status_code=HTTPStatus.UNPROCESSABLE_ENTITY)
