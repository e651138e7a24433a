import math
import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duplexsla.clock import CHUNK_BYTES, CHUNK_S, CHUNK_SAMPLES
from duplexsla.errors import AudioError
from duplexsla.session.audio_input import (
    BACKLOG_CHUNKS,
    CATCH_UP_CHUNKS,
    FASTEST,
    GRACE_S,
    JITTER_FALL,
    JITTER_S,
    LONG_GAP_CHUNKS,
    MAX_FRAME_BYTES,
    SPACING_S,
    AudioGaps,
    AudioInput,
    Backlog,
    BufferedChunk,
    Chunker,
    ClockDecision,
    FileClock,
    LiveClock,
)


@given(sizes=st.lists(st.integers(0, MAX_FRAME_BYTES), max_size=12), seed=st.integers())
def test_frames_that_end_anywhere_give_the_chunks_of_the_whole_audio(sizes: list[int], seed: int) -> None:
    frames = [random.Random(seed).randbytes(size) for size in sizes]
    chunker = Chunker()
    chunks = [chunk for frame in frames for chunk in chunker.push(frame)]
    begun = chunker.flush()
    assert {len(chunk) for chunk in [*chunks, begun]} <= {CHUNK_BYTES, 0}
    audio = b"".join(frames)
    audio = audio[: len(audio) - len(audio) % 2]  # half a sample at the end is no sound
    assert b"".join([*chunks, begun]) == audio.ljust(-(-len(audio) // CHUNK_BYTES) * CHUNK_BYTES, b"\0")


def test_an_oversized_frame_is_refused_and_changes_nothing() -> None:
    chunker = Chunker()
    chunker.push(b"ab" * 10)
    for bad in (bytes(MAX_FRAME_BYTES + 2), bytes(1 << 20)):
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
    clock.arrive(3.0)
    assert clock.decide(3.0, 3.0) == (ClockDecision.TAKE, 3.0)


@dataclass
class Played:
    """What a session made of its audio; `conceal_at`, `waits` in s."""

    numbers: list[int] = field(default_factory=list)  # of the chunks taken, in order
    waits: list[float] = field(default_factory=list)  # of each, from complete to taken
    taken_at: list[float] = field(default_factory=list)
    conceal_at: list[float] = field(default_factory=list)
    lost: int = 0


def play(arrivals: Sequence[float], audio: AudioInput | None = None, until: float = 0.0) -> Played:
    """A session whose chunks are complete at `arrivals`; time jumps from one moment to the next."""
    audio, played, coming = audio or AudioInput(live=True), Played(), deque(enumerate(arrivals))
    now = arrivals[0]
    while coming or len(audio.backlog) or now < until:
        decision = audio.clock.decide(now, audio.backlog.oldest_at)
        if decision.choice is ClockDecision.WAIT:
            now = min(decision.at, coming[0][1] if coming else math.inf)
            while coming and coming[0][1] <= now:
                number, at = coming.popleft()
                played.lost += audio.put(number.to_bytes(4), at)
            continue
        if decision.choice is ClockDecision.CONCEAL:
            played.conceal_at.append(now)
        else:
            chunk = audio.backlog.take()
            played.numbers.append(int.from_bytes(chunk.samples))
            played.waits.append(now - chunk.at)
            played.taken_at.append(now)
        audio.clock.advance(decision, now)
    return played


@pytest.mark.parametrize("ppm", [-1_000, 100])
def test_the_wait_is_after_eight_hours_what_it_was_however_fast_a_microphone_is(ppm: int) -> None:
    audio, chunks = AudioInput(live=True), int(8 * 3_600 / CHUNK_S)
    played = play([1e5 + number * CHUNK_S / (1 + ppm * 1e-6) for number in range(chunks)], audio)
    assert played.numbers == list(range(chunks)) and not played.lost and not played.conceal_at
    assert max(played.waits) < 0.001 and audio.jitter_s < 0.001
    assert math.isclose(audio.drift_ppm, ppm, rel_tol=0.01)


@pytest.mark.parametrize("burst_s", [0.5, 0.96, 1.5, 2.0])
def test_audio_in_bursts_is_late_but_whole(burst_s: float) -> None:
    arrivals = [math.ceil((number + 1) * CHUNK_S / burst_s - 1e-9) * burst_s for number in range(5_620)]
    played = play(arrivals)
    assert played.numbers == list(range(5_620)) and not played.lost and not played.conceal_at
    assert max(played.waits) <= burst_s / 2  # two chunks in 160 ms


def _delivered(delays_s: Sequence[float]) -> list[float]:
    """When chunks are complete that are so late; none passes another."""
    arrivals: list[float] = []
    for number, delay_s in enumerate(delays_s):
        arrivals.append(max(number * CHUNK_S + delay_s, arrivals[-1] if arrivals else 0.0))
    return arrivals


@given(delays_s=st.lists(st.floats(0, JITTER_S), min_size=1, max_size=200))
def test_nothing_that_is_less_late_than_the_most_is_lost_or_doubled(delays_s: list[float]) -> None:
    arrivals = _delivered(delays_s)
    played = play(arrivals)
    assert played.numbers == list(range(len(arrivals))) and not played.lost
    spaces = [after - before for before, after in pairwise(played.taken_at)]
    assert all(space >= SPACING_S - 1e-9 for space in spaces)


@given(most_s=st.floats(0, 1.5), shares=st.lists(st.floats(0, 1), min_size=16, max_size=80))
def test_nothing_is_concealed_below_a_target_that_bursts_have_shown(
    most_s: float, shares: list[float]
) -> None:
    """Every 3 s one burst as late as any."""
    delays: list[float] = [0.0]
    for start in range(0, len(shares), 8):
        delays += [most_s, *(share * most_s for share in shares[start : start + 8]), *[0.0] * 10]
    arrivals = _delivered(delays)
    played = play(arrivals)
    shown_at = arrivals[20]
    assert [at for at in played.conceal_at if at > shown_at] == []


def test_the_target_grows_with_a_late_burst_and_falls_by_20_ms_a_second() -> None:
    clock = LiveClock()
    for number in range(10):
        clock.arrive(number * CHUNK_S)
    assert clock.jitter.target_s == 0.0
    late = 9 * CHUNK_S + 6 * CHUNK_S
    for _ in range(6):
        clock.arrive(late)
    assert math.isclose(clock.jitter.target_s, 5 * CHUNK_S, abs_tol=0.001)
    for number in range(1, 126):  # 20 s
        clock.arrive(late + number * CHUNK_S)
    assert math.isclose(clock.jitter.target_s, 5 * CHUNK_S - 20 * JITTER_FALL, abs_tol=0.001)


def test_a_muted_microphone_makes_nobody_wait_afterwards() -> None:
    audio = AudioInput(live=True)
    before = [number * CHUNK_S for number in range(20)]
    arrivals = before + [at + 300.0 for at in before]
    played = play(arrivals, audio)
    assert audio.jitter_s == 0.0 and played.numbers == list(range(40))
    assert abs(len(played.conceal_at) - 297 / CHUNK_S) < 2


def test_missing_audio_is_concealed_after_a_grace_and_every_160_ms() -> None:
    played = play([0.0], until=10.0)
    expected = [CHUNK_S + GRACE_S + slot * CHUNK_S for slot in range(len(played.conceal_at))]
    assert played.conceal_at == pytest.approx(expected) and len(expected) >= 60


def test_a_late_chunk_within_its_grace_is_used_and_due_when_it_came() -> None:
    clock = LiveClock()
    clock.arrive(0.0)
    clock.advance(clock.decide(0.0, 0.0), 0.0)
    late = CHUNK_S + GRACE_S / 2
    assert clock.decide(late, None) == (ClockDecision.WAIT, CHUNK_S + GRACE_S)
    clock.arrive(late)
    assert clock.decide(late, late) == (ClockDecision.TAKE, late)


def test_late_timers_move_no_deadline() -> None:
    clock = LiveClock()
    clock.advance(clock.decide(0.0, 0.0), 0.0)
    for slot in range(1, 12):
        decision = clock.decide(slot * (SPACING_S + 0.003), 0.0)
        assert decision.choice is ClockDecision.TAKE and math.isclose(decision.at, slot * SPACING_S)
        clock.advance(decision, slot * (SPACING_S + 0.003))


def test_who_sends_more_than_a_microphone_can_give_is_held_back() -> None:
    arrivals = [100.0 + number * CHUNK_S / 100 for number in range(50_000)]
    played = play(arrivals)
    most = (arrivals[-1] - 100.0 + JITTER_S) / CHUNK_S * FASTEST + 2
    backlog = BACKLOG_CHUNKS + math.ceil(JITTER_S / CHUNK_S)
    assert len(played.numbers) <= most + backlog and played.lost + len(played.numbers) == 50_000


def test_a_session_that_was_held_up_takes_two_chunks_in_160_ms_and_is_due_when_they_came() -> None:
    clock = LiveClock()
    clock.arrive(0.0)
    clock.advance(clock.decide(0.0, 0.0), 0.0)
    held_until = 20 * CHUNK_S
    for number in range(1, 21):
        now = held_until + number * 1.001 * SPACING_S
        assert clock.decide(now - 0.001 * SPACING_S * number - 0.001, number * CHUNK_S).choice is (
            ClockDecision.WAIT if number > 1 else ClockDecision.TAKE
        )
        decision = clock.decide(now, number * CHUNK_S)
        assert decision == (ClockDecision.TAKE, number * CHUNK_S)
        clock.advance(decision, now)


def test_a_session_held_up_without_audio_makes_up_only_a_little_silence() -> None:
    clock = LiveClock()
    clock.arrive(0.0)
    clock.advance(clock.decide(0.0, 0.0), 0.0)
    now, concealed = 100 * CHUNK_S + 0.001, 0
    while (decision := clock.decide(now, None)).choice is ClockDecision.CONCEAL:
        clock.advance(decision, now)
        concealed += 1
    assert 0 < concealed <= CATCH_UP_CHUNKS + 1


def test_a_gap_makes_no_drift() -> None:
    audio, arrivals = AudioInput(live=True), [number * CHUNK_S for number in range(1_000)]
    play([at + (10.0 if number >= 500 else 0.0) for number, at in enumerate(arrivals)], audio)
    assert abs(audio.drift_ppm) < 1.0


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
