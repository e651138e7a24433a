"""The decision table of what may act: one call, what speaks for it, and the policy make one verdict. Pure.

`decide` asks attention, resolver, confidence, words heard and policy in this order, and the first that
objects decides: the gates before it had nothing against the call. An objection that would end in a question
waits for the policy, since nothing is asked about what may not be done; and a question about what needs a
code asks for the code.

    verdict = decide(GateRequest(function="unlock_home_door", ...), policy)
    if verdict.acts: ...                       # have the effects
    elif verdict.ask: ...                      # settle as CONFIRM, with verdict.code: ask for the code
    else: ...                                  # settle as verdict.state, reason=verdict.reason

The same holds for a yes to a question: the call of then, with `confirmed`, under the policy of now.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from duplexsla.gates.confidence import Sureness, sureness
from duplexsla.gates.english import is_negated, spoken_words
from duplexsla.gates.policy import (
    ActionOrigin,
    Driving,
    Policy,
    PolicyDecision,
    PolicyRequest,
    PolicyVerdict,
    Presence,
)
from duplexsla.gates.risk import CAREFUL, function_risk, highest
from duplexsla.gates.things import MeantThing
from duplexsla.gates.words_heard import Doubt, comfort_doubt, doubt
from duplexsla.tools import Risk


class Gate(StrEnum):
    ATTENTION = "attention"
    RESOLVER = "resolver"
    CONFIDENCE = "confidence"
    WORDS_HEARD = "words heard"
    POLICY = "policy"


class GateState(StrEnum):
    """What becomes of the call; but ALLOWED each is a state of outcomes, in lower case, and has no effect."""

    ALLOWED = "allowed"
    INATTENTIVE = "inattentive"
    NOT_FOUND = "not_found"
    AMBIGUOUS = "ambiguous"
    UNSURE = "unsure"
    CONFIRM = "confirm"
    DENIED = "denied"


class ResolverAnswer(StrEnum):
    """What the home's registry has for the words of a call."""

    ONE = "one"  # what is meant, by its name: one thing, all that were asked for together, or nothing at all
    FUZZY = "fuzzy one"  # one, by spelling or sound
    SEVERAL = "several"  # one of these, and it is not clear which
    NONE = "none"


@dataclass(frozen=True, slots=True)
class GateRequest:
    """A call and what speaks for it. `confidence` is calibrated, 0..1; None without a table, or lost.

    `confirmed`: somebody said yes to the question about it, in the words `yes_transcript` (empty for a
    button), or had confirmed it when it was scheduled. `code_right`: with a code that was right.
    """

    function: str
    arguments: Mapping[str, object] = field(default_factory=dict)
    toolset: str = "home"
    answer: ResolverAnswer = ResolverAnswer.ONE
    things: tuple[MeantThing, ...] = ()
    attended: bool = False
    confidence: float | None = None
    transcript: str = ""
    origin: ActionOrigin = ActionOrigin.MODEL
    tenant: str = ""
    room: str = ""  # where the speaker is
    presence: Presence = Presence.UNKNOWN
    driving: Driving = Driving.UNKNOWN
    hour: int | None = None
    confirmed: bool = False
    yes_transcript: str = ""
    code_right: bool = False

    @property
    def risk(self) -> Risk:
        """The highest of the function's and of all that it would move."""
        return highest((function_risk(self.toolset, self.function), *(thing.risk for thing in self.things)))


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """`when`, for people; `ask`: a question follows; `line`: the kind of line for the model, "" for none."""

    gate: Gate
    rule: str
    when: str
    state: GateState
    ask: bool = False
    code: bool = False
    line: str = ""


