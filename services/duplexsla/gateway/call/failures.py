"""How a call ends badly: the one error that says why, and the message that tells the client."""

from collections.abc import Iterator

from duplexsla.errors import DuplexSLAError, Retriable, SlotsExhausted
from duplexsla.v1.session_pb2 import ConverseResponse, Error

RETRY_AFTER_MS = 1_000


def cause(error: BaseException) -> DuplexSLAError:
    """The one error that says why a call ended: ours if there is one, in a group or alone."""
    errors = list(_leaves(error))
    ours = [each for each in errors if isinstance(each, DuplexSLAError)]
    return ours[0] if ours else DuplexSLAError(f"{type(errors[0]).__name__}: {errors[0]}")


def message(error: DuplexSLAError) -> ConverseResponse:
    return ConverseResponse(
        error=Error(code=error.code, detail=detail(error), retry_after_ms=retry_after_ms(error))
    )


def detail(error: DuplexSLAError) -> str:
    """Errors of our own making explain themselves; others stay in the log."""
    return "something is wrong with this server" if error.code == "internal" else str(error)


def retry_after_ms(error: DuplexSLAError) -> int:
    """0: trying again is of no use."""
    if isinstance(error, SlotsExhausted):
        return error.retry_after_ms
    return RETRY_AFTER_MS if isinstance(error, Retriable) else 0


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _leaves(each)
    else:
        yield error
