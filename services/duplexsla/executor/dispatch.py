"""What becomes of one action: the decision, the calls, the outcome."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from opentelemetry.trace import Span, SpanKind

from duplexsla.errors import ActionRefused, DeviceRefused, DeviceUnavailable, StaleFence
from duplexsla.executor import outcomes
from duplexsla.executor.backends import Call, Device, Effect, NoAnswer, TooLate
from duplexsla.executor.breaker import Breakers, Target
from duplexsla.executor.crash_points import CrashPoint, never
from duplexsla.executor.ledger import Claim, Fenced, Ledger, Settled
from duplexsla.executor.ledger_access import Away, LedgerAccess
from duplexsla.executor.retry import Retry
from duplexsla.history import NO_HISTORY, Record, events
from duplexsla.telemetry import Telemetry, inject, names
from duplexsla.telemetry.tracing import Attributes
from duplexsla.tools import TOOLSETS
from duplexsla.v1 import action_pb2 as pb

CALL_S = 2.0  # the longest wait for one answer of a device
NO_LEDGER = "the ledger is away: what must not happen twice is not tried"


@dataclass(frozen=True)
class Verdict:
    """`given_up`: the device was tried in vain, so the event also goes to the dead letters."""

    outcome: pb.ActionOutcome
    given_up: bool = False


@dataclass
class _Attempts:
    """What was tried so far; `maybe_done`: some call was sent and its answer is unknown."""

    count: int = 0
    maybe_done: bool = False


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
        retry: Retry | None = None,
        crash_point: CrashPoint = never,
        breakers: Breakers | None = None,
        history: Record = NO_HISTORY,
    ) -> None:
        """`now_ms` is Unix time; `sleep` takes seconds."""
        self._ledger = LedgerAccess(ledger, now_ms=now_ms, sleep=sleep)
        self._device, self._telemetry, self._history = device, telemetry, history
        self._now_ms, self._sleep, self._crash_point = now_ms, sleep, crash_point
        self._retry, self._rng = retry or Retry(), random.Random()
        self._breakers = breakers or Breakers()

    @property
    def ledger_away(self) -> bool:
        return self._ledger.away

    @property
    def open_breakers(self) -> int:
        return self._breakers.open

    async def run(self, event: pb.ActionEvent, parent: Span | str) -> Verdict:
        """The outcome that stands for this event; raises nothing for what devices or the ledger do."""
        attributes: Attributes = {
            names.ATTR_ACTION: event.action.id,
            names.ATTR_TOOL: event.action.function,
            names.ATTR_FENCE: event.fence,
        }
        name = f"{names.SPAN_EXECUTE} {event.action.function}"
        with self._telemetry.span(name, parent=parent, attributes=attributes) as span:
            verdict = await self._decide(event, span)
            span.set_attribute(names.ATTR_STATE, pb.OutcomeState.Name(verdict.outcome.state))
            span.set_attribute(names.ATTR_ATTEMPTS, verdict.outcome.attempts)
            return verdict

    async def _decide(self, event: pb.ActionEvent, span: Span) -> Verdict:
        try:
            arguments = _valid_arguments(event)
        except ActionRefused as refusal:
            return await self._settle(event, _verdict(event, pb.OUTCOME_STATE_REFUSED, str(refusal)))
        self._crash_point("taken")
        claim = await self._ledger.claim(event)
        self._history.write(
            events.action_claimed(
                event.action.id, session=event.session_id, fence=event.fence, how=_how(claim)
            )
        )
        if claim == "away":
            return _verdict(event, pb.OUTCOME_STATE_UNAVAILABLE, NO_LEDGER)
        if isinstance(claim, Settled):
            return Verdict(claim.outcome)
        if isinstance(claim, Fenced):
            reason = f"fence {event.fence} is older than {claim.newest}"
            state = pb.OUTCOME_STATE_UNKNOWN if claim.resumed else pb.OUTCOME_STATE_FENCED
            return await self._settle(event, _verdict(event, state, reason))
        self._crash_point("claimed")
        verdict = await self._work(event, arguments, span, _Attempts(maybe_done=claim.resumed))
        self._crash_point("called")
        return await self._settle(event, verdict)

    async def _work(
        self, event: pb.ActionEvent, arguments: dict[str, Any], span: Span, attempts: _Attempts
    ) -> Verdict:
        if attempts.maybe_done and event.delivery != pb.DELIVERY_IDEMPOTENT:
            return _verdict(event, pb.OUTCOME_STATE_UNKNOWN, "it may have been done before: nobody knows")
        target = _target(event, arguments)
        if self._now_ms() < event.expires_at_ms and not self._breakers.allows(target, self._now_ms()):
            reason = f"{target.device} has failed too often, and is left alone for now"
            return _ended(event, attempts, pb.OUTCOME_STATE_UNAVAILABLE, reason)
        for wait_ms in (0.0, *self._retry.waits_ms(self._rng)):
            if self._now_ms() + wait_ms >= event.expires_at_ms:
                return _ended(event, attempts, pb.OUTCOME_STATE_EXPIRED, "its time ran out")
            await self._sleep(wait_ms / 1000)
            verdict = await self._try(event, arguments, span, attempts)
            if verdict is not None:
                return verdict
        return _ended(event, attempts, pb.OUTCOME_STATE_UNAVAILABLE, "the device cannot be reached")

    async def _try(
        self, event: pb.ActionEvent, arguments: dict[str, Any], span: Span, attempts: _Attempts
    ) -> Verdict | None:
        """One call; None when it may be tried again."""
        attempts.count += 1
        target = _target(event, arguments)
        try:
            effect = await self._call(event, arguments, span, attempts.count)
        except NoAnswer as silence:
            self._breakers.failed(target, self._now_ms())
            attempts.maybe_done = True
            again = event.delivery == pb.DELIVERY_IDEMPOTENT
            return None if again else _ended(event, attempts, pb.OUTCOME_STATE_UNKNOWN, str(silence))
        except DeviceUnavailable:
            self._breakers.failed(target, self._now_ms())
            return None
        except (DeviceRefused, ActionRefused, StaleFence, TooLate) as refusal:
            self._breakers.answered(target)
            state = outcomes.state_of(refusal)
            if attempts.maybe_done:  # an earlier call may have had the effect that this one has not
                state = pb.OUTCOME_STATE_UNKNOWN
            return _verdict(event, state, str(refusal), attempts)
        self._breakers.answered(target)
        return Verdict(outcomes.done(event, effect, attempts=attempts.count))

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
            return await self._device.call(_call(event, arguments, traceparent), timeout_s=timeout_s)

    async def _settle(self, event: pb.ActionEvent, verdict: Verdict) -> Verdict:
        """Writes the outcome down. A ledger that is away does not keep it from being told."""
        standing = await self._ledger.settle(event, verdict.outcome)
        self._history.write(
            events.action_settled(
                event.action.id,
                state=outcomes.name_of(verdict.outcome.state),
                standing=outcomes.name_of(standing.state),
            )
        )
        self._crash_point("settled")
        return Verdict(standing, verdict.given_up)


def _verdict(
    event: pb.ActionEvent, state: pb.OutcomeState, reason: str, attempts: _Attempts | None = None
) -> Verdict:
    return Verdict(outcomes.outcome(event, state, reason, attempts=attempts.count if attempts else 0))


def _ended(event: pb.ActionEvent, attempts: _Attempts, state: pb.OutcomeState, reason: str) -> Verdict:
    """The end of all attempts: given up if there were any, unknown if one may have had its effect."""
    if attempts.maybe_done:
        state = pb.OUTCOME_STATE_UNKNOWN
    told = outcomes.outcome(event, state, reason, attempts=attempts.count)
    return Verdict(told, given_up=attempts.count > 0)


def _how(claim: Claim | Away) -> str:
    if claim == "away":
        return "away"
    if isinstance(claim, Settled):
        return "settled"
    if isinstance(claim, Fenced):
        return "fenced"
    return "resumed" if claim.resumed else "claimed"


def _target(event: pb.ActionEvent, arguments: dict[str, Any]) -> Target:
    """The device that the call is for, as far as its arguments name one; else the function is its own."""
    named = arguments.get("device") or arguments.get("door")
    device = f"{arguments.get('room', '')} {named}".strip() if named else event.action.function
    return Target(event.home, device)


def _valid_arguments(event: pb.ActionEvent) -> dict[str, Any]:
    """Raises ActionRefused."""
    toolset = TOOLSETS.get(event.toolset)
    if toolset is None:
        raise ActionRefused(f"no toolset {event.toolset[:64]!r}")
    try:
        arguments = json.loads(event.action.arguments_json or "{}")
    except (ValueError, RecursionError) as error:
        raise ActionRefused(f"arguments are no JSON: {error}") from error
    if not isinstance(arguments, dict):
        raise ActionRefused("arguments are no JSON object")
    return dict(toolset.validate(event.action.function, arguments))


def _call(event: pb.ActionEvent, arguments: dict[str, Any], traceparent: str) -> Call:
    return Call(
        action_id=event.action.id,
        session_id=event.session_id,
        fence=event.fence,
        home=event.home,
        toolset=event.toolset,
        function=event.action.function,
        arguments=arguments,
        expires_at_ms=event.expires_at_ms,
        traceparent=traceparent,
    )
