"""Runs a call apart from its client: decoded to its end, on as many decoders as that takes.

A decoder that is lost is replaced, with a gap. Off one that drains there is a way without: a standby is
prepared on another one, then the call changes over between two chunks. Nothing is lost, repeated or late.
To another model a call moves while nobody speaks: that one reads the newest words of both sides alone.

Cancelling: `run` may be cancelled at every await; whoever does so says how the call is over (`Call.stop`).
All that is below runs as a part of it. `migrate` may be cancelled alone: a standby that has not taken over is
released.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

from duplexsla.errors import (
    DecoderLost,
    DuplexSLAError,
    NotAuthenticated,
    Retriable,
    SessionForgotten,
    SlotsExhausted,
    StaleFence,
)
from duplexsla.gateway.call import failures
from duplexsla.gateway.call.call import Call
from duplexsla.gateway.call.pipeline import decode, pace
from duplexsla.gateway.call.standby import Standby, StandbyDisagrees
from duplexsla.gateway.call.state import CallEvent, CallState
from duplexsla.gateway.decoders.pool import FULL_S, LOST_S
from duplexsla.history import events

logger = logging.getLogger(__name__)

AGAIN_S = 0.1  # between two attempts when no decoder takes the call
MOST_LOSSES = 6  # decoders that one call may lose within LOSSES_S: more, and it may be what kills them
LOSSES_S = 30.0
MOVE_AGAIN_S = 0.5  # between two attempts to leave a decoder that drains
DISAGREEMENTS = 3  # then the call changes over without a standby, with a gap

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
        temporary = isinstance(call.error, Retriable | StaleFence | NotAuthenticated)
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
        if isinstance(error, SlotsExhausted) and pool.all_avoided:
            await asyncio.sleep(AGAIN_S)  # each has just said no
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


async def migrate(call: Call) -> None:
    """Beside the pipeline: moves the call, which its decoder asks for, unless it leaves before.

    Raises DecoderLost when no standby agrees with the decoder, StaleFence when somebody else owns the call.
    Cancelling this is safe at every await: a standby that has not taken over is released.
    """
    while call.state is CallState.MIGRATING:
        await call.changed.wait_for(lambda: call.attachment is not None)
        await _move(call)


def _wanted(call: Call) -> bool:
    """Without a client nothing is decoded that two decoders could be compared by."""
    return call.state is CallState.MIGRATING and call.attachment is not None


async def _move(call: Call) -> None:
    disagreements = 0
    while _wanted(call):
        try:
            await _change_over(call)
            return
        except StandbyDisagrees as error:
            disagreements += 1
            logger.warning("standby_disagrees session=%016x error=%s", call.session_id, error)
            if disagreements == DISAGREEMENTS:
                raise DecoderLost("the decoder drains, and no standby agrees with it") from error
        except (DecoderLost, SlotsExhausted) as error:
            call.pool.avoid(call.lease.decoder, LOST_S)
            logger.info("migration_delayed session=%016x error=%s", call.session_id, error)
        await asyncio.sleep(MOVE_AGAIN_S)


async def _change_over(call: Call) -> None:
    """Returns after the change, or when the call is not to be moved any more."""
    lease = await call.pool.move(call.lease, away_from=call.link.stream.address)
    if lease.decoder == call.link.stream.address:
        raise SlotsExhausted("there is no other decoder")
    call.lease = lease
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(call.pool.prefill_permit(lease.decoder))
        async with call.pool.prefill_lock(lease):
            standby = _prepared(call)
            stack.callback(_release_unless_used, call, standby)
            going_on = await _follow(call, standby)
        while going_on:
            going_on = await _follow(call, standby)


def _prepared(call: Call) -> Standby:
    toolset = call.dialogue.terms.toolset
    past = call.journal.past(toolset, call.journal.next_chunk)
    stream = call.pool.stream(call.lease, toolset, past)
    call.standby = Standby(stream, call.in_flight, call.next_chunk)
    return call.standby


async def _follow(call: Call, standby: Standby) -> bool:
    """Decodes one chunk; False once the call has changed over, or is not to be moved any more."""
    await call.changed.wait_for(lambda: standby.waiting or _is_due(call, standby) or not _wanted(call))
    if not _wanted(call):
        return False
    if _is_due(call, standby):
        _take_over(call, standby)
        return False
    limit_s = call.timeouts.start_s if standby.started_at is None else call.timeouts.busy_s
    try:
        async with asyncio.timeout(limit_s):
            await standby.decode_one()
    except TimeoutError:
        raise DecoderLost(f"decoder {standby.stream.address} does not answer") from None
    return True


def _is_due(call: Call, standby: Standby) -> bool:
    return not call.in_flight and standby.caught_up(call.next_chunk) and not call.awaits_silence(standby)


def _take_over(call: Call, standby: Standby) -> None:
    """Between two chunks: nothing is in flight."""
    if not standby.is_foreign(call.journal.model) and not standby.agrees():
        raise StandbyDisagrees(f"the decoder {standby.stream.address} decodes something else")
    call.pool.release(call.link.stream)
    call.standby = None
    call.attach_decoder(standby.stream, answered=True)
    call.counts.migrated += 1
    call.log_move(call.next_chunk, "migrated")
    call.apply(CallEvent.CHANGED_OVER)


def _release_unless_used(call: Call, standby: Standby) -> None:
    if call.link.stream is standby.stream:
        return
    if call.standby is standby:
        call.standby = None
        call.changed.notify()
    call.pool.release(standby.stream)
