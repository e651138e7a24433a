import pytest
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st

from duplexsla.errors import AudioError, BadInput, ProtocolError, UnknownHome
from duplexsla.session.client_sound import FORMAT
from duplexsla.session.messages import (
    Inbound,
    SessionTerms,
    Stage,
    agree,
)
from duplexsla.v1.session_pb2 import (
    ATTENTION_MODE_ALWAYS,
    ATTENTION_MODE_WAKE,
    CLOCK_FILE,
    CLOCK_LIVE,
    NOTICE_KIND_UNKNOWN_FIELDS,
    AudioFormat,
    AudioFrame,
    Clock,
    Confirm,
    ConverseRequest,
    End,
    Open,
    Stop,
    Text,
)

OPEN = ConverseRequest(open=Open(home="h1", audio=FORMAT))
AUDIO = ConverseRequest(audio=AudioFrame(samples=b"abcd"))
END = ConverseRequest(end=End())
UNKNOWN_KIND = ConverseRequest.FromString(b"\x7a\x02hi")  # field 15, which a later version may fill
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
        AudioFormat(encoding=FORMAT.encoding, sample_rate_hz=11_025, channels=1),
        AudioFormat(encoding=FORMAT.encoding, sample_rate_hz=16_000, channels=3),
        AudioFormat(encoding=9, sample_rate_hz=16_000, channels=1),  # type: ignore[arg-type]
    ],
)
def test_a_format_that_is_not_served_is_refused(audio: AudioFormat) -> None:
    with pytest.raises(AudioError):
        agree(Open(home="h", audio=audio), {})


def test_a_toolset_that_is_not_served_is_refused() -> None:
    with pytest.raises(ProtocolError, match="boat"):
        agree(Open(home="h", audio=FORMAT, toolset="boat"), {})


def test_a_clock_of_a_later_version_is_refused() -> None:
    with pytest.raises(BadInput):
        agree(Open(home="h", audio=FORMAT, clock=7), {})  # type: ignore[arg-type]
    assert set(Clock.values()) == {0, 1, 2}


def test_what_a_client_tells_beside_its_sound_is_taken_as_it_is() -> None:
    inbound = Inbound()
    inbound.take(ConverseRequest(open=Open(home="h")))
    confirm = Confirm(action_id="a", yes=True)
    assert inbound.take(ConverseRequest(stop=Stop())) == Stop()
    assert inbound.take(ConverseRequest(confirm=confirm)) == confirm
    assert inbound.take(ConverseRequest(text=Text(words="light on"))) == Text(words="light on")
    assert inbound.take_notices() == []


def test_what_a_client_is_told_of_its_messages_is_told_once_each() -> None:
    inbound = Inbound()
    inbound.take(ConverseRequest(open=Open(home="h")))
    for _ in range(2):
        inbound.take(UNKNOWN_KIND)
    assert [notice.kind for notice in inbound.take_notices()] == [NOTICE_KIND_UNKNOWN_FIELDS]
    assert inbound.take_notices() == []


def test_where_a_client_leaves_its_attention_open_it_is_that_of_the_gateway() -> None:
    opening = Open(home="h", audio=FORMAT)
    assert agree(opening, {}, ATTENTION_MODE_WAKE).attention == ATTENTION_MODE_WAKE
    opening.attention = ATTENTION_MODE_ALWAYS
    assert agree(opening, {}, ATTENTION_MODE_WAKE).attention == ATTENTION_MODE_ALWAYS


def test_what_is_not_served_is_out_of_order_before_open_all_the_same() -> None:
    with pytest.raises(ProtocolError, match="stop before open"):
        Inbound().take(ConverseRequest(stop=Stop()))


@pytest.mark.parametrize("name", ["x" * 65, "kitchen\n", "\x00"])
def test_a_room_that_cannot_be_written_is_refused(name: str) -> None:
    opening = Open(home="h", audio=FORMAT, room=name)
    with pytest.raises(ProtocolError, match="room"):
        agree(opening, {})
    assert agree(Open(home="h", audio=FORMAT, room="Küche"), {}).room == "Küche"


@st.composite
def messages(draw: st.DrawFn) -> list[ConverseRequest]:
    """What a client may put on the wire: messages in any order, and bytes that happen to be one."""
    raw = draw(
        st.lists(st.sampled_from([OPEN, AUDIO, END, UNKNOWN_KIND]) | st.binary(max_size=64), max_size=8)
    )
    read = []
    for each in raw:
        try:
            read.append(ConverseRequest.FromString(each) if isinstance(each, bytes) else each)
        except DecodeError:
            continue
    return read


@given(sent=messages())
def test_whatever_comes_audio_is_taken_between_open_and_end_alone(sent: list[ConverseRequest]) -> None:
    inbound = Inbound()
    for message in sent:
        before = inbound.stage
        try:
            taken = inbound.take(message)
        except ProtocolError:
            assert inbound.stage is before
            return
        assert (not isinstance(taken, bytes)) or before is Stage.OPEN
        assert (not isinstance(taken, Open)) or (before is Stage.NEW and inbound.stage is Stage.OPEN)


@given(raw=st.binary(max_size=200), metadata=st.dictionaries(st.just("duplexsla-home"), st.text(max_size=80)))
def test_any_opening_is_agreed_on_or_refused_as_bad_input(raw: bytes, metadata: dict[str, str]) -> None:
    try:
        terms = agree(Open.FromString(raw), metadata)
    except (DecodeError, BadInput):
        return
    assert 0 < len(terms.home) <= 64 and terms.clock in (CLOCK_LIVE, CLOCK_FILE)
