"""Formats of clients to ours (16 kHz, mono, 16 bits) and back: streamed equals whole, one fixed delay."""

import numpy as np

from duplexsla.audio.encodings import ENCODINGS, to_int16
from duplexsla.audio.formats import chunk_bytes
from duplexsla.audio.resampler import DELAY_S, Resampler
from duplexsla.clock import SAMPLE_RATE, SILENCE


def delay_us(rate: int) -> int:
    """By how much a conversion from or to this rate delays sound."""
    return 0 if rate == SAMPLE_RATE else round(DELAY_S * 1e6)


class InputConverter:
    """One client's sound to ours. Two channels become their mean. No delay but that of the rate."""

    def __init__(self, encoding: str, rate: int, channels: int) -> None:
        self._encoding, self._channels = ENCODINGS[encoding], channels
        self.chunk_bytes = chunk_bytes(encoding, rate, channels)
        self._resampler = None if rate == SAMPLE_RATE else Resampler(rate, SAMPLE_RATE)
        self._rest = b""  # less than one sample of all channels

    def push(self, data: bytes) -> bytes:
        """16-bit samples that these bytes complete, cut wherever; AudioError for what is no sample."""
        data = self._rest + data
        frame_bytes = self._encoding.width * self._channels
        whole = len(data) - len(data) % frame_bytes
        self._rest = data[whole:]
        samples = self._encoding.decode(data[:whole])
        if self._channels > 1:
            samples = samples.reshape(-1, self._channels).mean(axis=1)
        if self._resampler is not None:
            samples = self._resampler.push(samples)
        return to_int16(samples).tobytes()


class OutputConverter:
    """Our sound to one client's. Two channels are given the same."""

    def __init__(self, encoding: str, rate: int, channels: int) -> None:
        self._encoding, self._channels = ENCODINGS[encoding], channels
        self._resampler = None if rate == SAMPLE_RATE else Resampler(SAMPLE_RATE, rate)

    def push_chunk(self, sound: bytes) -> bytes:
        """160 ms of the client's for 160 ms of ours; empty is silence, of both."""
        if not sound and (self._resampler is None or self._resampler.silent):
            return b""
        samples = np.frombuffer(sound or SILENCE, "<i2").astype(np.float64)
        if self._resampler is not None:
            samples = self._resampler.push(samples)
        return self._encoding.encode(np.repeat(samples, self._channels))
