"""Windows of attention: whoever has not turned to the service is not heard."""

from hypothesis import given
from hypothesis import strategies as st

from duplexsla.clock import CHUNK_MS
from duplexsla.gates.attention import (
    FOLLOW_UP_MS,
    MAX_WINDOW_MS,
    MAX_WINDOWS,
    WAKE_MS,
    AttentionMode,
    AttentionWindows,
)

LAG = 4
CHUNKS = st.integers(0, 10_000)


def test_always_is_always() -> None:
    assert AttentionWindows(AttentionMode.ALWAYS).attended(0, LAG)


@given(CHUNKS)
def test_nobody_who_has_not_turned_to_it_is_attended(chunk: int) -> None:
    for mode in (AttentionMode.WAKE, AttentionMode.PUSH_TO_TALK):
        assert not AttentionWindows(mode).attended(chunk, LAG)


def test_an_action_belongs_to_the_chunk_in_which_its_words_sounded() -> None:
    windows = AttentionWindows(AttentionMode.WAKE)
    windows.turn_to(100)
    length = WAKE_MS // CHUNK_MS
    assert not windows.attended(100 + LAG - 1, LAG)
    assert windows.attended(100 + LAG, LAG)
    assert windows.attended(100 + length - 1 + LAG, LAG)
    assert not windows.attended(100 + length + LAG, LAG)


def test_the_client_says_for_how_long_within_bounds() -> None:
    windows = AttentionWindows(AttentionMode.WAKE)
    windows.turn_to(0, for_ms=1)
    assert windows.windows == ((0, 1),)
    windows = AttentionWindows(AttentionMode.WAKE)
    windows.turn_to(0, for_ms=1 << 31)
    assert windows.windows == ((0, MAX_WINDOW_MS // CHUNK_MS),)


def test_a_reply_lets_the_speaker_go_on_but_not_beside_a_button() -> None:
    windows = AttentionWindows(AttentionMode.WAKE)
    windows.turn_to(0, for_ms=CHUNK_MS)
    for chunk in range(20, 31):
        windows.reply(chunk)
    follow_up = -(-FOLLOW_UP_MS // CHUNK_MS)
    assert windows.attended(30 + follow_up, 0) and not windows.attended(31 + follow_up, 0)
    assert windows.attended(25, 0), "over the reply"
    held = AttentionWindows(AttentionMode.PUSH_TO_TALK)
    held.reply(20)
    assert not held.attended(21, 0)


def test_a_button_that_is_held_attends_until_it_is_let_go() -> None:
    held = AttentionWindows(AttentionMode.PUSH_TO_TALK)
    held.turn_to(10)
    held.turn_away(200)
    assert held.attended(199, 0) and not held.attended(200, 0)
    assert held.attended(200 + LAG - 1, LAG), "what was said before counts, though it is understood later"


@given(st.lists(st.tuples(st.sampled_from(["to", "away", "reply"]), CHUNKS), max_size=40), CHUNKS)
def test_the_windows_are_few_and_survive_a_resume(events: list[tuple[str, int]], asked: int) -> None:
    windows = AttentionWindows(AttentionMode.WAKE)
    for kind, chunk in events:
        {"to": windows.turn_to, "away": windows.turn_away, "reply": windows.reply}[kind](chunk)
    assert len(windows.windows) <= MAX_WINDOWS
    resumed = AttentionWindows(AttentionMode.WAKE, windows.windows)
    assert resumed.attended(asked, LAG) == windows.attended(asked, LAG)


@given(CHUNKS, CHUNKS)
def test_turning_away_ends_all_attention(to: int, away: int) -> None:
    windows = AttentionWindows(AttentionMode.WAKE)
    windows.turn_to(to)
    windows.turn_away(away)
    assert not windows.attended(max(away, to), 0) or to > away
    assert not any(end > away for _, end in windows.windows)
