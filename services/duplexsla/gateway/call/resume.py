"""A client resumes: the call that still waits here, or what the archive holds of one.

Cancelling is safe at every await: nothing is attached or made before the last one, and a lease that was taken
meanwhile is given back.
"""

import time
from dataclasses import replace

from duplexsla.errors import ResumeRefused
from duplexsla.gateway.call.call import Attachment, Call
from duplexsla.gateway.call.registry import CallRegistry
from duplexsla.gateway.call.rights import NO_SESSION, CallerRights, owned
from duplexsla.history import events
from duplexsla.security.quotas import HeldSession
from duplexsla.session.client_sound import check_format
from duplexsla.session.dialogue import Dialogue
from duplexsla.session.messages import Inbound, terms_of
from duplexsla.session.store.archive import Archived
from duplexsla.session.store.leases import Lease
from duplexsla.session.token import ResumeToken, read_token
from duplexsla.v1.journal_pb2 import PastChunk, SessionRecord
from duplexsla.v1.session_pb2 import (
    NOTICE_KIND_CHUNKS_DROPPED,
    NOTICE_KIND_RESUMED,
    NOTICE_KIND_SOUND_LOST,
    ConverseResponse,
    Notice,
    NoticeKind,
    Open,
)

NOT_KEPT = "these are not kept any more"
MOST_FORGOTTEN = 1_000  # chunks that a client may have beyond the archive's: no gateway is so far behind


async def resume(
    calls: CallRegistry, opening: Open, inbound: Inbound, caller: CallerRights
) -> tuple[Call, Attachment]:
    """Raises ResumeRefused for a token that opens nothing, or not any more, or nothing of this caller's;
    AudioError, SlotsExhausted, StoreLost.
    """
    check_format(inbound.audio)
    token = read_token(opening.resume_token)
    _check(token, calls.get(token.session_id), caller)
    async with calls.exclusive(token.session_id):
        call = calls.get(token.session_id)
        rights = _check(token, call, caller)
        if call is not None and await _is_free(calls, call):
            call.rights = rights
            client = _resume_local(calls, call, opening, inbound)
        else:
            call, client = await _resume_from_archive(calls, token, opening, inbound, caller)
    calls.counts.resumed += 1
    resumed = events.session_resumed(
        call.session_id,
        home=call.dialogue.terms.home,
        fence=call.lease.fence,
        placement=call.lease.placement,
        decoder=call.lease.decoder,
        next_chunk=opening.next_chunk,
    )
    calls.context.history.write(resumed)
    return call, client


def _check(token: ResumeToken, call: Call | None, caller: CallerRights) -> CallerRights:
    """What the caller may do in the call, if there is one here."""
    if call is None:
        return caller
    if call.token is None or not token.matches(call.secret_digest):
        raise ResumeRefused("this token does not open that session")
    terms, opener = call.dialogue.terms, call.rights
    return owned(caller, terms.tenant, opener.principal.subject, terms, opener.opened_at_ms, opener.held)


async def _is_free(calls: CallRegistry, call: Call) -> bool:
    """Ends the stream that has the call, if one still does; False when the call has gone meanwhile."""
    call.supersede()
    await call.changed.wait_for(lambda: call.attachment is None)
    return call in calls


def _resume_local(calls: CallRegistry, call: Call, opening: Open, inbound: Inbound) -> Attachment:
    """The call waited: its decoder has all of it, and nothing was lost but what could not be kept."""
    away_ms = int((time.monotonic() - call.detached_at) * 1e3)
    if not call.live:  # the client continues with the first sample that no decoder was given
        call.audio.backlog.clear()
        call.audio.ended = call.audio.all_taken
    first = call.outbox.rewind(opening.next_chunk)
    come = call.journal.next_chunk if first is None else first
    notices = [_resumed(call, gap_ms=away_ms)]
    if come > opening.next_chunk:
        missing = come - opening.next_chunk
        notices.append(_notice(NOTICE_KIND_CHUNKS_DROPPED, opening.next_chunk, missing, NOT_KEPT))
    call.outbox.put_first(calls.greeting(call, first_chunk=first), *notices)
    return call.attach(inbound)


