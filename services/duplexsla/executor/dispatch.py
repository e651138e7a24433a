"""What becomes of one action: the decision, the calls, the outcome."""

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
from duplexsla.executor import outcomes
from duplexsla.executor.backends.device import Device, Effect
from duplexsla.executor.breaker import Breakers
from duplexsla.executor.calls import call_of, target_of, valid_arguments
from duplexsla.executor.crash_points import CrashPoint, never
from duplexsla.executor.ledger.access import Away, LedgerAccess
from duplexsla.executor.ledger.ledger import Claim, Fenced, Ledger, Settled, Superseded
from duplexsla.history import NO_HISTORY, HistoryLog, events
from duplexsla.telemetry import Telemetry, inject, names
from duplexsla.telemetry.tracing import Attributes
from duplexsla.v1 import action_pb2 as pb

BACKOFF = Backoff(first_s=0.05, most_s=0.8)
MAX_CALLS = 12  # of one action
CALL_S = 2.0  # the longest wait for one answer of a device
NO_LEDGER = "the ledger did not answer in time: nobody knew whether it was done before"


@dataclass(frozen=True)
class Disposition:
    """`given_up`: the device was tried in vain, so the event also goes to the dead letters."""

    outcome: pb.ActionOutcome
    given_up: bool = False


@dataclass
class _Attempts:
    """What was tried so far; `maybe_done`: some call was sent and its answer is unknown."""

    turn: int  # of the claim
    ours: Callable[[], bool]
    maybe_done: bool
    count: int = 0


