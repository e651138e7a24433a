"""When the assistant speaks, measured on its decoded sound: energy with hysteresis.

Why not webrtcvad: it is made to find speech in a noisy microphone. Here the sound is one clean voice, or
silence, and the times of onset and stop are what is measured. On examples/ webrtcvad 2.0.14 holds on
for 60 to 160 ms after the last sound, and its sharpest mode ends up to 60 ms before it: as much as a chunk,
on every stop. Energy is exact to one frame, carries nothing over from before, and needs no package.

A frame of 10 ms is loud above -45 dBFS and stays so until it falls below -52 dBFS. Gaps shorter than 400 ms
are pauses within speech, not stops; what is shorter than 40 ms is a click, not speech. A gap's stop stands
at its start, so the detector adds no delay: it looks at the whole recording, after the fact ("post-
processed", section 5.1).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from duplexsla.clock import CHUNK_SAMPLES, SAMPLE_RATE

FRAME_SAMPLES = SAMPLE_RATE // 100  # 10 ms
FRAMES_PER_CHUNK = CHUNK_SAMPLES // FRAME_SAMPLES  # 16
FULL_SCALE = 32_768


@dataclass(frozen=True, slots=True)
class Detector:
    """Levels in dBFS (RMS of a frame), lengths in frames of 10 ms."""

    on_dbfs: float = -45.0
    off_dbfs: float = -52.0
    shortest_gap: int = 40
    shortest_speech: int = 4
    frames_per_chunk: int = 4  # of speech, for a chunk to count as speech: one token of 40 ms

    def frames(self, sound: NDArray[np.int16]) -> NDArray[np.bool_]:
        """int16 [N] -> bool [N // 160]."""
        levels = frame_levels(sound)
        active = _hysteresis(levels, self.on_dbfs, self.off_dbfs)
        _flip_short_runs(active, True, self.shortest_speech, at_ends=True)
        _flip_short_runs(active, False, self.shortest_gap, at_ends=False)
        return active

    def chunks(self, sound: NDArray[np.int16]) -> list[bool]:
        """int16 [2560 n] -> n flags: does the assistant speak in this chunk?"""
        counts = self.frames(sound).reshape(-1, FRAMES_PER_CHUNK).sum(axis=1)
        return [bool(count >= self.frames_per_chunk) for count in counts]


def frame_levels(sound: NDArray[np.int16]) -> NDArray[np.float64]:
    """dBFS of each 10 ms, float64 [N // 160]; -inf never comes: digital silence is about -110."""
    count = len(sound) // FRAME_SAMPLES
    frames = sound[: count * FRAME_SAMPLES].reshape(count, FRAME_SAMPLES).astype(np.float64)
    frames -= frames.mean(axis=1, keepdims=True)  # a constant offset is no sound
    rms = np.sqrt((frames**2).mean(axis=1))
    return 20 * np.log10(np.maximum(rms, 0.1) / FULL_SCALE)


def _hysteresis(levels: NDArray[np.float64], on: float, off: float) -> NDArray[np.bool_]:
    """Each frame takes the state of the last frame that was clearly loud or clearly quiet."""
    clear = np.where(levels > on, 1, np.where(levels < off, 0, -1))
    last = np.maximum.accumulate(np.where(clear >= 0, np.arange(len(clear)), -1))
    return np.where(last >= 0, clear[last], 0).astype(bool)


def _flip_short_runs(active: NDArray[np.bool_], state: bool, shortest: int, *, at_ends: bool) -> None:
    """Turns runs of `state` shorter than `shortest` into the other state, in place."""
    bounds = np.flatnonzero(np.diff(active.astype(np.int8))) + 1
    edges = [0, *bounds.tolist(), len(active)]
    for start, end in zip(edges, edges[1:], strict=False):
        inner = start > 0 and end < len(active)
        if end - start < shortest and end > start and active[start] == state and (inner or at_ends):
            active[start:end] = not state