async def _resume_from_archive(
    calls: CallRegistry, token: ResumeToken, opening: Open, inbound: Inbound, caller: CallerRights
) -> tuple[Call, Attachment]:
    """The call is not on this gateway: it is made anew from the archive, under a new fence."""
    await calls.archived(token.session_id)
    found = SessionRecord.FromString(await calls.archive.peek(token.session_id) or b"")
    if not token.matches(found.secret_digest):
        raise ResumeRefused(NO_SESSION)
    terms = terms_of(found)
    rights = owned(caller, terms.tenant, found.subject, terms, found.opened_at_ms, HeldSession())
    async with calls.lease(token.session_id) as lease:
        archived = await calls.archive.load(token.session_id)  # after the fence: nobody adds to it any more
        if archived is None:
            raise ResumeRefused("the session has just ended: open a new one")
        held = await calls.quotas.readmit(
            f"{token.session_id:016x}", peer=caller.peer, home=terms.home, tenant=terms.tenant
        )
        call = _restored(calls, token, lease, archived, opening, replace(rights, held=held))
        client = call.attach(inbound)
        calls.begin(call)
        for event in call.dialogue.open_events():
            call.publish(event)
    return call, client


def _restored(
    calls: CallRegistry,
    token: ResumeToken,
    lease: Lease,
    archived: Archived,
    opening: Open,
    rights: CallerRights,
) -> Call:
    record = SessionRecord.FromString(archived.record)
    dialogue = Dialogue(token.session_id, terms_of(record), lease.fence)
    wanted = min(opening.next_chunk, record.next_chunk + MOST_FORGOTTEN)
    again = dialogue.restore(record, map(PastChunk.FromString, archived.chunks), wanted)
    call = calls.create(dialogue, lease, token, rights)
    call.journal.restore(archived.chunks, record)
    call.stored = len(archived.chunks)
    _set_position(call, record, wanted)
    for message in _greeting(calls, call, record, again, wanted):
        call.post(message)
    return call


def _set_position(call: Call, record: SessionRecord, wanted: int) -> None:
    """A live call continues with what comes now, above all that its client has; a file is sent again."""
    call.next_chunk = max(wanted, record.next_chunk) if call.live else record.next_chunk
    call.muted_below = wanted
    call.audio.ended = record.audio_over and call.live
    call.counts.chunks_forgotten += call.next_chunk - record.next_chunk
    call.audio.backlog.extend_capacity()


def _greeting(
    calls: CallRegistry, call: Call, record: SessionRecord, again: list[ConverseResponse], wanted: int
) -> list[ConverseResponse]:
    """What the client is told first: what was agreed, what was lost, and what it may have missed."""
    chunks = [message.chunk.index for message in again if message.HasField("chunk")]
    first = chunks[0] if chunks else call.next_chunk
    forgotten = call.next_chunk - record.next_chunk
    messages = [calls.greeting(call, first_chunk=first), _resumed(call, forgotten=forgotten)]
    if first > wanted and call.live:
        messages.append(_notice(NOTICE_KIND_CHUNKS_DROPPED, wanted, first - wanted, NOT_KEPT))
    if chunks:
        messages.append(_notice(NOTICE_KIND_SOUND_LOST, first, len(chunks), "their sound is lost"))
    return messages + again


def _resumed(call: Call, *, gap_ms: int = 0, forgotten: int = 0) -> ConverseResponse:
    notice = Notice(
        kind=NOTICE_KIND_RESUMED,
        detail="the session goes on",
        first_chunk=call.next_chunk,
        chunks=forgotten,
        gap_ms=gap_ms,
    )
    return ConverseResponse(notice=notice)


def _notice(kind: NoticeKind, first_chunk: int, chunks: int, detail: str) -> ConverseResponse:
    return ConverseResponse(notice=Notice(kind=kind, detail=detail, first_chunk=first_chunk, chunks=chunks))
