"""Kinds of rows, one function each. Sessions are uint64, times Unix ms, fences and chunks whole numbers.

An owner's `fence` goes with its actions, a `placement` (the fence or above it) with its chunks: each decoder
that the owner puts the session on has one of its own.
"""

import zlib
from collections.abc import Iterable, Mapping
from typing import Any

Row = dict[str, Any]


def began(service: str) -> Row:
    """A process began to write."""
    return {"kind": "began", "service": service}


def ended(counts: Mapping[str, int]) -> Row:
    """A process ended in order, with its own counters: the sums of its `dropped` rows by `what`, and more."""
    return {"kind": "ended", "counts": dict(counts)}


def history_lost(count: int) -> Row:
    """So many rows of this process are missing here: its buffer or the disk was full."""
    return {"kind": "history.lost", "count": count}


def dropped(what: str, count: int = 1, session: int | None = None) -> Row:
    """Something bounded was full; `what` is the name of the counter that counts it."""
    row = {"kind": "dropped", "what": what, "count": count}
    return row if session is None else row | {"session": _hex(session)}


def fault(what: str, *, homes: Iterable[str] = (), calls: Iterable[int] = (), everyone: bool = False) -> Row:
    """Somebody broke something on purpose, until `fault_over`; who is not named must not notice."""
    sessions = [_hex(session) for session in calls]
    return {
        "kind": "fault",
        "what": what,
        "homes": list(homes),
        "sessions": sessions,
        "everyone": everyone,
    }


def fault_over(what: str) -> Row:
    return {"kind": "fault.over", "what": what}


# The gateway: sessions and what their clients are sent.


def session_opened(session: int, *, home: str, fence: int, placement: int, decoder: str) -> Row:
    return _session("session.opened", session, home=home, fence=fence, placement=placement, decoder=decoder)


def session_resumed(
    session: int, *, home: str, fence: int, placement: int, decoder: str, next_chunk: int
) -> Row:
    """Its client came back, and is sent `next_chunk` first."""
    return _session(
        "session.resumed",
        session,
        home=home,
        fence=fence,
        placement=placement,
        decoder=decoder,
        next_chunk=next_chunk,
    )


def session_moved(session: int, *, fence: int, placement: int, decoder: str, chunk: int, why: str) -> Row:
    """From `chunk` on another decoder answers; `why` is "rebuilt" or "migrated"."""
    return _session(
        "session.moved", session, fence=fence, placement=placement, decoder=decoder, chunk=chunk, why=why
    )


def session_ended(session: int, *, code: str = "", chunks: int = 0) -> Row:
    """`code` of the error that ended it, "" in order; `chunks` that were decoded."""
    return _session("session.ended", session, code=code, chunks=chunks)


def chunk_sent(session: int, chunk: int, *, fence: int, placement: int, digest: int = 0) -> Row:
    """A chunk's answer went on its way to the client, for the first time."""
    return _session(
        "chunk.sent", session, chunk=chunk, fence=fence, placement=placement, **_known(digest=digest)
    )


def gap_declared(session: int, *, what: str, first_chunk: int, chunks: int) -> Row:
    """The client is sent a notice of chunks that do not come (`what` "chunks"), or of missing sound."""
    return _session("gap.declared", session, what=what, first_chunk=first_chunk, chunks=chunks)


def action_published(
    action: str, *, session: int, home: str, fence: int, delivery: str, expires_at_ms: int
) -> Row:
    """Handed to the broker; `delivery` is "idempotent" or "at_most_once"."""
    return _action(
        "action.published",
        action,
        session=_hex(session),
        home=home,
        fence=fence,
        delivery=delivery,
        expires_at_ms=expires_at_ms,
    )


def action_acknowledged(action: str) -> Row:
    """The brokers have it for good."""
    return _action("action.acknowledged", action)


def action_unavailable(action: str, *, session: int) -> Row:
    """It could not be handed over, and its client is sent a notice."""
    return _action("action.unavailable", action, session=_hex(session))


def outcome_delivered(action: str, *, session: int, state: str) -> Row:
    """The session knows what became of it: the client is sent it, and the model reads it."""
    return _action("outcome.delivered", action, session=_hex(session), state=state)


def reply_claimed(session: int, *, chunk: int, said: str, kept: bool) -> Row:
    """The assistant said from this chunk on that something was done; `kept`: an outcome had told so."""
    return _session("reply.claimed", session, chunk=chunk, said=said, kept=kept)


# The decoder. Its fence is the placement.


def step_accepted(session: int, chunk: int, *, placement: int, digest: int = 0) -> Row:
    return _session("step.accepted", session, chunk=chunk, placement=placement, **_known(digest=digest))


def step_refused(session: int, chunk: int, *, placement: int, newest: int) -> Row:
    """A placement older than the newest one that this decoder has seen."""
    return _session("step.refused", session, chunk=chunk, placement=placement, newest=newest)


def step_reference(session: int, chunk: int, *, digest: int) -> Row:
    """What one pass over the whole sequence gives for this chunk."""
    return _session("step.reference", session, chunk=chunk, digest=digest)


# The executor.


def action_read(
    action: str,
    *,
    session: int,
    home: str,
    fence: int,
    delivery: str,
    expires_at_ms: int,
    partition: int,
    offset: int,
    trace: str = "",
) -> Row:
    """Read from the topic, at this place of it; `trace`: id of its trace, in hex."""
    return _action(
        "action.read",
        action,
        session=_hex(session),
        home=home,
        fence=fence,
        delivery=delivery,
        expires_at_ms=expires_at_ms,
        partition=partition,
        offset=offset,
        **_known(trace=trace),
    )


