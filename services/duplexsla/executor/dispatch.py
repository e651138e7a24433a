"""What becomes of one action: it is claimed in the ledger, called on its device, and settled."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from opentelemetry.trace import Span, SpanKind

from duplexsla.backoff import Backoff
from duplexsla.errors import (
    ActionExpired,
    ActionRefused,
    AnswerLost,
    DeviceRefused,
    DeviceUnavailable,
    StaleFence,
)
from duplexsla.executor import messages
from duplexsla.executor.backends.device import Device, DeviceCall, Effect
from duplexsla.executor.breaker import Breakers, Target
from duplexsla.executor.crash_points import PassPoint, never
from duplexsla.executor.ledger.access import Away, LedgerAccess
from duplexsla.executor.ledger.ledger import Claim, Claimed, ClaimLost, Fenced, Ledger, Settled
from duplexsla.history import NO_HISTORY, HistoryLog, events
from duplexsla.telemetry import Telemetry, inject, names
from duplexsla.telemetry.tracing import Attributes
from duplexsla.v1 import action_pb2 as pb

BACKOFF = Backoff(first_s=0.05, most_s=0.8)
MAX_CALLS = 12  # of one action
CALL_S = 2.0  # the longest wait for one answer of a device
NO_LEDGER = "the ledger did not answer in time: nobody knew whether it was done before"


@dataclass(frozen=True)
class ActionResult:
    """`dead_letter`: the device was tried in vain, so the event also goes to the dead letters."""

    outcome: pb.ActionOutcome
    dead_letter: bool = False


@dataclass
class _Attempts:
    """One claimed action, and what was tried so far."""

    event: pb.ActionEvent
    arguments: dict[str, Any]
    target: Target
    claim_number: int
    still_ours: Callable[[], bool]
    maybe_done: bool  # some call was sent and its answer is unknown
    count: int = 0


class Dispatch:
    """Does actions, any number of them at once; order is the caller's concern.

    An action whose task is cancelled stays claimed: whoever reads its event next finds out what it must say.
    """

    def __init__(
        self,
        ledger: Ledger,
        device: Device,
        telemetry: Telemetry,
        *,
        now_ms: Callable[[], int],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        rng: random.Random | None = None,
        crash_point: PassPoint = never,
        breakers: Breakers | None = None,
        history: HistoryLog = NO_HISTORY,
    ) -> None:
        """`now_ms` is Unix time; `sleep` takes seconds."""
        self._ledger = LedgerAccess(ledger, now_ms=now_ms, sleep=sleep)
        self._device, self._telemetry, self._history = device, telemetry, history
        self._now_ms, self._sleep, self._crash_point = now_ms, sleep, crash_point
        self._rng = rng or random.Random()
        self._breakers = breakers or Breakers()

    @property
    def ledger_away(self) -> bool:
        return self._ledger.away

    @property
    def unwritten(self) -> int:
        """Outcomes that wait for the ledger."""
        return self._ledger.unwritten

    @property
    def open_breakers(self) -> int:
        return self._breakers.open

    async def run(
        self,
        event: pb.ActionEvent,
        parent: Span | str,
        *,
        first_reader: bool = True,
        still_ours: Callable[[], bool] = lambda: True,
    ) -> ActionResult | ClaimLost:
        """The outcome that stands for this event; raises nothing for what devices or the ledger do.

        `first_reader`: no other process can have read it before us; `still_ours`: none reads it now.
        ClaimLost: another process is at it.
        """
        attributes: Attributes = {
            names.ATTR_ACTION: event.action.id,
            names.ATTR_TOOL: event.action.function,
            names.ATTR_FENCE: event.fence,
        }
        name = f"{names.SPAN_EXECUTE} {event.action.function}"
        with self._telemetry.span(name, parent=parent, attributes=attributes) as span:
            result = await self._decide(event, span, first_reader, still_ours)
            if isinstance(result, ClaimLost):
                return result
            span.set_attribute(names.ATTR_STATE, messages.state_name(result.outcome.state))
            span.set_attribute(names.ATTR_ATTEMPTS, result.outcome.attempts)
            return result

    async def _decide(
        self, event: pb.ActionEvent, span: Span, first_reader: bool, still_ours: Callable[[], bool]
    ) -> ActionResult | ClaimLost:
        try:
            arguments = messages.valid_arguments(event)
        except ActionRefused as refusal:
            return _no_effect(event, pb.OUTCOME_STATE_REFUSED, str(refusal))  # by whoever reads it
        self._crash_point("read")
        claim = await self._claim(event, first_reader)
        if not isinstance(claim, Claimed):
            return _unclaimed(event, claim, first_reader)
        self._crash_point("claimed")
        target = messages.target_of(event, arguments)
        attempts = _Attempts(event, arguments, target, claim.number, still_ours, claim.resumed)
        result = await self._attempt(attempts, span)
        self._crash_point("called")
        if isinstance(result, ClaimLost) or result.outcome.state == pb.OUTCOME_STATE_FENCED:
            return result  # not settled: the newest owner may have asked for the same
        return await self._settle(event, result, claim.number)

    async def _claim(self, event: pb.ActionEvent, first_reader: bool) -> Claim | Away:
        claim = await self._ledger.claim(event, first_reader=first_reader)
        how = _claim_name(claim)
        self._history.write(
            events.action_claimed(event.action.id, session=event.session_id, fence=event.fence, how=how)
        )
        return claim

    async def _attempt(self, attempts: _Attempts, span: Span) -> ActionResult | ClaimLost:
        """Calls until one is final, the claim is lost, or there is no more time or no more calls."""
        event, target = attempts.event, attempts.target
        if attempts.maybe_done and event.delivery != pb.DELIVERY_IDEMPOTENT:
            return _no_effect(event, pb.OUTCOME_STATE_UNKNOWN, "it may have been done before: nobody knows")
        if self._now_ms() < event.expires_at_ms and not self._breakers.allows(target, self._now_ms()):
            reason = f"{target.device} has failed too often and is not called for now"
            return _ended(attempts, pb.OUTCOME_STATE_UNAVAILABLE, reason)
        for wait_s in (0.0, *islice(BACKOFF.waits_s(self._rng), MAX_CALLS - 1)):
            if self._now_ms() + wait_s * 1_000 >= event.expires_at_ms:
                return _ended(attempts, pb.OUTCOME_STATE_EXPIRED, "its time ran out")
            await self._sleep(wait_s)
            result = await self._check_claim(attempts) if attempts.count else None
            result = result or await self._call_once(attempts, span)
            if result is not None:
                return result
        return _ended(attempts, pb.OUTCOME_STATE_UNAVAILABLE, "the device cannot be reached")

    async def _check_claim(self, attempts: _Attempts) -> ActionResult | ClaimLost | None:
        """The end of an action whose session got another owner, or which somebody else does; else None."""
        if not attempts.still_ours():
            return ClaimLost()
        claim = await self._ledger.hold(attempts.event, attempts.claim_number)
        if isinstance(claim, Settled):
            return ActionResult(claim.outcome)
        if isinstance(claim, Fenced):
            return _ended(attempts, pb.OUTCOME_STATE_FENCED, _older(attempts.event, claim))
        if claim == "away":
            return _ended(attempts, pb.OUTCOME_STATE_EXPIRED, NO_LEDGER)
        return claim if isinstance(claim, ClaimLost) else None

    async def _call_once(self, attempts: _Attempts, span: Span) -> ActionResult | None:
        """One call; None when it may be made again."""
        event, target = attempts.event, attempts.target
        attempts.count += 1
        try:
            effect = await self._call(attempts, span)
        except AnswerLost as silence:
            self._breakers.failed(target, self._now_ms())
            attempts.maybe_done = True
            again = event.delivery == pb.DELIVERY_IDEMPOTENT
            return None if again else _ended(attempts, pb.OUTCOME_STATE_UNKNOWN, str(silence))
        except DeviceUnavailable:
            self._breakers.failed(target, self._now_ms())
            return None
        except (DeviceRefused, ActionRefused, StaleFence, ActionExpired) as refusal:
            self._breakers.answered(target)
            state = messages.state_of(refusal)
            if attempts.maybe_done:  # an earlier call may have had the effect that this one has not
                state = pb.OUTCOME_STATE_UNKNOWN
            return _no_effect(event, state, str(refusal), attempts=attempts.count)
        self._breakers.answered(target)
        return ActionResult(messages.done(event, effect, attempts=attempts.count))

    async def _call(self, attempts: _Attempts, span: Span) -> Effect:
        event = attempts.event
        attributes: Attributes = {names.ATTR_ACTION: event.action.id, names.ATTR_ATTEMPTS: attempts.count}
        timeout_s = min(CALL_S, (event.expires_at_ms - self._now_ms()) / 1000)
        with self._telemetry.span(
            names.SPAN_DEVICE, parent=span, kind=SpanKind.CLIENT, attributes=attributes
        ) as calling:
            traceparent = inject(calling) if self._telemetry.recording else ""
            self._history.write(events.action_called(event.action.id, attempt=attempts.count))
            call = DeviceCall(event, attempts.arguments, traceparent)
            return await self._device.call(call, timeout_s=timeout_s)

    async def _settle(
        self, event: pb.ActionEvent, result: ActionResult, claim_number: int
    ) -> ActionResult | ClaimLost:
        """Settles the action in the ledger; one that is away keeps no outcome from being published."""
        standing = await self._ledger.settle(event, result.outcome, claim_number)
        if isinstance(standing, ClaimLost):
            return standing
        self._history.write(
            events.action_settled(
                event.action.id,
                state=messages.state_name(result.outcome.state),
                standing=messages.state_name(standing.state),
            )
        )
        self._crash_point("settled")
        return ActionResult(standing, result.dead_letter)


def _unclaimed(event: pb.ActionEvent, claim: Settled | Fenced | Away, first_reader: bool) -> ActionResult:
    """The result of an action that is not ours to do."""
    if claim == "away":
        state = pb.OUTCOME_STATE_UNAVAILABLE if first_reader else pb.OUTCOME_STATE_UNKNOWN
        return _no_effect(event, state, NO_LEDGER)
    if isinstance(claim, Settled):
        return ActionResult(claim.outcome)
    state = pb.OUTCOME_STATE_UNKNOWN if claim.resumed else pb.OUTCOME_STATE_FENCED
    return _no_effect(event, state, _older(event, claim))


def _older(event: pb.ActionEvent, claim: Fenced) -> str:
    return f"fence {event.fence} is older than {claim.newest}"


def _no_effect(
    event: pb.ActionEvent, state: pb.OutcomeState, reason: str, *, attempts: int = 0
) -> ActionResult:
    return ActionResult(messages.outcome(event, state, reason, attempts=attempts))


def _ended(attempts: _Attempts, state: pb.OutcomeState, reason: str) -> ActionResult:
    """The end of all attempts: a dead letter if there were any, unknown if one may have had its effect."""
    if attempts.maybe_done:
        state = pb.OUTCOME_STATE_UNKNOWN
    outcome = messages.outcome(attempts.event, state, reason, attempts=attempts.count)
    return ActionResult(outcome, dead_letter=attempts.count > 0)


def _claim_name(claim: Claim | Away) -> str:
    if claim == "away":
        return "away"
    if isinstance(claim, Settled):
        return "settled"
    if isinstance(claim, Fenced):
        return "fenced"
    return "resumed" if claim.resumed else "claimed"
