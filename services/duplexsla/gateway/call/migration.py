"""The way off a decoder that drains: a standby is prepared on another one, then the call changes over between
two chunks. Nothing is lost, repeated or late.
"""

import asyncio
import logging
from contextlib import AsyncExitStack

from duplexsla.errors import DecoderLost, SlotsExhausted
from duplexsla.gateway.call.call import Call
from duplexsla.gateway.call.standby import Standby, StandbyDisagrees
from duplexsla.gateway.call.state import CallEvent, CallState
from duplexsla.gateway.decoders.pool import LOST_S

logger = logging.getLogger(__name__)

AGAIN_S = 0.5  # between two attempts
DISAGREEMENTS = 3  # then the call changes over without a standby, with a gap


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
        await asyncio.sleep(AGAIN_S)


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
    return not call.in_flight and standby.caught_up(call.next_chunk)


def _take_over(call: Call, standby: Standby) -> None:
    """Between two chunks: nothing is in flight."""
    if not standby.agrees():
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
