import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duplexsla.clock import CHUNK_BYTES, CHUNK_S, CHUNK_SAMPLES
from duplexsla.errors import AudioError
from duplexsla.session.audio_input import (
    CATCH_UP_CHUNKS,
    GRACE_S,
    LEAD_S,
    LONG_GAP_CHUNKS,
    MAX_FRAME_BYTES,
    AudioGaps,
    Backlog,
    BufferedChunk,
    Chunker,
    ClockDecision,
    FileClock,
    LiveClock,
)


@given(sizes=st.lists(st.integers(0, MAX_FRAME_BYTES // 2), max_size=12), seed=st.integers())
def test_any_frames_give_the_chunks_of_the_whole_audio(sizes: list[int], seed: int) -> None:
    frames = [random.Random(seed).randbytes(2 * size) for size in sizes]
    chunker = Chunker()
    chunks = [chunk for frame in frames for chunk in chunker.push(frame)]
    begun = chunker.flush()
    assert {len(chunk) for chunk in [*chunks, begun]} <= {CHUNK_BYTES, 0}
    audio = b"".join(frames)
    assert b"".join([*chunks, begun]) == audio.ljust(-(-len(audio) // CHUNK_BYTES) * CHUNK_BYTES, b"\0")


def test_an_odd_or_oversized_frame_is_refused_and_changes_nothing() -> None:
    chunker = Chunker()
    chunker.push(b"ab" * 10)
    for bad in (b"abc", bytes(MAX_FRAME_BYTES + 2), bytes(1 << 20)):
        with pytest.raises(AudioError, match=str(len(bad))):
            chunker.push(bad)
    assert chunker.flush() == (b"ab" * 10).ljust(CHUNK_BYTES, b"\0")


def test_nothing_begun_flushes_to_nothing() -> None:
    chunker = Chunker()
    assert chunker.push(b"") == [] and chunker.flush() == b""
    assert chunker.push(bytes(CHUNK_BYTES)) == [bytes(CHUNK_BYTES)] and chunker.flush() == b""


def test_a_full_backlog_drops_its_oldest_chunk() -> None:
    backlog = Backlog(capacity=2)
    assert backlog.oldest_at is None
    assert [backlog.put(BufferedChunk(b"", at)) for at in (1.0, 2.0, 3.0)] == [0, 0, 1]
    assert backlog.full and len(backlog) == 2 and backlog.oldest_at == 2.0
    assert [backlog.take().at, backlog.take().at] == [2.0, 3.0]


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


def test_a_gap_is_declared_once_when_it_is_over() -> None:
    gaps = AudioGaps()
    assert gaps.declare(over=True) is None
    gaps.conceal(5)
    gaps.conceal(6)
    assert gaps.declare(over=False) is None
    notice = gaps.declare(over=True)
    assert notice is not None
    assert (notice.notice.first_chunk, notice.notice.chunks, notice.notice.samples) == (
        5,
        2,
        2 * CHUNK_SAMPLES,
    )
    assert gaps.declare(over=True) is None


def test_every_missing_sample_is_declared_once_also_in_a_long_gap() -> None:
    gaps, declared, notices = AudioGaps(), 0, 0
    for chunk in range(100):
        gaps.conceal(chunk)
        if chunk % 10 == 3:
            gaps.lose(chunk)
        if (notice := gaps.declare(over=False)) is not None:
            declared += notice.notice.samples
            notices += 1
    if (notice := gaps.declare(over=True)) is not None:
        declared += notice.notice.samples
    assert declared == gaps.concealed + gaps.lost == 110 * CHUNK_SAMPLES
    assert notices <= 100 / LONG_GAP_CHUNKS
