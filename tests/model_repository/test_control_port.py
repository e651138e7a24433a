"""The decoder by its control port: a tick that hangs is told; a drain starts no session, and answers when the
last one has gone or the deadline has passed.
"""

import asyncio
import threading
import time

from control_port import STUCK_S, DecoderDrain, TickWatch
from tests.support.tiny_engine import noise, tiny_engine

from duplexsla.engine.session_registry import DecodeRequest, SessionRegistry
from duplexsla.errors import SlotsExhausted

(HEARD,) = noise(7, 1)


def test_a_tick_that_takes_too_long_is_not_well_until_it_ends() -> None:
    now = [100.0]
    watch = TickWatch(lambda: now[0])
    now[0] += 1_000
    assert watch.well  # nobody talks
    with watch.tick():
        now[0] += STUCK_S - 0.1
        assert watch.well
        now[0] += 0.2
        assert not watch.well
    assert watch.well


def test_a_tick_that_failed_has_ended() -> None:
    now = [0.0]
    watch = TickWatch(lambda: now[0])
    try:
        with watch.tick():
            raise RuntimeError("failed")
    except RuntimeError:
        now[0] += 2 * STUCK_S
    assert watch.well


def _with_a_session() -> tuple[SessionRegistry, DecoderDrain]:
    decoder = SessionRegistry(tiny_engine(slots=2), idle_s=60.0)
    decoder.serve([DecodeRequest(1, 0, 5, HEARD, toolset="home", start=True)], time.monotonic())
    return decoder, DecoderDrain(decoder, threading.Lock())


def test_what_is_left_at_the_deadline_is_told_and_no_session_starts() -> None:
    decoder, drain = _with_a_session()
    assert not drain.draining
    assert asyncio.run(drain.drain(0.0)) == 1 and drain.draining
    (answer,) = decoder.serve([DecodeRequest(2, 0, 5, HEARD, toolset="home", start=True)], time.monotonic())
    assert isinstance(answer, SlotsExhausted)


def test_a_short_deadline_does_not_cut_a_longer_one() -> None:
    async def scenario() -> None:
        decoder, drain = _with_a_session()
        patient = asyncio.create_task(drain.drain(None))
        assert await drain.drain(0.0) == 1 and not patient.done()
        decoder.serve([DecodeRequest(1, 1, 5, HEARD, end=True)], time.monotonic())
        assert await patient == 0

    asyncio.run(scenario())
