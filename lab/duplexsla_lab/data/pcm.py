"""16-bit samples as they are stored, beside the floating-point ones that are computed with."""

import numpy as np
from numpy.typing import NDArray

FULL_SCALE = 32_767
PCM_SCALE = 1 / FULL_SCALE
Samples = NDArray[np.int16]


def pcm(samples: NDArray[np.float32]) -> Samples:
    """float32 [N] in -1..1 -> int16 [N]."""
    return (samples.clip(-1, 1) * FULL_SCALE).astype(np.int16)
