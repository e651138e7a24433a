"""The calls of one claimed effect: made until one is final, the claim is lost, or there is no more time."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
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
    EffectUnproven,
    StaleFence,
)
from duplexsla.executor import messages
from duplexsla.executor.backends.device import Device, DeviceCall, Effect
from duplexsla.executor.breaker import Breakers, Target
from duplexsla.executor.ledger.access import LedgerAccess
from duplexsla.executor.ledger.ledger import Claimed, ClaimLost, Fenced, Settled
from duplexsla.history import NO_HISTORY, HistoryLog, events
from duplexsla.telemetry import Telemetry, inject, names
from duplexsla.telemetry.tracing import Attributes
from duplexsla.v1 import action_pb2 as pb
from duplexsla.v1.home_pb2 import EntityCommand, EntityState

BACKOFF = Backoff(first_s=0.05, most_s=0.8)
MAX_CALLS = 12  # of one effect
NO_LEDGER = "the ledger did not answer in time: nobody knew whether it was done before"


@dataclass(frozen=True)
class ActionResult:
    """`dead_letter`: the device was tried in vain, so the event also goes to the dead letters.

    `left`: the devices as the effect left them.
    """

    outcome: pb.ActionOutcome
    dead_letter: bool = False
    left: tuple[EntityState, ...] = ()


@dataclass(frozen=True)
class ClaimedAction:
    """An action, or one effect of it, that is ours to do.

    `still_ours`: no other process reads its record now; `first_reader`: none can have read it before us.
    `partition`: the number that its home has in the topics.
    """

    event: pb.ActionEvent
    claim: Claimed
    span: Span
    first_reader: bool
    still_ours: Callable[[], bool]
    partition: int = 0


@dataclass
class _Attempts:
    """One effect, and what was tried so far."""

    action: ClaimedAction
    arguments: Mapping[str, Any]
    command: EntityCommand | None
    target: Target
    maybe_done: bool  # some call was sent and its answer is unknown
    count: int = 0

    @property
    def event(self) -> pb.ActionEvent:
        return self.action.event


class DeviceCalls:
    """Any number of effects at once. One whose task is cancelled may have been had."""

    def __init__(
        self,
        ledger: LedgerAccess,
        device: Device,
        telemetry: Telemetry,
        *,
        now_ms: Callable[[], int],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        rng: random.Random | None = None,
        breakers: Breakers | None = None,
        history: HistoryLog = NO_HISTORY,
    ) -> None:
        """`now_ms` is Unix time; `sleep` takes seconds."""
        self._ledger, self._device, self._telemetry, self._history = ledger, device, telemetry, history
        self._now_ms, self._sleep = now_ms, sleep
        self._rng, self._breakers = rng or random.Random(), breakers or Breakers()

    @property
    def open_breakers(self) -> int:
        return self._breakers.open

    async def attempt(
        self,
        action: ClaimedAction,
        arguments: Mapping[str, Any],
        command: EntityCommand | None,
        target: Target,
    ) -> ActionResult | ClaimLost:
        """What became of the effect; raises nothing for what devices or the ledger do."""
        attempts = _Attempts(action, arguments, command, target, action.claim.resumed)
        event = action.event
        if attempts.maybe_done and event.delivery != pb.DELIVERY_IDEMPOTENT:
            return no_effect(event, pb.OUTCOME_STATE_UNKNOWN, "it may have been done before: nobody knows")
        if self._now_ms() < event.expires_at_ms and not self._breakers.allows(target, self._now_ms()):
            reason = f"{target.device} has failed too often and is not called for now"
            return _ended(attempts, pb.OUTCOME_STATE_UNAVAILABLE, reason)
        for wait_s in (0.0, *islice(BACKOFF.waits_s(self._rng), MAX_CALLS - 1)):
            if self._now_ms() + wait_s * 1_000 >= event.expires_at_ms:
                return _ended(attempts, pb.OUTCOME_STATE_EXPIRED, "its time ran out")
            await self._sleep(wait_s)
            result = await self._check_claim(attempts) if attempts.count else None
            result = result or await self._call_once(attempts)
            if result is not None:
                return result
        return _ended(attempts, pb.OUTCOME_STATE_UNAVAILABLE, "the device cannot be reached")

    async def _check_claim(self, attempts: _Attempts) -> ActionResult | ClaimLost | None:
        """The end of an effect whose session got another owner, or which somebody else does; else None."""
        if not attempts.action.still_ours():
            return ClaimLost()
        claim = await self._ledger.hold(attempts.event, attempts.action.claim.number)
        if isinstance(claim, Settled):
            return ActionResult(claim.outcome)
        if isinstance(claim, Fenced):
            return _ended(attempts, pb.OUTCOME_STATE_FENCED, older(attempts.event, claim))
        if claim == "away":
            return _ended(attempts, pb.OUTCOME_STATE_EXPIRED, NO_LEDGER)
        return claim if isinstance(claim, ClaimLost) else None

    async def _call_once(self, attempts: _Attempts) -> ActionResult | None:
        """One call; None when it may be made again."""
        event, target = attempts.event, attempts.target
        attempts.count += 1
        try:
            effect = await self._call(attempts)
        except AnswerLost as silence:
            self._breakers.failed(target, self._now_ms())
            attempts.maybe_done = True
            again = event.delivery == pb.DELIVERY_IDEMPOTENT and not isinstance(silence, EffectUnproven)
            return None if again else _ended(attempts, pb.OUTCOME_STATE_UNKNOWN, str(silence))
        except DeviceUnavailable:
            self._breakers.failed(target, self._now_ms())
            return None
        except (DeviceRefused, ActionRefused, StaleFence, ActionExpired) as refusal:
            self._breakers.answered(target)
            state = messages.state_of(refusal)
            if attempts.maybe_done:  # an earlier call may have had the effect that this one has not
                state = pb.OUTCOME_STATE_UNKNOWN
            return no_effect(event, state, str(refusal), attempts=attempts.count)
        self._breakers.answered(target)
        left = (effect.state,) if effect.state is not None else ()
        return ActionResult(messages.done(event, effect, attempts=attempts.count), left=left)

    async def _call(self, attempts: _Attempts) -> Effect:
        event = attempts.event
        attributes: Attributes = {names.ATTR_ACTION: event.action.id, names.ATTR_ATTEMPTS: attempts.count}
        timeout_s = (event.expires_at_ms - self._now_ms()) / 1000
        with self._telemetry.span(
            names.SPAN_DEVICE, parent=attempts.action.span, kind=SpanKind.CLIENT, attributes=attributes
        ) as calling:
            traceparent = inject(calling) if self._telemetry.recording else ""
            self._history.write(events.action_called(event.action.id, attempt=attempts.count))
            call = DeviceCall(event, attempts.arguments, attempts.command, traceparent)
            return await self._device.call(call, timeout_s=timeout_s)


def older(event: pb.ActionEvent, claim: Fenced) -> str:
    return f"fence {event.fence} is older than {claim.newest}"


def no_effect(
    event: pb.ActionEvent, state: pb.OutcomeState, reason: str, *, attempts: int = 0
) -> ActionResult:
    return ActionResult(messages.outcome(event, state, reason, attempts=attempts))


def _ended(attempts: _Attempts, state: pb.OutcomeState, reason: str) -> ActionResult:
    """The end of all attempts: a dead letter if there were any, unknown if one may have had its effect."""
    if attempts.maybe_done:
        state = pb.OUTCOME_STATE_UNKNOWN
    outcome = messages.outcome(attempts.event, state, reason, attempts=attempts.count)
    return ActionResult(outcome, dead_letter=attempts.count > 0)
