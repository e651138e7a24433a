"""Errors of a decoder as they travel to a gateway, and back."""

from duplexsla.errors import (
    DecoderLost,
    DuplexSLAError,
    NotFinite,
    ProtocolError,
    SessionForgotten,
    SlotsExhausted,
    StaleFence,
)
from duplexsla.v1.decoder_pb2 import (
    DECODER_ERROR_CODE_BAD_MESSAGE,
    DECODER_ERROR_CODE_DECODER_LOST,
    DECODER_ERROR_CODE_NOT_FINITE,
    DECODER_ERROR_CODE_SLOTS_EXHAUSTED,
    DECODER_ERROR_CODE_STALE_FENCE,
    DECODER_ERROR_CODE_UNSPECIFIED,
    DecoderError,
    DecoderErrorCode,
)

_CODES: dict[type[DuplexSLAError], DecoderErrorCode] = {
    SlotsExhausted: DECODER_ERROR_CODE_SLOTS_EXHAUSTED,
    StaleFence: DECODER_ERROR_CODE_STALE_FENCE,
    SessionForgotten: DECODER_ERROR_CODE_DECODER_LOST,
    ProtocolError: DECODER_ERROR_CODE_BAD_MESSAGE,
    NotFinite: DECODER_ERROR_CODE_NOT_FINITE,
}
_KINDS = {code: kind for kind, code in _CODES.items()}


def to_wire(error: DuplexSLAError) -> DecoderError:
    """An error that gateways do not tell apart has no code."""
    return DecoderError(code=_CODES.get(type(error), DECODER_ERROR_CODE_UNSPECIFIED), detail=str(error))


def from_wire(error: DecoderError) -> DuplexSLAError:
    """DecoderLost for a code that is not known here, or for a fault of the decoder."""
    return _KINDS.get(error.code, DecoderLost)(error.detail)
