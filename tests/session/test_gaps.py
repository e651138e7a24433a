from duplexsla.clock import CHUNK_SAMPLES
from duplexsla.session.gaps import LONG_GAP_CHUNKS, AudioGaps, DroppedChunks


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


def test_dropped_chunks_are_declared_with_the_first_and_their_number() -> None:
    dropped = DroppedChunks()
    assert dropped.declare() is None
    for chunk in (7, 8, 9):
        dropped.add(chunk)
    notice = dropped.declare()
    assert notice is not None and (notice.notice.first_chunk, notice.notice.chunks) == (7, 3)
    assert dropped.declare() is None and dropped.total == 3