G, S = Gate, GateState
TABLE: tuple[DecisionRow, ...] = (
    DecisionRow(G.ATTENTION, "inattentive", "the model's call, outside every window", S.INATTENTIVE),
    DecisionRow(G.RESOLVER, "no such thing", "nothing exposed is called so", S.NOT_FOUND, line="not_found"),
    DecisionRow(G.RESOLVER, "several", "one of several is meant", S.AMBIGUOUS, line="ambiguous"),
    DecisionRow(G.CONFIDENCE, "floor", "below the floor of the risk", S.UNSURE, line="unsure"),
    DecisionRow(
        G.WORDS_HEARD,
        Doubt.NOTHING_HEARD,
        "no word of the function, nor of what it is about: mess, entry, words to keep",
        S.UNSURE,
        line="unsure",
    ),
    DecisionRow(
        G.RESOLVER, "fuzzy", "found by spelling or sound: mess, entry", S.CONFIRM, ask=True, line="confirm"
    ),
    DecisionRow(
        G.CONFIDENCE,
        "threshold",
        "between floor and threshold of the risk",
        S.CONFIRM,
        ask=True,
        line="confirm",
    ),
    *(
        DecisionRow(G.WORDS_HEARD, rule, f"{when}: {risks}", S.CONFIRM, ask=True, line="confirm")
        for rule, when, risks in (
            (
                Doubt.NEGATED,
                "a negation, also in the yes",
                "mess, entry, words to keep, comfort that has an opposite",
            ),
            (Doubt.OPPOSITE, "a word of the opposite", "mess, entry, comfort without a word of its own"),
            (Doubt.ASKED, "a question or a condition", "mess, entry"),
            (Doubt.TOLD, "what was, or somebody does", "mess, entry"),
            (Doubt.LATER, "another time than the call has", "mess, entry"),
            (Doubt.NOT_COMMANDED, "no phrase of the function as a command", "mess, entry"),
            (
                Doubt.NOT_NAMED,
                "about something else, or not all of its name is heard",
                "mess, entry, words to keep",
            ),
        )
    ),
    DecisionRow(G.POLICY, "deny", "a rule denies", S.DENIED, line="denied"),
    DecisionRow(
        G.POLICY,
        "code",
        "a rule wants a code, and no right one came",
        S.CONFIRM,
        ask=True,
        code=True,
        line="code",
    ),
    DecisionRow(
        G.POLICY, "confirm", "a rule wants a yes, and none came", S.CONFIRM, ask=True, line="confirm"
    ),
    DecisionRow(G.POLICY, "allow", "a rule allows, or what it wants was given", S.ALLOWED),
)
"""In order, silence before questions: the first row that fits decides. But a row that asks gives way to
"deny", and asks for a code where "code" fits.
"""
_ROWS = {(row.gate, row.rule): row for row in TABLE}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a call, and why: `rule` is the row's, for the policy the name of its rule."""

    state: GateState
    gate: Gate
    rule: str
    reason: str
    risk: Risk
    ask: bool
    code: bool
    line: str
    policy_version: str

    @property
    def acts(self) -> bool:
        return self.state is GateState.ALLOWED

    def labels(self) -> dict[str, str]:
        """Of the metric that counts verdicts: few values each."""
        return {"gate": self.gate, "state": self.state, "risk": self.risk}

    def by_gate(self) -> dict[str, str]:
        """What each gate said, in their order; "" of those whose word did not matter any more."""
        said, passed = {}, True
        for gate in Gate:
            said[str(gate)] = "passed" if passed else ""
            if gate is self.gate:
                passed, said[str(gate)] = False, f"{self.state}: {self.rule}"
        if self.ask and self.gate is not Gate.POLICY:
            said[str(Gate.POLICY)] = "asks for the code" if self.code else "does not deny"
        return said

    def audit_fields(self) -> dict[str, str | bool]:
        """For the audit log: nothing that was said."""
        return {
            "gate": str(self.gate),
            "state": str(self.state),
            "rule": self.rule,
            "reason": self.reason,
            "risk": self.risk,
            "code": self.code,
            "policy": self.policy_version,
        }


