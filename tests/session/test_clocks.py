import math
import random

from duplexsla.clock import CHUNK_S
from duplexsla.session.clocks import CATCH_UP_CHUNKS, GRACE_S, LEAD_S, ClockDecision, FileClock, LiveClock


def test_the_file_clock_takes_what_is_there_and_never_conceals() -> None:
    clock = FileClock()
    assert clock.decide(5.0, None) == (ClockDecision.WAIT, math.inf)
    assert clock.decide(5.0, 4.9) == (ClockDecision.TAKE, 4.9)


def test_the_live_clock_starts_with_the_first_chunk() -> None:
    clock = LiveClock()
    assert clock.decide(0.0, None) == (ClockDecision.WAIT, math.inf)
    assert clock.decide(3.0, 3.0) == (ClockDecision.TAKE, 3.0)


def _spend_lead(clock: LiveClock) -> float:
    """Opens the clock at 0 with a burst, so that no more lead is left; time of the next slot."""
    assert clock.decide(0.0, 0.0) == (ClockDecision.TAKE, 0.0)
    clock.advance()
    assert clock.decide(0.0, 0.0) == (ClockDecision.TAKE, 0.0)
    clock.advance()
    return CHUNK_S


def test_a_burst_is_paced_at_absolute_deadlines() -> None:
    clock = LiveClock()
    due = _spend_lead(clock)
    for slot in range(100):
        turn, at = clock.decide(0.0, 0.0)
        assert turn is ClockDecision.WAIT and math.isclose(at, due + slot * CHUNK_S)
        woken = at + 0.003 * (slot % 5)  # timers fire late; the next deadline does not move
        assert clock.decide(woken, 0.0)[0] is ClockDecision.TAKE
        clock.advance()


def test_missing_audio_is_concealed_after_a_grace_and_only_once_per_slot() -> None:
    clock = LiveClock()
    due = _spend_lead(clock)
    assert clock.decide(due, None) == (ClockDecision.WAIT, due + GRACE_S)
    assert clock.decide(due + GRACE_S, None) == (ClockDecision.CONCEAL, due)
    clock.advance()
    assert clock.decide(due + GRACE_S, None)[0] is ClockDecision.WAIT


def test_a_late_chunk_within_its_grace_is_used() -> None:
    clock = LiveClock()
    due = _spend_lead(clock)
    assert clock.decide(due + GRACE_S / 2, due + GRACE_S / 2) == (ClockDecision.TAKE, due)


def test_a_first_chunk_that_was_slow_does_not_delay_all_others() -> None:
    clock = LiveClock()
    clock.decide(1.100, 1.100)  # sent at 1.0, 100 ms on its way
    clock.advance()
    for chunk in range(1, 50):
        arrival = 1.010 + chunk * CHUNK_S  # the others need 10 ms
        turn, at = clock.decide(arrival, arrival)
        assert turn is ClockDecision.TAKE and math.isclose(at, arrival)
        clock.advance()


def test_the_lead_of_a_session_is_bounded() -> None:
    clock, taken = LiveClock(), 0
    now = 100.0
    for _ in range(1_000):  # a client that sends a hundred times too fast
        turn, _ = clock.decide(now, now)
        if turn is ClockDecision.TAKE:
            clock.advance()
            taken += 1
        now += CHUNK_S / 100
    assert taken <= (now - 100.0 + LEAD_S) / CHUNK_S + 1


def test_a_session_whose_audio_was_dropped_skips_the_slots_of_what_was_lost() -> None:
    """Held up for 20 slots, with room for 4 chunks: lateness counts from when the oldest one left was due."""
    clock = LiveClock()
    due = _spend_lead(clock)
    now = due + 20 * CHUNK_S
    for slot in range(17, 21):
        turn, at = clock.decide(now, oldest_at=due + slot * CHUNK_S + 0.001)
        assert turn is ClockDecision.TAKE and abs(at - (due + slot * CHUNK_S)) <= CHUNK_S
        clock.advance()
    assert 16 <= clock.skipped <= 17
    assert clock.decide(now, None)[0] is ClockDecision.WAIT


def test_a_session_held_up_without_audio_makes_up_only_a_little_silence() -> None:
    clock = LiveClock()
    now = _spend_lead(clock) + 100 * CHUNK_S + 0.001
    concealed = 0
    while clock.decide(now, None)[0] is ClockDecision.CONCEAL:
        clock.advance()
        concealed += 1
    assert concealed <= CATCH_UP_CHUNKS


def test_a_session_a_little_behind_catches_up() -> None:
    clock = LiveClock()
    due = _spend_lead(clock)
    late = due + 3.5 * CHUNK_S
    for slot in range(4):
        turn, at = clock.decide(late, oldest_at=due + slot * CHUNK_S)
        assert turn is ClockDecision.TAKE and math.isclose(at, due + slot * CHUNK_S)
        clock.advance()
    assert clock.decide(late, None)[0] is ClockDecision.WAIT and clock.skipped == 0


def test_slots_follow_the_wall_clock_for_a_day() -> None:
    """Whatever comes or does not: the number of turns is the time that passed, and nothing adds up."""
    rng = random.Random(1)
    clock, turns, now = LiveClock(), 0, 1e6
    clock.decide(now, now)
    clock.advance()
    for _ in range(540_000):
        turn, at = clock.decide(now, None if rng.random() < 0.5 else now)
        if turn is ClockDecision.WAIT:
            now = at
        else:
            turns += 1
            clock.advance()
    assert abs((now - 1e6) / CHUNK_S - turns) < 2
