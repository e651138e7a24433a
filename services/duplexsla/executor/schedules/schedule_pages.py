"""How a program lists, moves and cancels what is to happen later: pages of an executor's control port.

    GET    /schedules?home=HOME                       {"later": [{id, what, due_at_ms, ...}]}
    PUT    /schedules?home=HOME&id=ID&due_at_ms=MS    moves one; one that recurs goes on from there
    DELETE /schedules?home=HOME&id=ID                 cancels one

`tenant` says whose home it is, where there are several. Any executor may be asked: what is asked for goes
through the topic of actions to the one that has the home, in the order of the home's actions, and past the
policy (origin "api"). They are for whoever may drain. Answers: 200, 400 for what is missing, 403 where the
caller may not, or the policy denies or would ask, 409 for what is no more, 422 for a time that cannot be,
503 when nobody has answered: it may happen then.
"""

import asyncio
import hashlib
import json
import uuid
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import parse_qs

from duplexsla.errors import BadInput, BrokerLost
from duplexsla.executor import messages
from duplexsla.executor.broker.ports import OutcomeSink
from duplexsla.executor.ledger.access import LedgerAccess
from duplexsla.protocol.topics import ACTIONS_TOPIC, home_key
from duplexsla.runtime.control import (
    FORBIDDEN,
    ControlPages,
    Drainable,
    HealthReport,
    MayDo,
    PageAnswer,
    RenderMetrics,
    on_this_machine,
)
from duplexsla.v1 import action_pb2 as pb

PATH = "/schedules"
EXPIRES_MS = 5_000
LOOK_S = 0.05  # between two looks at the ledger
FENCE = 1  # a program has no owner that changes
INTENTS = {"GET": pb.INTENT_DO, "PUT": pb.INTENT_MOVE, "DELETE": pb.INTENT_CANCEL}
STATUS = {
    pb.OUTCOME_STATE_DONE: HTTPStatus.OK,
    pb.OUTCOME_STATE_CONFIRM: HTTPStatus.FORBIDDEN,
    pb.OUTCOME_STATE_DENIED: HTTPStatus.FORBIDDEN,
    pb.OUTCOME_STATE_FAILED: HTTPStatus.CONFLICT,
    pb.OUTCOME_STATE_REFUSED: HTTPStatus.UNPROCESSABLE_ENTITY,
}


class SchedulePages(ControlPages):
    """The control port's pages, and these."""

    def __init__(
        self,
        report: HealthReport,
        drain: Drainable,
        metrics: RenderMetrics,
        *,
        sink: OutcomeSink,
        ledger: LedgerAccess,
        now_ms: Callable[[], int],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        may_do: MayDo = on_this_machine,
    ) -> None:
        super().__init__(report, drain, metrics, may_do=may_do)
        self._sink, self._ledger, self._now_ms, self._sleep = sink, ledger, now_ms, sleep

    async def answer(
        self, method: str, target: str, accept: str = "", *, peer: str = "", authorization: str = ""
    ) -> PageAnswer:
        """Cancelling it ends the wait alone: what was asked for goes on."""
        path, _, query = target.partition("?")
        if path != PATH or method not in INTENTS:
            return await super().answer(method, target, accept, peer=peer, authorization=authorization)
        if not await self.may_do(peer, authorization):
            return FORBIDDEN
        try:
            event = request_event(INTENTS[method], query, self._now_ms())
        except BadInput as error:
            return _told(HTTPStatus.BAD_REQUEST, reason=str(error))
        try:
            await self._sink.write(
                ACTIONS_TOPIC, home_key(event.tenant, event.home), event.SerializeToString(), {}
            )
        except BrokerLost as error:
            return _told(HTTPStatus.SERVICE_UNAVAILABLE, action=event.action.id, reason=str(error))
        return self._answered(event, await self._outcome(event))

    async def _outcome(self, event: pb.ActionEvent) -> pb.ActionOutcome | None:
        """From the ledger; None when its time is over."""
        while self._now_ms() < event.expires_at_ms:
            standing = await self._ledger.outcome(event)
            if isinstance(standing, pb.ActionOutcome):
                return standing
            await self._sleep(LOOK_S)
        return None

    def _answered(self, event: pb.ActionEvent, outcome: pb.ActionOutcome | None) -> PageAnswer:
        if outcome is None:
            reason = "nobody has answered: it may happen"
            return _told(HTTPStatus.SERVICE_UNAVAILABLE, action=event.action.id, reason=reason)
        status = STATUS.get(outcome.state, HTTPStatus.SERVICE_UNAVAILABLE)
        if event.intent == pb.INTENT_DO and status is HTTPStatus.OK:
            return _told(status, later=json.loads(outcome.result_json)["later"])
        state = messages.state_name(outcome.state)
        return _told(status, action=event.action.id, state=state, reason=outcome.reason)


def request_event(intent: pb.Intent, query: str, now_ms: int) -> pb.ActionEvent:
    """Raises BadInput for what is missing."""
    given = {name: values[0] for name, values in parse_qs(query).items()}
    tenant, home = given.get("tenant", ""), given.get("home", "")
    if not home:
        raise BadInput("home is missing")
    if intent != pb.INTENT_DO and not 0 < len(given.get("id", "")) <= messages.MAX_ID_CHARS:
        raise BadInput("id is missing")
    due = given.get("due_at_ms", "")
    if intent == pb.INTENT_MOVE and not (due.isascii() and due.isdigit() and len(due) < 16):  # noqa: PLR2004
        raise BadInput("due_at_ms is missing: Unix time in ms")
    digest = hashlib.blake2b(b"api\0" + home_key(tenant, home), digest_size=8).digest()
    return pb.ActionEvent(
        action=pb.Action(
            id=f"api-{uuid.uuid4().hex}", function="query_later" if intent == pb.INTENT_DO else ""
        ),
        session_id=int.from_bytes(digest),
        tenant=tenant,
        home=home,
        toolset="home",
        fence=FENCE,
        emitted_at_ms=now_ms,
        expires_at_ms=now_ms + EXPIRES_MS,
        delivery=pb.DELIVERY_IDEMPOTENT,
        intent=intent,
        refers_to="" if intent == pb.INTENT_DO else given["id"],
        origin=pb.ORIGIN_API,
        due_at_ms=int(due) if intent == pb.INTENT_MOVE else 0,
    )


def _told(status: HTTPStatus, **said: object) -> PageAnswer:
    return PageAnswer(
        status, json.dumps({name: value for name, value in said.items() if value != ""}).encode()
    )
