"""How a stream ends badly: an error becomes a gRPC status and a hint."""

import grpc

from duplexsla.errors import BadInput, DuplexSLAError, Retriable, SlotsExhausted, StaleFence, UnknownHome
from duplexsla.gateway.call.failures import detail, retry_after_ms

PUSHBACK = "grpc-retry-pushback-ms"  # https://github.com/grpc/proposal/blob/master/A6-client-retries.md

# The first class that fits decides.
STATUS: tuple[tuple[type[DuplexSLAError], grpc.StatusCode], ...] = (
    (UnknownHome, grpc.StatusCode.NOT_FOUND),
    (BadInput, grpc.StatusCode.INVALID_ARGUMENT),
    (SlotsExhausted, grpc.StatusCode.RESOURCE_EXHAUSTED),
    (StaleFence, grpc.StatusCode.ABORTED),
    (Retriable, grpc.StatusCode.UNAVAILABLE),
)


def status(error: DuplexSLAError) -> tuple[grpc.StatusCode, str, tuple[tuple[str, str], ...]]:
    """Status code, its text ("<code>: <sentence>") and trailing metadata."""
    codes = (code for kind, code in STATUS if isinstance(error, kind))
    retry_ms = retry_after_ms(error)
    trailing = ((PUSHBACK, str(retry_ms)),) if retry_ms else ()
    return next(codes, grpc.StatusCode.INTERNAL), f"{error.code}: {detail(error)}", trailing