def action_claimed(action: str, *, session: int, fence: int, how: str) -> Row:
    """What the ledger said: "claimed", "resumed", "settled", "fenced", or "away" when it did not answer."""
    return _action("action.claimed", action, session=_hex(session), fence=fence, how=how)


def action_judged(
    action: str,
    *,
    session: int,
    home: str,
    call: str,
    evidence: Mapping[str, Any],
    devices: Iterable[str],
    gates: Mapping[str, str],
    verdict: Mapping[str, str | bool],
    asked_policy: Iterable[Mapping[str, Any]] = (),
    refers_to: str = "",
) -> Row:
    """What the gates said. `call`: function and arguments; `evidence`: what was `heard`, its `confidence`
    (None: nobody knows), who is at home (`presence`), the `room` and the `satellite`; `devices`: entities
    that are meant; `gates`: the word of each; `verdict`: the one that counts, with the policy's version;
    `asked_policy`: what the policy is asked, for a dry run of another one (`PolicyRequest.record`).
    `refers_to`: the action that a yes is said to.
    """
    return _action(
        "action.judged",
        action,
        session=_hex(session),
        home=home,
        call=call,
        evidence=dict(evidence),
        devices=list(devices),
        gates=dict(gates),
        verdict=dict(verdict),
        asked_policy=list(map(dict, asked_policy)),
        **_known(refers_to=refers_to),
    )


def action_called(action: str, *, attempt: int) -> Row:
    """A call goes to the device."""
    return _action("action.called", action, attempt=attempt)


def action_settled(action: str, *, state: str, standing: str) -> Row:
    """The state that it came to, and the one that stands in the ledger."""
    return _action("action.settled", action, state=state, standing=standing)


def effect_decided(effect: str, *, decided_by: str) -> Row:
    """An effect has an id of its own: of one device of several, or of what a yes was said to."""
    return _action("effect.decided", effect, decided_by=decided_by)


def action_moved(action: str) -> Row:
    """Its partition went to another executor, which begins anew; this one publishes nothing."""
    return _action("action.moved", action)


def outcome_published(
    action: str, *, state: str, attempts: int, refers_to: str = "", reason: str = ""
) -> Row:
    """The brokers have the outcome. Done without any attempt: no device is needed for it. `refers_to`: the
    action that a yes was said to.
    """
    about = _known(refers_to=refers_to, reason=reason)
    return _action("outcome.published", action, state=state, attempts=attempts, **about)


def dead_lettered(reason: str, *, action: str = "") -> Row:
    """It went to the dead letters; an unreadable record has no action."""
    return {"kind": "action.dead_lettered", "reason": reason, **_known(action=action)}


def breaker(home: str, target: str, *, state: str) -> Row:
    """A home's device is tried no more ("open") or again ("closed")."""
    return {"kind": "breaker", "home": home, "target": target, "state": state}


# The home.


def effect(
    action: str,
    *,
    home: str,
    session: str,
    fence: int,
    function: str,
    effect_at_ms: int,
    expires_at_ms: int,
    repeated: bool,
) -> Row:
    """The device moved; `repeated`: it would have once more, did it not know the action. `session` in hex."""
    return _action(
        "effect",
        action,
        home=home,
        session=session,
        fence=fence,
        function=function,
        effect_at_ms=effect_at_ms,
        expires_at_ms=expires_at_ms,
        repeated=repeated,
    )


def effect_refused(action: str, *, home: str, code: str) -> Row:
    """The home did nothing, and said why."""
    return _action("effect.refused", action, home=home, code=code)


# A client.


def call_opened(session: int, *, home: str) -> Row:
    return _session("call.opened", session, home=home)


def chunk_received(session: int, chunk: int) -> Row:
    return _session("chunk.received", session, chunk=chunk)


def gap_received(session: int, *, what: str, first_chunk: int, chunks: int) -> Row:
    """As `gap_declared`."""
    return _session("gap.received", session, what=what, first_chunk=first_chunk, chunks=chunks)


def outcome_received(action: str, *, session: int, state: str) -> Row:
    return _action("outcome.received", action, session=_hex(session), state=state)


def call_ended(
    session: int, *, code: str = "", streams: int = 1, sent: int, answered: int, concealed: int, lost: int
) -> Row:
    """`code` of the error, "" in order. Samples that were sent, answered, made up and lost, as declared; what
    was under way when one of several `streams` ended is in none of them.
    """
    return _session(
        "call.ended",
        session,
        code=code,
        streams=streams,
        sent=sent,
        answered=answered,
        concealed=concealed,
        lost=lost,
    )


def digest_of(anchor: str, codes: Iterable[int], action: Iterable[str]) -> int:
    """A number for what one step wrote, never 0; equal for equal tokens."""
    text = "\x1f".join([anchor, *map(str, codes), *action])
    return zlib.crc32(text.encode()) or 1


def _session(kind: str, session: int, **fields: Any) -> Row:
    return {"kind": kind, "session": _hex(session), **fields}


def _action(kind: str, action: str, **fields: Any) -> Row:
    return {"kind": kind, "action": action, **fields}


def _hex(session: int) -> str:
    return f"{session:016x}"


def _known(**fields: Any) -> Row:
    """Those that are not empty."""
    return {key: value for key, value in fields.items() if value}
