"""What an action comes to: the gates in their order. Nothing is changed.

Attention, resolver, confidence and words heard, policy: `duplexsla.gates` holds the table. Then: the same
sentence that another satellite heard is a duplicate.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from duplexsla.errors import QuotaExceeded
from duplexsla.executor import messages
from duplexsla.executor.codes import Codes
from duplexsla.executor.home_plans import HomePlans, Meant, names_of, things_of
from duplexsla.executor.ledger.notes import home_of
from duplexsla.executor.planning.gate_request import presence
from duplexsla.executor.policies import PolicyFile
from duplexsla.executor.recent_actions import RecentActions, same_sentence
from duplexsla.executor.schedules.due_events import refusal
from duplexsla.executor.schedules.later_calls import FUNCTIONS as LATER
from duplexsla.executor.schedules.later_calls import LaterCalls
from duplexsla.executor.schedules.scheduler import Scheduler
from duplexsla.executor.undo import Undo
from duplexsla.gates.decision import GateRequest, GateState, Verdict, decide, policy_requests
from duplexsla.gates.policy import ActionOrigin, Driving, Policy, Presence
from duplexsla.gates.risk import CAREFUL
from duplexsla.history import NO_HISTORY, HistoryLog, events
from duplexsla.protocol.channel_lines import MAX_CANDIDATES
from duplexsla.security.quotas import Quotas
from duplexsla.v1 import action_pb2 as pb
from duplexsla.v1.plan_pb2 import ActionNote, ActionPlan
from duplexsla.v1.schedule_pb2 import Schedule

QUESTION_MS = 15_000  # how long a question stands
NO_CODE_LATER = "what needs a code cannot be done later"
NOBODY_TO_ASK = "it needs an answer, and nobody is asked when its time comes"
_ORIGINS = {
    pb.ORIGIN_CLIENT: ActionOrigin.CLIENT,
    pb.ORIGIN_SCHEDULE: ActionOrigin.SCHEDULE,
    pb.ORIGIN_API: ActionOrigin.API,
}
_STATES = {
    GateState.INATTENTIVE: pb.OUTCOME_STATE_INATTENTIVE,
    GateState.NOT_FOUND: pb.OUTCOME_STATE_NOT_FOUND,
    GateState.AMBIGUOUS: pb.OUTCOME_STATE_AMBIGUOUS,
    GateState.UNSURE: pb.OUTCOME_STATE_UNSURE,
    GateState.CONFIRM: pb.OUTCOME_STATE_CONFIRM,
    GateState.DENIED: pb.OUTCOME_STATE_DENIED,
}
_ABOUT_ACTIONS = ("undo", "what_did_you_do", *LATER)


class Decider(Protocol):
    async def decide(
        self, event: pb.ActionEvent, arguments: Mapping[str, Any]
    ) -> ActionPlan | pb.ActionOutcome:
        """What is to be done, or the outcome of an action that is not to be done. Changes nothing."""

    async def decide_again(self, event: pb.ActionEvent, plan: ActionPlan) -> pb.ActionOutcome | None:
        """Whether what was asked about may be done now that `event` says yes to it: None, or the refusal."""

    async def decide_due(self, event: pb.ActionEvent, schedule: Schedule) -> pb.ActionOutcome | None:
        """Whether what was scheduled may be done now that its time has come: None, or the refusal."""


class Decisions:
    """`refused` counts what did not act by the gate that objected, `over_quota` what no gate objected to."""

    def __init__(
        self,
        plans: HomePlans,
        undo: Undo,
        recent: RecentActions,
        scheduler: Scheduler,
        policies: PolicyFile,
        codes: Codes,
        quotas: Quotas,
        *,
        now_ms: Callable[[], int],
        history: HistoryLog = NO_HISTORY,
    ) -> None:
        self._plans, self._undo, self._recent, self._scheduler = plans, undo, recent, scheduler
        self._later = LaterCalls(scheduler, now_ms=now_ms)
        self._policies, self._codes, self._now_ms = policies, codes, now_ms
        self._history, self._quotas = history, quotas
        self.refused: Counter[str] = Counter()
        self.over_quota: Counter[str] = Counter()  # by risk

    async def decide(
        self, event: pb.ActionEvent, arguments: Mapping[str, Any]
    ) -> ActionPlan | pb.ActionOutcome:
        policy = self._policies.current()
        unheard = _unheard(event, arguments)
        if decide(unheard, policy).state is GateState.INATTENTIVE:
            return self._refusal(event, self._judge(event, unheard, policy), ())
        notes = await self._recent.newest(event)
        meant = await self._meant(event, arguments, notes)
        if isinstance(meant, pb.ActionOutcome):
            return meant
        driving = await self._plans.driving(event, meant.plan.toolset)
        verdict = self._judge(event, _request(event, meant, policy, driving), policy)
        if not verdict.acts and not verdict.ask:
            return self._refusal(event, verdict, meant.names)
        earlier = same_sentence(event, meant.plan, notes)
        if earlier is not None:
            duplicate = messages.outcome(event, pb.OUTCOME_STATE_DUPLICATE)
            duplicate.refers_to = earlier.action_id
            return duplicate
        if (reason := self._not_later(event, meant.plan, code=verdict.code)) is not None:
            return messages.outcome(event, pb.OUTCOME_STATE_REFUSED, reason)
        if verdict.ask:
            return self._question(event, verdict, meant)
        if (over := await self._over_quota(event, verdict)) is not None:
            return over
        return meant.plan if not meant.plan.answer_json else _answer(event, meant.plan)

    async def decide_again(self, event: pb.ActionEvent, plan: ActionPlan) -> pb.ActionOutcome | None:
        policy = self._policies.current()
        request = GateRequest(
            function=plan.function,
            arguments=json.loads(plan.arguments_json or "{}"),
            toolset=plan.toolset,
            things=things_of(plan),
            attended=_attended(event),
            origin=_ORIGINS.get(event.origin, ActionOrigin.MODEL),
            tenant=event.tenant,
            room=event.room,
            presence=presence(event),
            driving=await self._plans.driving(event, plan.toolset),
            confirmed=True,
            yes_transcript=event.evidence.transcript,
            code_right=self._codes.right(home_of(event), event.refers_to, event.code_proof),
        )
        verdict = self._judge(event, request, policy)
        if verdict.acts:
            return await self._over_quota(event, verdict)
        outcome = self._refusal(event, verdict, tuple(each.name for each in plan.effects))
        outcome.code_asked = verdict.code
        return outcome

    async def decide_due(self, event: pb.ActionEvent, schedule: Schedule) -> pb.ActionOutcome | None:
        plan = schedule.plan
        request = GateRequest(
            function=plan.function,
            arguments=json.loads(plan.arguments_json or "{}"),
            toolset=plan.toolset,
            things=things_of(plan),
            origin=ActionOrigin.SCHEDULE,
            tenant=event.tenant,
            room=event.room,
            hour=_hour(schedule.due_at_ms, plan.time_zone),
            confirmed=schedule.confirmed,
        )
        verdict = self._judge(event, request, self._policies.current())
        if verdict.acts:
            return None
        outcome = self._refusal(event, verdict, names_of(plan))
        if verdict.ask:
            outcome.state, outcome.reason = pb.OUTCOME_STATE_DENIED, NOBODY_TO_ASK
        return outcome

    async def _over_quota(self, event: pb.ActionEvent, verdict: Verdict) -> pb.ActionOutcome | None:
        """The refusal of what the home or its tenant has had too much of; None counts it."""
        risk, now_s = str(verdict.risk), self._now_ms() / 1e3
        try:
            await self._quotas.act(home=event.home, tenant=event.tenant, risk=risk, now=now_s)
        except QuotaExceeded as error:
            self.over_quota[risk] += 1
            return messages.outcome(event, pb.OUTCOME_STATE_DENIED, str(error))
        return None

    def _not_later(self, event: pb.ActionEvent, plan: ActionPlan, *, code: bool) -> str | None:
        """Why it cannot be scheduled; None where nothing is in the way."""
        if not plan.due_at_ms:
            return None
        if code:
            return NO_CODE_LATER
        of_home = len(self._scheduler.of_home(home_of(event))) - bool(plan.moves)
        return refusal(plan.due_at_ms, event.emitted_at_ms, of_home) or None

    async def _meant(
        self, event: pb.ActionEvent, arguments: Mapping[str, Any], notes: Sequence[ActionNote]
    ) -> Meant | pb.ActionOutcome:
        if messages.intent_of(event) in messages.ABOUT_SCHEDULES:
            return self._later.named(event)
        if event.toolset != "home" or event.action.function not in _ABOUT_ACTIONS:
            return await self._plans.meant(event, arguments, notes)
        if event.action.function == "undo":
            return await self._undo.meant(event, notes)
        if event.action.function in LATER:
            return self._later.meant(event, arguments)
        return _told(event, notes)

    def _judge(self, event: pb.ActionEvent, request: GateRequest, policy: Policy) -> Verdict:
        """The verdict, told to the history."""
        verdict = decide(request, policy)
        evidence = event.evidence
        self._history.write(
            events.action_judged(
                event.action.id,
                session=event.session_id,
                home=event.home,
                call=f"{request.function} {json.dumps(dict(request.arguments), ensure_ascii=False)}",
                evidence={
                    "heard": evidence.transcript,
                    "confidence": evidence.confidence if evidence.calibrated else None,
                    "presence": str(request.presence),
                    "room": event.room,
                    "satellite": event.satellite,
                },
                devices=[thing.entity for thing in request.things],
                gates=verdict.by_gate(),
                verdict=verdict.audit_fields(),
                asked_policy=[each.record() for each in policy_requests(request)],
                refers_to=event.refers_to,
            )
        )
        return verdict

    def _refusal(self, event: pb.ActionEvent, verdict: Verdict, names: Sequence[str]) -> pb.ActionOutcome:
        self.refused[verdict.gate] += 1
        outcome = messages.outcome(event, _STATES[verdict.state], verdict.reason)
        outcome.candidates.extend(names[:MAX_CANDIDATES])
        return outcome

    def _question(self, event: pb.ActionEvent, verdict: Verdict, meant: Meant) -> pb.ActionOutcome:
        """It stands in the ledger with what a yes would do."""
        names = meant.names or (messages.spoken_function(event.action.function),)
        outcome = self._refusal(event, verdict, names)
        outcome.plan.CopyFrom(meant.plan)
        outcome.question = messages.question(meant.plan.function, names)
        outcome.code_asked = verdict.code
        outcome.due_at_ms = self._now_ms() + QUESTION_MS
        return outcome


def _unheard(event: pb.ActionEvent, arguments: Mapping[str, Any]) -> GateRequest:
    """Enough to know what was not said to the service: nothing need be known of a home for it."""
    return GateRequest(
        function=event.action.function,
        arguments=arguments,
        toolset=event.toolset,
        attended=_attended(event),
        origin=_ORIGINS.get(event.origin, ActionOrigin.MODEL),
    )


def _request(event: pb.ActionEvent, meant: Meant, policy: Policy, driving: Driving) -> GateRequest:
    evidence, later = event.evidence, meant.plan.due_at_ms  # by then nobody knows who is at home
    request = GateRequest(
        function=meant.plan.function,
        arguments=meant.arguments,
        toolset=meant.plan.toolset,
        answer=meant.answer,
        things=meant.things,
        attended=_attended(event),
        confidence=evidence.confidence if evidence.calibrated else None,
        transcript=evidence.transcript,
        origin=_ORIGINS.get(event.origin, ActionOrigin.MODEL),
        tenant=event.tenant,
        room=event.room,
        presence=Presence.UNKNOWN if later else presence(event),
        driving=driving,
        hour=_hour(later or event.emitted_at_ms, meant.time_zone),
        confirmed=meant.confirmed,
    )
    if evidence.calibrated or request.risk not in CAREFUL:
        return request
    # Nobody knows how sure it is: just sure enough for a question.
    return replace(request, confidence=policy.bounds[request.risk].floor)


def _attended(event: pb.ActionEvent) -> bool:
    """A gateway that stamps no evidence lets nobody in who did not turn to it."""
    return event.evidence.attended or not event.HasField("evidence")


def _hour(at_ms: int, time_zone: str) -> int | None:
    try:
        return datetime.fromtimestamp(at_ms / 1_000, ZoneInfo(time_zone)).hour if time_zone else None
    except (KeyError, ValueError, OSError):
        return None


def _answer(event: pb.ActionEvent, plan: ActionPlan) -> pb.ActionOutcome:
    """What no device is needed for."""
    outcome = messages.outcome(event, pb.OUTCOME_STATE_DONE)
    outcome.result_json = messages.answer_json(plan.answer_json)
    return outcome


def _told(event: pb.ActionEvent, notes: Sequence[ActionNote]) -> pb.ActionOutcome:
    """About actions of before."""
    done = [note for note in notes if note.session_id == event.session_id and note.done_at_ms]
    words = "nothing"
    if done:
        plan = done[0].plan
        words = " ".join((messages.spoken_function(plan.function), *(each.name for each in plan.effects)))
    outcome = messages.outcome(event, pb.OUTCOME_STATE_DONE)
    outcome.result_json = json.dumps({"value": words})
    return outcome
