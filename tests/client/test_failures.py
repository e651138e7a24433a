import grpc
import pytest

from duplexsla.client.failures import from_code, from_message
from duplexsla.errors import (
    AudioError,
    BadInput,
    DecoderLost,
    DuplexSLAError,
    Retriable,
    SlotsExhausted,
    UnknownHome,
)
from duplexsla.v1.session_pb2 import Error


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("bad_audio", AudioError),
        ("unknown_home", UnknownHome),
        ("slots_exhausted", SlotsExhausted),
        ("unavailable", Retriable),
        ("internal", DuplexSLAError),
        ("of a later version", DuplexSLAError),
    ],
)
def test_a_servers_code_is_a_class_of_the_tree(code: str, kind: type[DuplexSLAError]) -> None:
    error = from_message(Error(code=code, detail="why", retry_after_ms=70))
    assert type(error) is kind and str(error) == "why"
    if isinstance(error, SlotsExhausted):
        assert error.retry_after_ms == 70


def test_a_status_without_a_message_still_says_whether_to_try_again() -> None:
    assert isinstance(from_code(grpc.StatusCode.UNAVAILABLE, ""), Retriable)
    assert isinstance(from_code(grpc.StatusCode.INVALID_ARGUMENT, "odd"), BadInput)
    assert not isinstance(from_code(grpc.StatusCode.INTERNAL, ""), Retriable)


def test_a_private_subclass_does_not_take_its_parents_code() -> None:
    class Disagrees(DecoderLost):
        """One server's own distinction, told as its parent on the wire."""

    assert Disagrees.code == DecoderLost.code
    assert type(from_message(Error(code=DecoderLost.code, detail="why"))) is DecoderLost
