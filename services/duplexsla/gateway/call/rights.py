"""What the caller of a session may do, how long, and what it holds of the quotas.

A session is its opener's: nobody else resumes it, and whoever resumes shows anew who they are. Nothing here
is asked on the path of a step.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from duplexsla.errors import DuplexSLAError, Forbidden, NotAuthenticated, ResumeRefused, SessionTooLong
from duplexsla.security.principal import ACT, ANYBODY, CONFIRM, Principal
from duplexsla.security.quotas import HeldSession
from duplexsla.session.messages import METADATA_TENANT, SessionTerms
from duplexsla.v1.action_pb2 import INTENT_DO, INTENT_YES, OUTCOME_STATE_DENIED, ActionEvent, ActionOutcome

NO_SESSION = "there is no such session, or not any more: open a new one"


@dataclass(frozen=True)
class CallerRights:
    """Of one session, as its newest stream has shown them."""

    principal: Principal = ANYBODY
    peer: str = ""  # an address, as `peer_of` gives it
    opened_at_ms: int = 0  # Unix time; 0 where nobody noted it
    held: HeldSession = field(default_factory=HeldSession)

    def refusal(self, event: ActionEvent) -> str:
        """Why this event may not leave; "" where it may. A no and a retraction always may."""
        scope = {INTENT_DO: ACT, INTENT_YES: CONFIRM}.get(event.intent)
        if scope is None or self.principal.may(scope):
            return ""
        return f"this caller lacks the scope {scope}"

    def over(self, now_ms: int, longest_s: float) -> DuplexSLAError | None:
        """What ends the session now, if anything: the opener's credentials, or its length (0: none)."""
        expires_at = self.principal.expires_at
        if expires_at is not None and now_ms >= expires_at * 1e3:
            return NotAuthenticated("these credentials have expired: resume with new ones", reason="expired")
        if longest_s and self.opened_at_ms and now_ms - self.opened_at_ms > longest_s * 1e3:
            return SessionTooLong(f"a session lasts {longest_s:g} s at most: open a new one")
        return None


def denied(event: ActionEvent, reason: str) -> ActionOutcome:
    return ActionOutcome(
        action_id=event.action.id,
        session_id=event.session_id,
        home=event.home,
        tenant=event.tenant,
        function=event.action.function,
        state=OUTCOME_STATE_DENIED,
        reason=reason,
    )


def owned(
    caller: CallerRights,
    tenant: str,
    subject: str,
    terms: SessionTerms,
    opened_at_ms: int,
    held: HeldSession,
) -> CallerRights:
    """The rights of whoever resumes a session that a tenant's `subject` opened.

    ResumeRefused, in the same words as for a session that there is not, for one that is not theirs.
    """
    try:
        caller.principal.reaches(terms.home, terms.toolset)
    except Forbidden:
        raise ResumeRefused(NO_SESSION) from None
    if not caller.principal.owns(tenant, subject):
        raise ResumeRefused(NO_SESSION)
    return replace(caller, opened_at_ms=opened_at_ms, held=held)


def claimed(terms: SessionTerms, metadata: Mapping[str, str], principal: Principal) -> SessionTerms:
    """The terms with the tenant of the caller's claims; Forbidden for what the caller does not reach."""
    if principal.tenant is not None:
        if metadata.get(METADATA_TENANT, principal.tenant) != principal.tenant:
            raise Forbidden("this caller is of another tenant")
        terms = replace(terms, tenant=principal.tenant)
    principal.reaches(terms.home, terms.toolset)
    return terms
