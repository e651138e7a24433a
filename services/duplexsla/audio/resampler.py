"""From one rate to another, streamed: a windowed sinc of linear phase in polyphase form.

Oppenheim and Schafer, Discrete-Time Signal Processing, 3rd ed., sections 4.6 and 4.7; window: Kaiser, 7.5.3.
Below the lower of the two Nyquist frequencies, `TRANSITION_HZ` of it excepted, sound passes unchanged; above
it at least 80 dB are taken away. The delay is `DELAY_S` whatever the rates.

Taps are whole multiples of 2**-24 and samples of 1/2, so that sums in float64 are exact in any order:
streamed equals whole, bit for bit, however the samples are cut.
"""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from duplexsla.audio.encodings import Samples

DELAY_S = 0.004  # a whole number of samples at every common multiple of the rates that are served
TRANSITION_HZ = 660.0  # what 8 ms of a window with BETA reach
BETA = 8.1  # 80 dB
TAP_UNIT = 2.0**-24
BLOCK_OUTPUTS = 32  # at least: a block costs little more than its own multiplications
BLOCKS_AT_ONCE = 16  # one product of matrices, too small for OpenBLAS to wake other threads


class Polyphase(NamedTuple):
    """One block: `inputs` samples, behind `history` earlier ones, give `outputs` samples."""

    up: int
    down: int
    inputs: int
    outputs: int
    history: int
    taps: NDArray[np.float64]  # [history + inputs, outputs]


@lru_cache
def polyphase(rate_in: int, rate_out: int) -> Polyphase:
    common = math.gcd(rate_in, rate_out)
    up, down = rate_out // common, rate_in // common
    response = impulse_response(rate_in * up, min(rate_in, rate_out) / 2) * up
    response = np.rint(response / TAP_UNIT) * TAP_UNIT
    cycles = math.ceil(BLOCK_OUTPUTS / up)
    history = (len(response) - 1) // up
    taps = np.zeros((history + cycles * down, cycles * up))
    for output in range(cycles * up):
        newest, phase = divmod(output * down, up)
        column = response[phase::up]
        taps[history + newest - np.arange(len(column)), output] = column
    return Polyphase(up, down, cycles * down, cycles * up, history, taps)


def impulse_response(rate: int, nyquist_hz: float) -> NDArray[np.float64]:
    """Taps of the low pass at `rate`, with a sum of 1, symmetrical about `DELAY_S`."""
    half = round(DELAY_S * rate)
    cutoff = 2 * (nyquist_hz - TRANSITION_HZ / 2) / rate
    taps: Samples = np.sinc(cutoff * np.arange(-half, half + 1)) * np.kaiser(2 * half + 1, BETA)
    return taps / float(taps.sum())


class Resampler:
    """Of one stream. After n samples in, ceil(n * rate_out / rate_in) have come out, for ever."""

    def __init__(self, rate_in: int, rate_out: int) -> None:
        self._polyphase = polyphase(rate_in, rate_out)
        self._buffer = np.zeros(self._polyphase.history)  # and what the present block has been given
        self._given_out = 0  # of the present block

    @property
    def silent(self) -> bool:
        """Nothing but silence is held: whole cycles of silence in would give silence, and change nothing."""
        return not self._buffer.any()

    def push(self, samples: Samples) -> Samples:
        """All outputs that these inputs complete."""
        if not len(samples):
            return samples
        block = self._polyphase
        buffer = np.concatenate((self._buffer, samples))
        fresh = len(buffer) - block.history
        ready = -(-fresh * block.up // block.down)
        outputs = self._filtered(buffer, -(-ready // block.outputs))[self._given_out : ready]
        whole = fresh // block.inputs
        self._buffer = buffer[whole * block.inputs :].copy()
        self._given_out = ready - whole * block.outputs
        return outputs

    def _filtered(self, buffer: Samples, blocks: int) -> Samples:
        """So many blocks, as if silence followed; what comes later has no part in outputs that are ready."""
        block = self._polyphase
        padded = np.zeros(block.history + blocks * block.inputs)
        padded[: len(buffer)] = buffer
        shape, hop = (blocks, len(block.taps)), block.inputs * padded.itemsize
        windows: Samples = np.ndarray(shape, padded.dtype, padded, strides=(hop, padded.itemsize))
        result = np.empty((blocks, block.outputs))
        for start in range(0, blocks, BLOCKS_AT_ONCE):
            piece = slice(start, start + BLOCKS_AT_ONCE)
            result[piece] = np.ascontiguousarray(windows[piece]) @ block.taps
        return result.reshape(-1)
