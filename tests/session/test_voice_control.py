from duplexsla.session.turn_words import HEARING_LAG_CHUNKS
from duplexsla.session.voice_control import PAUSE_CHUNKS, REPLY_CHUNKS, VoiceControl
from duplexsla.v1.journal_pb2 import SessionRecord
from duplexsla.v1.session_pb2 import (
    ATTENTION_MODE_ALWAYS,
    ATTENTION_MODE_PUSH_TO_TALK,
    ATTENTION_MODE_WAKE,
)

LAG = HEARING_LAG_CHUNKS


def waked(*, at: int = 100, for_ms: int = 1_600) -> VoiceControl:
    """Somebody turned to it for ten chunks."""
    voice = VoiceControl(ATTENTION_MODE_WAKE)
    voice.turn(at, attended=True, for_ms=for_ms)
    return voice


def says(voice: VoiceControl, *chunks: int) -> list[bool]:
    return [voice.admits(chunk, speaks=True) for chunk in chunks]


def test_where_everything_is_meant_for_it_the_voice_is_always_heard() -> None:
    voice = VoiceControl(ATTENTION_MODE_ALWAYS)
    assert says(voice, 0, 1_000) == [True, True] and voice.attended(5) and not voice.notice_due()


def test_what_was_said_to_it_is_attended_and_answered() -> None:
    voice = waked()
    voice.hear(105)
    assert voice.attended(100 + LAG) and not voice.attended(99 + LAG) and not voice.attended(110 + LAG)
    assert says(voice, 108, 109) == [True, True]


def test_what_was_said_in_the_room_is_not_answered_also_in_between() -> None:
    voice = waked()
    voice.hear(105)
    voice.hear(100 + 10 + LAG)  # the television goes on
    assert says(voice, 116) == [False] and voice.withheld


def test_a_reply_opens_a_window_for_what_follows_on_it() -> None:
    voice = waked()
    voice.hear(105)
    says(voice, 112)
    assert voice.attended(112 + 30 + LAG)


def test_a_long_reply_with_pauses_is_heard_to_its_end() -> None:
    voice = waked()
    voice.hear(105)
    chunks = list(range(108, 108 + 40 * PAUSE_CHUNKS, PAUSE_CHUNKS))
    assert all(says(voice, *chunks))


def test_a_reply_that_comes_long_after_the_words_is_none() -> None:
    voice = waked()
    voice.hear(105)
    assert says(voice, 105 + REPLY_CHUNKS + 1) == [False]


def test_a_button_that_was_released_before_the_reply_does_not_cut_it() -> None:
    voice = VoiceControl(ATTENTION_MODE_PUSH_TO_TALK)
    voice.turn(100, attended=True, for_ms=0)
    voice.turn(110, attended=False, for_ms=0)
    voice.hear(112)  # a word of chunk 108
    assert says(voice, 118) == [True] and not voice.attended(140)


def test_what_happens_in_the_room_is_said_and_opens_no_window() -> None:
    voice = VoiceControl(ATTENTION_MODE_WAKE)
    voice.on_line(50, is_reply=False)
    assert says(voice, 53, 54) == [True, True] and not voice.attended(56)


def test_an_outcome_that_somebody_waits_for_is_said_and_may_be_answered() -> None:
    voice = VoiceControl(ATTENTION_MODE_WAKE)
    voice.on_line(50, is_reply=True)
    assert says(voice, 53) == [True] and voice.attended(60)


def test_a_stopped_voice_is_silent_until_the_next_response_in_every_mode() -> None:
    for mode in (ATTENTION_MODE_ALWAYS, ATTENTION_MODE_WAKE):
        voice = VoiceControl(mode)
        voice.turn(0, attended=True, for_ms=60_000)
        voice.hear(8)
        assert says(voice, 9) == [True]
        voice.stop()
        voice.on_line(10, is_reply=True)
        assert says(voice, 10, 11) == [False, False]
        voice.on_response()
        assert says(voice, 12) == [True]


def test_a_client_that_never_tells_is_noticed_once() -> None:
    voice = VoiceControl(ATTENTION_MODE_WAKE)
    assert voice.notice_due() and not voice.notice_due()
    assert not waked().notice_due()


def test_a_mode_of_a_later_version_is_no_licence() -> None:
    assert not VoiceControl(9).attended(50)  # type: ignore[arg-type]


def test_windows_and_silence_survive_a_move_to_another_gateway() -> None:
    voice = waked()
    voice.stop()
    record = SessionRecord()
    voice.save(record)
    other = VoiceControl(ATTENTION_MODE_WAKE)
    other.restore(SessionRecord.FromString(record.SerializeToString()))
    assert other.attended(100 + LAG) and not other.attended(110 + LAG)
    assert says(other, 105) == [False] and not other.notice_due()


def test_the_last_words_before_a_cut_are_what_was_heard() -> None:
    voice = VoiceControl(ATTENTION_MODE_ALWAYS)
    for chunk, text in enumerate([" the", " kit", "chen", " light", " is", " on"]):
        voice.say(chunk, text)
    assert voice.cut(5, 2_000) is None
    assert voice.cut(3, 100) == "the kitchen" and voice.cut(3, 100) is None
    assert voice.cut(0, 0) == ""
