"""A client comes back: to a session that still waits here, or to what the archive holds of one."""

import time
from typing import TYPE_CHECKING

from duplexsla.errors import ResumeRefused, StoreLost
from duplexsla.gateway.call.call import Attachment, Call
from duplexsla.history import events
from duplexsla.session.dialogue import Dialogue
from duplexsla.session.inbound import Inbound, SessionTerms
from duplexsla.session.store.archive import Archived
from duplexsla.session.store.leases import Lease
from duplexsla.session.token import Token, read_token
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

if TYPE_CHECKING:
    from duplexsla.gateway.gateway import Gateway

NOT_KEPT = "these are not kept any more"
MOST_FORGOTTEN = 1_000  # chunks that a client may have beyond the archive's: no gateway is so far behind


async def come_back(gateway: "Gateway", opening: Open, inbound: Inbound) -> tuple[Call, Attachment]:
    """Raises ResumeRefused for a token that opens nothing, or not any more; SlotsExhausted, StoreLost."""
    token = read_token(opening.resume_token)
    session = gateway.sessions.get(token.session_id)
    if session is not None and (session.token is None or not token.opens(session.token.digest())):
        raise ResumeRefused("this token does not open that session")
    if session is not None and await _is_free(gateway, session):
        line = _take_up(gateway, session, opening, inbound)
    else:
        session, line = await _revive(gateway, token, opening, inbound)
    gateway.counts.resumed += 1
    resumed = events.session_resumed(
        session.session_id,
        home=session.conversation.terms.home,
        fence=session.lease.fence,
        placement=session.lease.placement,
        decoder=session.lease.decoder,
        next_chunk=opening.next_chunk,
    )
    gateway.history.write(resumed)
    return session, line


async def _is_free(gateway: "Gateway", session: Call) -> bool:
    """Ends the stream that has the session, if one still does; False when the session has gone meanwhile."""
    while (line := session.line) is not None:
        if not line.cut.done():
            line.cut.set_result(None)
        await line.gone.wait()
    return gateway.sessions.get(session.session_id) is session


def _take_up(gateway: "Gateway", session: Call, opening: Open, inbound: Inbound) -> Attachment:
    """The session waited: its decoder remembers all, and nothing was lost but what could not be kept."""
    away_ms = int((time.monotonic() - (session.away_since or time.monotonic())) * 1e3)
    line = session.attach(inbound)
    if not session.live:  # the client goes on with the first sample that no decoder was given
        session.backlog.clear()
        session.audio_over = session.sent_all
        session.taken.ring()
    first = session.outbox.rewind(opening.next_chunk)
    come = session.journal.next_chunk if first is None else first
    notices = [_resumed(session, gap_ms=away_ms)]
    if come > opening.next_chunk:
        missing = come - opening.next_chunk
        notices.append(_notice(NOTICE_KIND_CHUNKS_DROPPED, opening.next_chunk, missing, NOT_KEPT))
    session.outbox.put_first(gateway.opened(session, first_chunk=first), *notices)
    session.posted.ring()
    session.heard.ring()
    return line


async def _revive(
    gateway: "Gateway", token: Token, opening: Open, inbound: Inbound
) -> tuple[Call, Attachment]:
    """The session's own gateway is gone, or not here: it goes on from the archive, under a new fence."""
    found = await gateway.archive.peek(token.session_id)
    if found is None or not token.opens(SessionRecord.FromString(found).secret_digest):
        raise ResumeRefused("there is no such session, or not any more: open a new one")
    lease = await gateway.places.take(token.session_id)
    try:
        archived = await gateway.archive.load(token.session_id)  # after the fence: nobody adds to it any more
    except StoreLost:
        await gateway.let_lease_go(lease)
        raise
    if archived is None:
        await gateway.let_lease_go(lease)
        raise ResumeRefused("the session has just ended: open a new one")
    session = _restored(gateway, token, lease, archived, opening)
    line = session.attach(inbound)
    gateway.begin(session)
    for event in session.conversation.unsettled():
        session.act(event)
    return session, line


def _restored(gateway: "Gateway", token: Token, lease: Lease, archived: Archived, opening: Open) -> Call:
    record = SessionRecord.FromString(archived.record)
    terms = SessionTerms(record.home, record.toolset, record.clock, record.tenant)
    conversation = Dialogue(token.session_id, terms, lease.fence)
    answered = conversation.recall(record, map(PastChunk.FromString, archived.chunks))
    session = gateway.hold(conversation, lease, token)
    session.journal.restore(archived.chunks, record.next_chunk, record.pending_forced, record.waited_chunks)
    session.stored = len(archived.chunks)
    wanted = min(opening.next_chunk, record.next_chunk + MOST_FORGOTTEN)
    _go_on_at(session, record, wanted)
    again = [message for message in answered if message.chunk.index >= wanted]
    for message in _welcome(gateway, session, record, again, wanted):
        session.post(message)
    return session


def _go_on_at(session: Call, record: SessionRecord, wanted: int) -> None:
    """A live session goes on with what comes now, above all that its client has; a file is heard again."""
    session.next_chunk = max(wanted, record.next_chunk) if session.live else record.next_chunk
    session.muted_below = wanted
    session.audio_over = record.audio_over and session.live
    session.counts.chunks_forgotten += session.next_chunk - record.next_chunk
    session.backlog.be_patient()


def _welcome(
    gateway: "Gateway",
    session: Call,
    record: SessionRecord,
    again: list[ConverseResponse],
    wanted: int,
) -> list[ConverseResponse]:
    """What the client is told first: what was agreed, what was lost, and chunks that it may have missed."""
    first = again[0].chunk.index if again else session.next_chunk
    forgotten = session.next_chunk - record.next_chunk
    messages = [gateway.opened(session, first_chunk=first), _resumed(session, forgotten=forgotten)]
    if first > wanted and session.live:
        messages.append(_notice(NOTICE_KIND_CHUNKS_DROPPED, wanted, first - wanted, NOT_KEPT))
    if again:
        messages.append(_notice(NOTICE_KIND_SOUND_LOST, first, len(again), "their sound is lost"))
    return messages + again


def _resumed(session: Call, *, gap_ms: int = 0, forgotten: int = 0) -> ConverseResponse:
    notice = Notice(
        kind=NOTICE_KIND_RESUMED,
        detail="the session goes on",
        first_chunk=session.next_chunk,
        chunks=forgotten,
        gap_ms=gap_ms,
    )
    return ConverseResponse(notice=notice)


def _notice(kind: NoticeKind, first_chunk: int, chunks: int, detail: str) -> ConverseResponse:
    return ConverseResponse(notice=Notice(kind=kind, detail=detail, first_chunk=first_chunk, chunks=chunks))
