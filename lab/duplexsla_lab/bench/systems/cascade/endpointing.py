"""The user's voice as it comes: where an utterance begins, and for how long it has been quiet since.

Voice activity is energy above the noise, with hysteresis. It decides alone when a turn may be over, as in
pipelines of this kind.
"""

import numpy as np
from numpy.typing import NDArray

from duplexsla.clock import SAMPLE_RATE
from duplexsla_lab.bench.voice_activity import FRAME_SAMPLES, frame_levels

FRAME_S = FRAME_SAMPLES / SAMPLE_RATE  # 0.01
ON_DB, OFF_DB = 12.0, 7.0  # above the noise
MIN_DBFS = -55.0  # nothing below is a voice
NOISE_DBFS = -70.0  # before anything was heard
NOISE_UP_DB = 0.02  # a frame: the noise is believed to grow slowly, and to fall at once
ONSET_FRAMES = 4  # of voice in a row, for a voice to begin
GAP_FRAMES = 20  # of quiet, for it to be no longer one voice
MARGIN_SAMPLES = SAMPLE_RATE // 5  # kept before and behind an utterance


class Endpointer:
    """`push` chunks; read `quiet_s`, `voice_s` and `utterance`; `reset` when it has been dealt with."""

    def __init__(self) -> None:
        self._noise_dbfs, self._loud = NOISE_DBFS, False
        self._run = 0  # frames of voice in a row, before it is believed to be one
        self._voice_frames = self._quiet_frames = 0
        self._sound = np.zeros(0, np.int16)
        self._open, self._end = False, 0  # an utterance is there; its last voice in `_sound`

    def push(self, samples: NDArray[np.int16]) -> None:
        """int16 [160 n]."""
        start = len(self._sound)
        self._sound = np.concatenate([self._sound, samples])
        for frame, level in enumerate(frame_levels(samples)):
            self._frame(float(level), start + (frame + 1) * FRAME_SAMPLES)
        if not self._open:
            self._sound = self._sound[-MARGIN_SAMPLES:]

    @property
    def quiet_s(self) -> float:
        """Since the last voice of the utterance; 0 without an utterance."""
        return self._quiet_frames * FRAME_S if self._open else 0.0

    @property
    def voice_s(self) -> float:
        """For how long somebody has been speaking now; 0 when it is quiet."""
        return self._voice_frames * FRAME_S

    @property
    def utterance(self) -> NDArray[np.int16]:
        """All since the utterance began, int16 [N]; empty without one."""
        return self._sound[: self._end + MARGIN_SAMPLES] if self._open else self._sound[:0]

    def reset(self) -> None:
        self._sound, self._open, self._end = self._sound[-MARGIN_SAMPLES:], False, 0

    def _frame(self, level: float, end: int) -> None:
        """One frame of 10 ms, in dBFS; it ends at sample `end`."""
        threshold = max(MIN_DBFS, self._noise_dbfs + (OFF_DB if self._loud else ON_DB))
        self._loud = level > threshold
        self._noise_dbfs = min(level, self._noise_dbfs + NOISE_UP_DB) if level > NOISE_DBFS else NOISE_DBFS
        self._run = self._run + 1 if self._loud else 0
        speaking = self._run >= ONSET_FRAMES or (self._loud and self._voice_frames > 0)
        if speaking:
            going_on = self._voice_frames + self._quiet_frames + 1
            self._voice_frames = going_on if self._voice_frames else self._run
            self._open, self._end, self._quiet_frames = True, end, 0
        else:
            self._quiet_frames += 1
            if self._quiet_frames > GAP_FRAMES:
                self._voice_frames = 0
