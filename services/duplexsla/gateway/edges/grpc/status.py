"""How a session ends badly: one error becomes a message, a status and a hint."""

from collections.abc import Iterator

import grpc

from duplexsla.errors import (
    BadInput,
    DuplexSLAError,
    Retriable,
    SlotsExhausted,
    StaleFence,
    UnknownHome,
)
from duplexsla.v1.session_pb2 import ConverseResponse, Error

RETRY_AFTER_MS = 1_000
PUSHBACK = "grpc-retry-pushback-ms"  # https://github.com/grpc/proposal/blob/master/A6-client-retries.md

# The first class that fits decides.
STATUS: tuple[tuple[type[DuplexSLAError], grpc.StatusCode], ...] = (
    (UnknownHome, grpc.StatusCode.NOT_FOUND),
    (BadInput, grpc.StatusCode.INVALID_ARGUMENT),
    (SlotsExhausted, grpc.StatusCode.RESOURCE_EXHAUSTED),
    (StaleFence, grpc.StatusCode.ABORTED),
    (Retriable, grpc.StatusCode.UNAVAILABLE),
)


def meaning(error: BaseException) -> DuplexSLAError:
    """The one error that says why a session ended: ours if there is one, in a group or alone."""
    errors = list(_leaves(error))
    ours = [each for each in errors if isinstance(each, DuplexSLAError)]
    return ours[0] if ours else DuplexSLAError(f"{type(errors[0]).__name__}: {errors[0]}")


def message(error: DuplexSLAError) -> ConverseResponse:
    return ConverseResponse(
        error=Error(code=error.code, detail=_detail(error), retry_after_ms=_retry_after_ms(error))
    )


def status(error: DuplexSLAError) -> tuple[grpc.StatusCode, str, tuple[tuple[str, str], ...]]:
    """Status code, its text ("<code>: <sentence>") and trailing metadata."""
    codes = (code for kind, code in STATUS if isinstance(error, kind))
    retry_ms = _retry_after_ms(error)
    trailing = ((PUSHBACK, str(retry_ms)),) if retry_ms else ()
    return next(codes, grpc.StatusCode.INTERNAL), f"{error.code}: {_detail(error)}", trailing


def _detail(error: DuplexSLAError) -> str:
    """Errors of our own making explain themselves; others stay in the log."""
    return "something is wrong with this server" if error.code == "internal" else str(error)


def _retry_after_ms(error: DuplexSLAError) -> int:
    if isinstance(error, SlotsExhausted):
        return error.retry_after_ms
    return RETRY_AFTER_MS if isinstance(error, Retriable) else 0


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _leaves(each)
    else:
        yield error
