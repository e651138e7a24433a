"""A session's life apart from its client: decoded to its end, on as many decoders as that takes."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from duplexsla.errors import DecoderLost, DuplexSLAError, SlotsExhausted, StaleFence
from duplexsla.gateway.call import migration
from duplexsla.gateway.call.call import Call
from duplexsla.gateway.call.pipeline import answer, pace
from duplexsla.gateway.decoders.pool import FULL_S, LOST_S
from duplexsla.gateway.edges.grpc import status
from duplexsla.history import events

logger = logging.getLogger(__name__)

AGAIN_S = 0.1  # between two attempts when no decoder takes the session
MOST_LOSSES = 6  # decoders that one session may lose within LOSSES_S: more, and it may be what kills them
LOSSES_S = 30.0

Depart = Callable[[Call], Awaitable[bool]]


async def live(session: Call, depart: Depart) -> None:
    """Sets `session.ended` once nothing more will be said: to the error, or to None.

    `depart` hands a session that leaves over to whichever gateway its client goes to next; False when that
    is impossible now, so that it stays.
    """
    error: DuplexSLAError | None = None
    try:
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(_raise(session.failure))
            await _speak(session, depart)
            watching.cancel()
    except BaseExceptionGroup as errors:
        error = _explained(session, errors)
    finally:
        migration.cancel(session)
        session.give_turn_back()
    if error is not None:
        session.counts.fences_refused += isinstance(error, StaleFence)
        session.post(status.message(error))
    ended = events.session_ended(
        session.session_id, code=error.code if error else "", chunks=session.conversation.chunks
    )
    session.history.write(ended)
    session.spoken_all = True
    session.posted.ring()
    session.ended.set_result(error)


async def _speak(session: Call, depart: Depart) -> None:
    while True:
        await _decode(session)
        if not session.leaving:
            break
        if await depart(session):
            return
        session.leaving = session.sent_all = False
    await session.decoder.close()
    while session.conversation.open_actions:
        await session.outcome_told.wait()
    session.post(session.conversation.closed())


async def _decode(session: Call) -> None:
    """Until every chunk is answered; a decoder that is lost is replaced."""
    losses: list[float] = []
    if len(session.journal) and session.starting:
        await _sit_down(session)
    while True:
        try:
            await _on_one_decoder(session)
            return
        except BaseExceptionGroup as errors:
            error = status.meaning(errors)
            if not isinstance(error, DecoderLost | SlotsExhausted) or _cancelled():
                raise
        if isinstance(error, DecoderLost):
            losses = [at for at in losses if at > time.monotonic() - LOSSES_S] + [time.monotonic()]
        if len(losses) > MOST_LOSSES:
            raise error
        await _go_elsewhere(session, error)


async def _on_one_decoder(session: Call) -> None:
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(_raise(session.lost))
        group.create_task(pace(session))
        await answer(session)
        watching.cancel()


async def _go_elsewhere(session: Call, error: DuplexSLAError) -> None:
    """Seats the session on another decoder, which gets its past with the next chunk.

    Raises `error` when a session that has heard nothing yet finds no other decoder, and when no decoder has
    answered for `rebuild_s`.
    """
    places, former = session.places, session.decoder
    migration.cancel(session)
    session.give_turn_back()
    places.avoid(former.address, LOST_S if isinstance(error, DecoderLost) else FULL_S)
    if not len(session.journal) and not places.elsewhere(former.address):
        raise error
    logger.warning("session %016x goes elsewhere: %s", session.session_id, error)
    session.lost_since = session.lost_since or time.monotonic()
    session.backlog.be_patient()
    await _move(session, error)
    if session.lease.decoder != former.address:  # else the new start ends the old sequence
        places.retire(former)
    await _sit_down(session)


async def _move(session: Call, error: DuplexSLAError) -> None:
    """A lease on another decoder, as soon as one has a slot."""
    assert session.lost_since is not None
    while time.monotonic() < session.lost_since + session.patience.rebuild_s:
        try:
            former = session.decoder.address
            session.lease = await session.places.move(session.lease, away_from=former)
            return
        except SlotsExhausted:
            await asyncio.sleep(AGAIN_S)
    raise error


async def _sit_down(session: Call) -> None:
    toolset = session.conversation.terms.toolset
    turn = session.places.turn(session.lease.decoder)
    await turn.acquire()
    session.turn, session.starting = turn, True
    next_chunk = session.in_flight[0].chunk if session.in_flight else session.next_chunk
    session.sit_down(session.places.stream(session.lease, toolset, session.journal.past(toolset, next_chunk)))


def _cancelled() -> bool:
    """Whether somebody wants this task to end: a group of errors must not hide that."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _raise(future: "asyncio.Future[Exception] | asyncio.Future[DecoderLost]") -> None:
    """Raises what somebody outside has found."""
    raise await future


def _explained(session: Call, errors: BaseExceptionGroup[BaseException]) -> DuplexSLAError:
    """The error that a group stands for; one that is not ours is logged with its trace."""
    error = status.meaning(errors)
    if error.code == "internal":
        logger.error("session %016x failed", session.session_id, exc_info=errors)
    else:
        logger.info("session %016x ended: %s: %s", session.session_id, error.code, error)
    return error