class Dispatch:
    """Does actions, any number of them at once; order is the caller's concern."""

    def __init__(
        self,
        ledger: Ledger,
        device: Device,
        telemetry: Telemetry,
        *,
        now_ms: Callable[[], int],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        rng: random.Random | None = None,
        crash_point: CrashPoint = never,
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
        fresh: bool = True,
        ours: Callable[[], bool] = lambda: True,
    ) -> Disposition | Superseded:
        """The outcome that stands for this event; raises nothing for what devices or the ledger do.

        `fresh`: no other process can have read it before us; `ours`: no other process reads it now.
        Superseded: another process is at it.
        """
        attributes: Attributes = {
            names.ATTR_ACTION: event.action.id,
            names.ATTR_TOOL: event.action.function,
            names.ATTR_FENCE: event.fence,
        }
        name = f"{names.SPAN_EXECUTE} {event.action.function}"
        with self._telemetry.span(name, parent=parent, attributes=attributes) as span:
            verdict = await self._decide(event, span, fresh, ours)
            if isinstance(verdict, Superseded):
                return verdict
            span.set_attribute(names.ATTR_STATE, pb.OutcomeState.Name(verdict.outcome.state))
            span.set_attribute(names.ATTR_ATTEMPTS, verdict.outcome.attempts)
            return verdict

    async def _decide(
        self, event: pb.ActionEvent, span: Span, fresh: bool, ours: Callable[[], bool]
    ) -> Disposition | Superseded:
        try:
            arguments = valid_arguments(event)
        except ActionRefused as refusal:
            return _verdict(event, pb.OUTCOME_STATE_REFUSED, str(refusal))  # by whoever reads it
        self._crash_point("taken")
        claim = await self._ledger.claim(event, fresh=fresh)
        self._history.write(
            events.action_claimed(
                event.action.id, session=event.session_id, fence=event.fence, how=_how(claim)
            )
        )
        if claim == "away":
            state = pb.OUTCOME_STATE_UNAVAILABLE if fresh else pb.OUTCOME_STATE_UNKNOWN
            return _verdict(event, state, NO_LEDGER)
        if isinstance(claim, Settled):
            return Disposition(claim.outcome)
        if isinstance(claim, Fenced):
            state = pb.OUTCOME_STATE_UNKNOWN if claim.resumed else pb.OUTCOME_STATE_FENCED
            return _verdict(event, state, _older(event, claim))
        self._crash_point("claimed")
        attempts = _Attempts(claim.turn, ours, claim.resumed)
        verdict = await self._work(event, arguments, span, attempts)
        self._crash_point("called")
        if isinstance(verdict, Superseded) or verdict.outcome.state == pb.OUTCOME_STATE_FENCED:
            return verdict  # not settled: the newest owner may have asked for the same
        return await self._settle(event, verdict, attempts.turn)

    async def _work(
        self, event: pb.ActionEvent, arguments: dict[str, Any], span: Span, attempts: _Attempts
    ) -> Disposition | Superseded:
        if attempts.maybe_done and event.delivery != pb.DELIVERY_IDEMPOTENT:
            return _verdict(event, pb.OUTCOME_STATE_UNKNOWN, "it may have been done before: nobody knows")
        target = target_of(event, arguments)
        if self._now_ms() < event.expires_at_ms and not self._breakers.allows(target, self._now_ms()):
            reason = f"{target.device} has failed too often, and is left alone for now"
            return _ended(event, attempts, pb.OUTCOME_STATE_UNAVAILABLE, reason)
        for wait_s in (0.0, *islice(BACKOFF.waits_s(self._rng), MAX_CALLS - 1)):
            if self._now_ms() + wait_s * 1_000 >= event.expires_at_ms:
                return _ended(event, attempts, pb.OUTCOME_STATE_EXPIRED, "its time ran out")
            await self._sleep(wait_s)
            verdict = await self._overtaken(event, attempts) if attempts.count else None
            verdict = verdict or await self._try(event, arguments, span, attempts)
            if verdict is not None:
                return verdict
        return _ended(event, attempts, pb.OUTCOME_STATE_UNAVAILABLE, "the device cannot be reached")

    async def _overtaken(self, event: pb.ActionEvent, attempts: _Attempts) -> Disposition | Superseded | None:
        """The end of an action whose session got another owner, or which somebody else does, meanwhile."""
        if not attempts.ours():
            return Superseded()
        claim = await self._ledger.hold(event, attempts.turn)
        if isinstance(claim, Settled):
            return Disposition(claim.outcome)
        if isinstance(claim, Fenced):
            return _ended(event, attempts, pb.OUTCOME_STATE_FENCED, _older(event, claim))
        if claim == "away":
            return _ended(event, attempts, pb.OUTCOME_STATE_EXPIRED, NO_LEDGER)
        return claim if isinstance(claim, Superseded) else None

    async def _try(
        self, event: pb.ActionEvent, arguments: dict[str, Any], span: Span, attempts: _Attempts
    ) -> Disposition | None:
        """One call; None when it may be tried again."""
        attempts.count += 1
        target = target_of(event, arguments)
        try:
            effect = await self._call(event, arguments, span, attempts.count)
        except AnswerLost as silence:
            self._breakers.failed(target, self._now_ms())
            attempts.maybe_done = True
            again = event.delivery == pb.DELIVERY_IDEMPOTENT
            return None if again else _ended(event, attempts, pb.OUTCOME_STATE_UNKNOWN, str(silence))
        except DeviceUnavailable:
            self._breakers.failed(target, self._now_ms())
            return None
        except (DeviceRefused, ActionRefused, StaleFence, ActionExpired) as refusal:
            self._breakers.answered(target)
            state = outcomes.state_of(refusal)
            if attempts.maybe_done:  # an earlier call may have had the effect that this one has not
                state = pb.OUTCOME_STATE_UNKNOWN
            return _verdict(event, state, str(refusal), attempts)
        self._breakers.answered(target)
        return Disposition(outcomes.done(event, effect, attempts=attempts.count))

    async def _call(
        self, event: pb.ActionEvent, arguments: dict[str, Any], span: Span, attempt: int
    ) -> Effect:
        attributes: Attributes = {names.ATTR_ACTION: event.action.id, names.ATTR_ATTEMPTS: attempt}
        timeout_s = min(CALL_S, (event.expires_at_ms - self._now_ms()) / 1000)
        with self._telemetry.span(
            names.SPAN_DEVICE, parent=span, kind=SpanKind.CLIENT, attributes=attributes
        ) as calling:
            traceparent = inject(calling) if self._telemetry.recording else ""
            self._history.write(events.action_called(event.action.id, attempt=attempt))
            return await self._device.call(call_of(event, arguments, traceparent), timeout_s=timeout_s)

    async def _settle(
        self, event: pb.ActionEvent, verdict: Disposition, turn: int
    ) -> Disposition | Superseded:
        """Writes the outcome down. A ledger that is away does not keep it from being told."""
        standing = await self._ledger.settle(event, verdict.outcome, turn)
        if isinstance(standing, Superseded):
            return standing
        self._history.write(
            events.action_settled(
                event.action.id,
                state=outcomes.name_of(verdict.outcome.state),
                standing=outcomes.name_of(standing.state),
            )
        )
        self._crash_point("settled")
        return Disposition(standing, verdict.given_up)


def _older(event: pb.ActionEvent, claim: Fenced) -> str:
    return f"fence {event.fence} is older than {claim.newest}"


def _verdict(
    event: pb.ActionEvent, state: pb.OutcomeState, reason: str, attempts: _Attempts | None = None
) -> Disposition:
    return Disposition(outcomes.outcome(event, state, reason, attempts=attempts.count if attempts else 0))


def _ended(event: pb.ActionEvent, attempts: _Attempts, state: pb.OutcomeState, reason: str) -> Disposition:
    """The end of all attempts: given up if there were any, unknown if one may have had its effect."""
    if attempts.maybe_done:
        state = pb.OUTCOME_STATE_UNKNOWN
    told = outcomes.outcome(event, state, reason, attempts=attempts.count)
    return Disposition(told, given_up=attempts.count > 0)


def _how(claim: Claim | Away) -> str:
    if claim == "away":
        return "away"
    if isinstance(claim, Settled):
        return "settled"
    if isinstance(claim, Fenced):
        return "fenced"
    return "resumed" if claim.resumed else "claimed"
