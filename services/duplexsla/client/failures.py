"""Errors of the server and of the wire as the classes of `duplexsla.errors`."""

from collections.abc import Iterator

import grpc

from duplexsla.errors import BadInput, DuplexSLAError, Retriable, SlotsExhausted
from duplexsla.v1.session_pb2 import Error

_RETRIABLE = (
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.CANCELLED,  # by a server that stops
    grpc.StatusCode.UNKNOWN,
)
_BROKEN = "Internal error from Core"  # what grpc.aio calls a write that failed
_BAD_INPUT = (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND)


def from_message(error: Error) -> DuplexSLAError:
    """The server's last message of a session that failed; unknown codes become DuplexSLAError."""
    kind = _by_code().get(error.code, DuplexSLAError)
    if issubclass(kind, SlotsExhausted):
        return kind(error.detail, retry_after_ms=error.retry_after_ms)
    return kind(error.detail)


def from_code(code: grpc.StatusCode, details: str) -> DuplexSLAError:
    """A stream that ended with this status and without a last message; our servers name the code in it."""
    named, _, detail = details.partition(": ")
    if named in _by_code():
        return from_message(Error(code=named, detail=detail))
    said = details or code.name.lower()
    if code in _RETRIABLE or said == _BROKEN:
        return Retriable(said)
    return BadInput(said) if code in _BAD_INPUT else DuplexSLAError(said)


def _by_code() -> dict[str, type[DuplexSLAError]]:
    """A subclass that has its parent's code is somebody's own distinction: the wire means the parent."""
    return {kind.code: kind for kind in reversed(list(_tree(DuplexSLAError)))}


def _tree(kind: type[DuplexSLAError]) -> Iterator[type[DuplexSLAError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from _tree(each)
