"""The way off a decoder that drains: a shadow is prepared on another one, then the session changes over
between two chunks. Nothing is lost, repeated or late.
"""

import asyncio
import logging
from contextlib import AsyncExitStack

from duplexsla.errors import DecoderLost, SlotsExhausted, StaleFence
from duplexsla.gateway.call.call import Call, moved
from duplexsla.gateway.call.standby import Standby, StandbyDisagrees
from duplexsla.gateway.decoders.pool import DRAINING_S, LOST_S

logger = logging.getLogger(__name__)

AGAIN_S = 0.5  # between two attempts
DISAGREEMENTS = 3  # then the session changes over without a shadow, with a gap


def begin(session: Call) -> None:
    """Moves the session in the background, unless that is under way. Called with every step that asks."""
    session.places.avoid(session.decoder.address, DRAINING_S)
    if session.migration is None or session.migration.done():
        session.migration = asyncio.get_running_loop().create_task(_migrate(session), name="migration")


def end(session: Call, shadow: Standby) -> None:
    """Changes over to a shadow that is level with its decoder; nothing is in flight. One that disagrees is
    sent away.
    """
    if shadow.agrees():
        session.places.retire(session.decoder)
        session.sit_down(shadow.stream)
        session.counts.migrated += 1
        session.history.write(moved(session, session.next_chunk, "migrated"))
    session.shadow = None
    shadow.end()


def cancel(session: Call) -> None:
    """The session ends, or loses its decoder before it could change over."""
    if session.migration is not None:
        session.migration.cancel()
    session.shadow = None


async def _migrate(session: Call) -> None:
    disagreements = 0
    while disagreements < DISAGREEMENTS:
        try:
            await _change_over(session)
            return
        except StandbyDisagrees as error:
            disagreements += 1
            logger.warning("session %016x: %s", session.session_id, error)
        except (DecoderLost, SlotsExhausted) as error:
            session.places.avoid(session.lease.decoder, LOST_S)
            logger.info("session %016x cannot move yet: %s", session.session_id, error)
        except StaleFence as error:
            session.fail(error)
            return
        await asyncio.sleep(AGAIN_S)
    session.lose_decoder("drains, and no shadow agrees with it")


async def _change_over(session: Call) -> None:
    lease = await session.places.move(session.lease, away_from=session.decoder.address)
    if lease.decoder == session.decoder.address:
        raise SlotsExhausted("there is no other decoder")
    session.lease = lease
    toolset = session.conversation.terms.toolset
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(session.places.turn(lease.decoder))
        async with session.places.alone(lease):
            past = session.journal.past(toolset, session.journal.next_chunk)
            stream = session.places.stream(lease, toolset, past)
            shadow = session.shadow = Standby(stream, session.in_flight, session.next_chunk)
            stack.callback(_send_away, session, shadow)
            going_on = await _follow(session, shadow)
        while going_on:
            going_on = await _follow(session, shadow)
    if session.decoder is not shadow.stream:
        raise StandbyDisagrees(f"the decoder {lease.decoder} says something else")


async def _follow(session: Call, shadow: Standby) -> bool:
    """One chunk; False once the session has changed over, or has seen that the shadow disagrees."""
    if not await shadow.expects():
        return False
    wait = session.patience
    try:
        async with asyncio.timeout(wait.start_s if shadow.started_at is None else wait.busy_s):
            await shadow.answer_one()
    except TimeoutError:
        raise DecoderLost(f"decoder {shadow.stream.address} does not answer") from None
    finally:
        session.answered.ring()
    return True


def _send_away(session: Call, shadow: Standby) -> None:
    if session.decoder is shadow.stream:
        return
    if session.shadow is shadow:
        session.shadow = None
        session.answered.ring()
    session.places.retire(shadow.stream)
