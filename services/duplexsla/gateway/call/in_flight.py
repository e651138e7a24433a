"""What a decoder was sent and has not answered."""

from typing import NamedTuple

from duplexsla.telemetry import StepContext

IN_FLIGHT = 2  # chunks at the decoder: one in its tick, one that waits for the next


class InFlight(NamedTuple):
    """One such chunk. Times are seconds of time.monotonic."""

    chunk: int
    due: float
    concealed: bool
    step: StepContext
    samples: bytes
    forced: str
