"""A decoder's errors keep their kind on the way to a gateway."""

import pytest

from duplexsla.errors import (
    DecoderLost,
    DuplexSLAError,
    NotFinite,
    ProtocolError,
    SessionForgotten,
    SlotsExhausted,
    StaleFence,
)
from duplexsla.protocol.decoder_errors import from_wire, to_wire
from duplexsla.v1.decoder_pb2 import DecoderError


@pytest.mark.parametrize("kind", [SlotsExhausted, StaleFence, NotFinite, SessionForgotten, ProtocolError])
def test_an_error_that_gateways_tell_apart_keeps_kind_and_sentence(kind: type[DuplexSLAError]) -> None:
    read = from_wire(DecoderError.FromString(to_wire(kind("chunk 7 after 9")).SerializeToString()))
    assert type(read) is kind and str(read) == "chunk 7 after 9"


def test_any_other_error_loses_the_decoder() -> None:
    for error in (
        to_wire(DuplexSLAError("it broke")),
        to_wire(DecoderLost("it broke")),
        DecoderError(detail="it broke"),
    ):
        assert type(from_wire(error)) is DecoderLost and str(from_wire(error)) == "it broke"


def test_a_code_of_a_later_version_loses_the_decoder() -> None:
    assert type(from_wire(DecoderError.FromString(b"\x08\x63"))) is DecoderLost  # code 99
