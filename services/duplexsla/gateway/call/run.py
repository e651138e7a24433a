"""Runs a call apart from its client: decoded to its end, on as many decoders as that takes.

Cancelling: `run` may be cancelled at every await; whoever does so says how the call is over (`Call.stop`).
All that is below runs as a part of it.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from duplexsla.errors import (
    DecoderLost,
    DuplexSLAError,
    Retriable,
    SessionForgotten,
    SlotsExhausted,
    StaleFence,
)
from duplexsla.gateway.call import failures
from duplexsla.gateway.call.call import Call
from duplexsla.gateway.call.migration import migrate
from duplexsla.gateway.call.pipeline import decode, pace
from duplexsla.gateway.call.state import CallEvent
from duplexsla.gateway.decoders.pool import FULL_S, LOST_S
from duplexsla.history import events

logger = logging.getLogger(__name__)

AGAIN_S = 0.1  # between two attempts when no decoder takes the call
MOST_LOSSES = 6  # decoders that one call may lose within LOSSES_S: more, and it may be what kills them
LOSSES_S = 30.0

Depart = Callable[[Call], Awaitable[bool]]


async def run(call: Call, depart: Depart) -> None:
    """Until the call is over, with an error or without.

    `depart` hands a call that leaves over to whichever gateway its client goes to next; False when that is
    impossible now, so that it stays.
    """
    try:
        async with asyncio.TaskGroup() as group:
            failing = group.create_task(_raise_failure(call))
            event = await _serve(call, depart)
            failing.cancel()
    except BaseExceptionGroup as errors:
        call.error = _explained(call, errors)
        temporary = isinstance(call.error, Retriable | StaleFence)
        event = CallEvent.INTERRUPTED if temporary else CallEvent.FAILED
    finally:
        call.link.release_permit()
    if call.over:  # stopped from outside, when it was about to fail
        return
    if call.error is not None:
        call.counts.fences_refused += isinstance(call.error, StaleFence)
        call.put(failures.message(call.error))
    code = call.error.code if call.error is not None else ""
    call.history.write(events.session_ended(call.session_id, code=code, chunks=call.dialogue.chunks))
    call.apply(event)


async def _serve(call: Call, depart: Depart) -> CallEvent:
    """Says how it ended."""
    await _decode_all(call)
    while call.leaving:
        if await depart(call):
            return CallEvent.DEPARTED
        call.apply(CallEvent.STAY)
        call.audio.all_taken = False
        await _decode_all(call)
    call.apply(CallEvent.DECODED)
    await call.link.stream.close()
    await call.changed.wait_for(lambda: not call.dialogue.open_actions)
    call.put(call.dialogue.closed())
    return CallEvent.CLOSED


async def _decode_all(call: Call) -> None:
    """Until every chunk is answered; a decoder that is lost is replaced."""
    losses: list[float] = []
    if len(call.journal) and not call.link.answered:
        await _attach_decoder(call)
    while True:
        try:
            await _on_one_decoder(call)
            return
        except BaseExceptionGroup as errors:
            error = failures.cause(errors)
            if not isinstance(error, DecoderLost | SlotsExhausted) or _cancelled():
                raise
        if isinstance(error, DecoderLost):
            losses = [at for at in losses if at > time.monotonic() - LOSSES_S] + [time.monotonic()]
        if len(losses) > MOST_LOSSES:
            raise error
        await _rebuild(call, error)


async def _on_one_decoder(call: Call) -> None:
    """Or on several, one after the other, as each drains."""
    migrating: asyncio.Task[None] | None = None
    async with asyncio.TaskGroup() as group:

        def on_draining() -> None:
            nonlocal migrating
            if migrating is None or migrating.done():
                migrating = group.create_task(migrate(call))

        group.create_task(pace(call))
        await decode(call, on_draining)
        if migrating is not None:
            migrating.cancel()


async def _rebuild(call: Call, error: DuplexSLAError) -> None:
    """Places the call on another decoder, which gets its past with the next chunk.

    Raises `error` when a call without a past finds no other decoder, and when no decoder has
    answered for `rebuild_s`.
    """
    pool, former = call.pool, call.link.stream
    call.link.release_permit()
    forgotten = isinstance(error, SessionForgotten)
    if not forgotten:
        pool.avoid(former.address, LOST_S if isinstance(error, DecoderLost) else FULL_S)
    if not len(call.journal) and not forgotten and not pool.has_other(former.address):
        raise error
    logger.warning("call_rebuilt session=%016x error=%s", call.session_id, error)
    call.link.lost_at = call.link.lost_at or time.monotonic()
    call.apply(CallEvent.DECODER_LOST)
    call.audio.backlog.extend_capacity()
    await _take_other(call, call.link.lost_at, error, away_from="" if forgotten else former.address)
    if call.lease.decoder != former.address:  # else the new start ends the old sequence
        pool.release(former)
    await _attach_decoder(call)


async def _take_other(call: Call, lost_at: float, error: DuplexSLAError, *, away_from: str) -> None:
    """A lease on another decoder, as soon as one has a slot; on any where `away_from` is empty."""
    while time.monotonic() < lost_at + call.timeouts.rebuild_s:
        try:
            call.lease = await call.pool.move(call.lease, away_from=away_from)
            return
        except SlotsExhausted:
            await asyncio.sleep(AGAIN_S)
    raise error


async def _attach_decoder(call: Call) -> None:
    """The decoder of the lease is the call's, with all that the journal holds as its past."""
    toolset = call.dialogue.terms.toolset
    permit = call.pool.prefill_permit(call.lease.decoder)
    await permit.acquire()
    next_chunk = call.in_flight[0].chunk if call.in_flight else call.next_chunk
    stream = call.pool.stream(call.lease, toolset, call.journal.past(toolset, next_chunk))
    call.attach_decoder(stream, answered=False).permit = permit


def _cancelled() -> bool:
    """Whether somebody wants this task to end: a group of errors must not hide that."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _raise_failure(call: Call) -> None:
    """Raises what somebody outside has found."""
    raise await call.failure


def _explained(call: Call, errors: BaseExceptionGroup[BaseException]) -> DuplexSLAError:
    """The error that a group stands for; one that is not ours is logged with its trace."""
    error = failures.cause(errors)
    if error.code == "internal":
        logger.error("call_failed_internally session=%016x", call.session_id, exc_info=errors)
    else:
        logger.info("call_ended session=%016x code=%s error=%s", call.session_id, error.code, error)
    return error
