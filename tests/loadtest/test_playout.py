import pytest

from duplexsla.clock import CHUNK_S
from duplexsla_loadtest.playout import PlayoutBuffer


def _underruns(chunks: list[tuple[int, bool, float]], buffer_s: float = 0.1) -> list[float]:
    playout = PlayoutBuffer(buffer_s)
    return [playout.play(*chunk) for chunk in chunks]


def test_sound_in_time_has_no_underrun() -> None:
    assert _underruns([(n, True, n * CHUNK_S + (0.1 if n % 2 else 0.0)) for n in range(9)]) == [0.0] * 9


def test_a_chunk_later_than_the_buffer_is_one_underrun() -> None:
    underruns = _underruns(
        [(0, True, 0.0), (1, True, CHUNK_S + 0.15), (2, True, 2 * CHUNK_S + 0.15), (3, True, 0.5)]
    )
    assert underruns == pytest.approx([0.0, 0.05, 0.0, 0.0])


def test_late_silence_is_no_underrun() -> None:
    assert (
        _underruns([(0, True, 0.0), (1, False, 5.0), (2, True, 9.0), (3, True, 9.0 + CHUNK_S)]) == [0.0] * 4
    )


def test_a_chunk_that_never_came_is_an_underrun_of_its_length() -> None:
    assert _underruns([(0, True, 0.0), (2, True, 2 * CHUNK_S)]) == pytest.approx([0.0, CHUNK_S])
