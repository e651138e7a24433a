"""Rows of the decoder's tensors, in one line each."""

from duplexsla.gateway.decoders.client import Row
from duplexsla.v1.decoder_pb2 import ChunkRequest, SessionStart


def chunk_row(
    session: int,
    chunk: int,
    fence: int,
    samples: bytes,
    *,
    toolset: str = "",
    past: bytes = b"",
    end: bool = False,
    injected_text: str = "",
    traceparent: str = "",
) -> Row:
    """A toolset starts the session."""
    request = ChunkRequest(
        session_id=session,
        chunk=chunk,
        fence=fence,
        start=SessionStart(toolset=toolset, past=past) if toolset else None,
        end=end,
        injected_text=injected_text,
        traceparent=traceparent,
    )
    return Row(samples, request)
