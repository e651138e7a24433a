import grpc
import pytest

from duplexsla.errors import (
    AudioError,
    DecoderLost,
    DuplexSLAError,
    Retriable,
    SlotsExhausted,
    StaleFence,
    StoreLost,
    UnknownHome,
)
from duplexsla.gateway.call import failures
from duplexsla.gateway.edges.grpc.converse import status


@pytest.mark.parametrize(
    ("error", "code", "retry"),
    [
        (AudioError("odd"), grpc.StatusCode.INVALID_ARGUMENT, False),
        (UnknownHome("no"), grpc.StatusCode.NOT_FOUND, False),
        (SlotsExhausted("full", retry_after_ms=77), grpc.StatusCode.RESOURCE_EXHAUSTED, True),
        (DecoderLost("gone"), grpc.StatusCode.UNAVAILABLE, True),
        (StoreLost("gone"), grpc.StatusCode.UNAVAILABLE, True),
        (Retriable("draining"), grpc.StatusCode.UNAVAILABLE, True),
        (StaleFence("older"), grpc.StatusCode.ABORTED, False),
        (DuplexSLAError("secret"), grpc.StatusCode.INTERNAL, False),
    ],
)
def test_every_error_has_one_code_one_status_and_a_hint_when_trying_again_helps(
    error: DuplexSLAError, code: grpc.StatusCode, retry: bool
) -> None:
    message = failures.message(error).error
    given, text, trailing = status(error)
    assert given is code and message.code == error.code and text.startswith(error.code)
    assert bool(message.retry_after_ms) == bool(trailing) == retry


def test_the_inside_of_an_unforeseen_error_stays_inside() -> None:
    error = failures.cause(ExceptionGroup("x", [KeyError("password=hunter2")]))
    assert "hunter2" not in failures.message(error).error.detail
    assert "hunter2" not in status(error)[1]