def decide(request: GateRequest, policy: Policy) -> Verdict:
    """The one verdict on a call. No evidence turns what the policy denies into an effect."""
    risk = request.risk
    objection = _objection(request, risk, policy)
    if objection is not None and not objection.ask:
        return _verdict(objection, risk, policy)
    ruled = policy.evaluate_all(policy_requests(request))
    if ruled.verdict is PolicyVerdict.DENY:
        return _verdict(_ROWS[G.POLICY, "deny"], risk, policy, ruled)
    needs_code = ruled.verdict is PolicyVerdict.CODE and not (request.confirmed and request.code_right)
    if objection is not None:
        return _verdict(objection, risk, policy, code=needs_code)
    if needs_code:
        return _verdict(_ROWS[G.POLICY, "code"], risk, policy, ruled)
    if ruled.verdict is PolicyVerdict.CONFIRM and not request.confirmed:
        return _verdict(_ROWS[G.POLICY, "confirm"], risk, policy, ruled)
    return _verdict(_ROWS[G.POLICY, "allow"], risk, policy, ruled)


def policy_requests(request: GateRequest) -> list[PolicyRequest]:
    """What the policy is asked: each thing by itself, with its own risk; once for a call without any."""
    own = function_risk(request.toolset, request.function)
    things = request.things or (MeantThing("", "", request.room, own),)
    return [
        PolicyRequest(
            risk=highest((own, thing.risk)),
            function=request.function,
            entity_class=thing.entity_class,
            entity=thing.entity,
            room=thing.room,
            presence=request.presence,
            driving=request.driving,
            tenant=request.tenant,
            origin=request.origin,
            hour=request.hour,
            toolset=request.toolset,
        )
        for thing in things
    ]


def _objection(request: GateRequest, risk: Risk, policy: Policy) -> DecisionRow | None:
    """The first row before the policy that fits. What no model wrote needs no ears to be believed."""
    by_model = request.origin is ActionOrigin.MODEL
    if by_model and not request.attended:
        return _ROWS[G.ATTENTION, "inattentive"]
    if request.answer is ResolverAnswer.NONE:
        return _ROWS[G.RESOLVER, "no such thing"]
    if request.answer is ResolverAnswer.SEVERAL:
        return _ROWS[G.RESOLVER, "several"]
    if request.confirmed:
        unsaid = risk in CAREFUL and is_negated(spoken_words(request.yes_transcript))
        return _ROWS[G.WORDS_HEARD, Doubt.NEGATED] if unsaid else None
    sure = sureness(request.confidence, risk, policy.bounds) if by_model else Sureness.SURE
    if sure is Sureness.NOISE:
        return _ROWS[G.CONFIDENCE, "floor"]
    found = _doubt(request, risk) if by_model else None
    if found is Doubt.NOTHING_HEARD:
        return _ROWS[G.WORDS_HEARD, found]
    if request.answer is ResolverAnswer.FUZZY and risk in CAREFUL:
        return _ROWS[G.RESOLVER, "fuzzy"]
    if sure is Sureness.UNSURE:
        return _ROWS[G.CONFIDENCE, "threshold"]
    return None if found is None else _ROWS[G.WORDS_HEARD, found]


def _doubt(request: GateRequest, risk: Risk) -> Doubt | None:
    """A question is harmless; comfort is held to the words that it keeps, and to no opposite."""
    if risk == "read":
        return None
    judge = doubt if risk in CAREFUL else comfort_doubt
    return judge(request.function, request.arguments, request.transcript)


def _verdict(
    row: DecisionRow, risk: Risk, policy: Policy, ruled: PolicyDecision | None = None, *, code: bool = False
) -> Verdict:
    code = code or row.code
    rule = row.rule if ruled is None else ruled.rule
    return Verdict(
        state=row.state,
        gate=row.gate,
        rule=rule,
        reason="" if row.state is S.ALLOWED else _reason(row, rule),
        risk=risk,
        ask=row.ask,
        code=code,
        line="code" if code else row.line,
        policy_version=policy.version,
    )


def _reason(row: DecisionRow, rule: str) -> str:
    """What an outcome tells as its reason: "unsure" for a question out of doubt, else gate and rule."""
    if row.gate is G.CONFIDENCE and row.ask:
        return "unsure"
    return f"{row.gate}: {rule}"
