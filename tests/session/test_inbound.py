import pytest

from duplexsla.errors import AudioError, BadInput, ProtocolError, UnknownHome
from duplexsla.session.inbound import FORMAT, Inbound, SessionTerms, Stage, agree
from duplexsla.v1.session_pb2 import (
    CLOCK_FILE,
    CLOCK_LIVE,
    AudioFormat,
    AudioFrame,
    Clock,
    ConverseRequest,
    End,
    Open,
)

OPEN = ConverseRequest(open=Open(home="h1", audio=FORMAT))
AUDIO = ConverseRequest(audio=AudioFrame(samples=b"abcd"))
END = ConverseRequest(end=End())
UNKNOWN_KIND = ConverseRequest.FromString(b"\x22\x02hi")  # field 4, which a later version may fill
UNKNOWN_INSIDE = ConverseRequest.FromString(b"\x12\x06\x0a\x02ab\x48\x01")  # audio with a field 9


def test_open_then_audio_then_end_is_the_order() -> None:
    inbound = Inbound()
    assert inbound.take(OPEN) == OPEN.open
    assert inbound.take(AUDIO) == b"abcd"
    assert inbound.take(END) is None
    assert inbound.stage is Stage.ENDED


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        ([AUDIO], "before open"),
        ([END], "before open"),
        ([OPEN, OPEN], "second open"),
        ([OPEN, END, AUDIO], "after end"),
        ([OPEN, END, END], "after end"),
        ([OPEN, ConverseRequest()], "empty"),
    ],
)
def test_a_message_out_of_order_is_refused(messages: list[ConverseRequest], said: str) -> None:
    inbound = Inbound()
    with pytest.raises(ProtocolError, match=said):
        for message in messages:
            inbound.take(message)


def test_unknown_fields_are_noticed_and_ignored() -> None:
    inbound = Inbound()
    inbound.take(OPEN)
    assert not inbound.unknown_fields
    assert inbound.take(UNKNOWN_KIND) is None and inbound.unknown_fields
    other = Inbound()
    other.take(OPEN)
    assert other.take(UNKNOWN_INSIDE) == b"ab" and other.unknown_fields


def test_call_metadata_wins_over_the_message() -> None:
    opening = Open(home="mine", audio=FORMAT, clock=CLOCK_FILE)
    assert agree(opening, {}) == SessionTerms("mine", "home", CLOCK_FILE)
    metadata = {"duplexsla-home": "theirs", "duplexsla-tenant": "acme"}
    assert agree(opening, metadata) == SessionTerms("theirs", "home", CLOCK_FILE, "acme")


def test_a_session_is_live_unless_it_says_otherwise() -> None:
    assert agree(Open(home="h", audio=FORMAT), {}).clock == CLOCK_LIVE


@pytest.mark.parametrize("home", ["", "x" * 65, "Kitchen", "a b", "../etc", "é"])
def test_a_malformed_home_is_unknown(home: str) -> None:
    with pytest.raises(UnknownHome):
        agree(Open(home=home, audio=FORMAT), {})


@pytest.mark.parametrize(
    "audio",
    [
        AudioFormat(),
        AudioFormat(encoding=FORMAT.encoding, sample_rate_hz=8_000, channels=1),
        AudioFormat(encoding=FORMAT.encoding, sample_rate_hz=16_000, channels=2),
        AudioFormat(encoding=9, sample_rate_hz=16_000, channels=1),  # type: ignore[arg-type]
    ],
)
def test_another_audio_format_is_refused(audio: AudioFormat) -> None:
    with pytest.raises(AudioError):
        agree(Open(home="h", audio=audio), {})


def test_a_toolset_that_is_not_served_is_refused() -> None:
    with pytest.raises(ProtocolError, match="boat"):
        agree(Open(home="h", audio=FORMAT, toolset="boat"), {})


def test_a_clock_of_a_later_version_is_refused() -> None:
    with pytest.raises(BadInput):
        agree(Open(home="h", audio=FORMAT, clock=7), {})  # type: ignore[arg-type]
    assert set(Clock.values()) == {0, 1, 2}
