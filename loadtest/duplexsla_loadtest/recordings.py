"""What callers say: WAV files as chunks, with the instant at which the voice ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from duplexsla.audio.wav import read_wav
from duplexsla.clock import CHUNK_BYTES, SAMPLE_RATE
from duplexsla.errors import SettingError

FRAME_SAMPLES = SAMPLE_RATE // 100  # 10 ms
QUIET_DB = -35.0  # beside the loudest 10 ms


@dataclass(frozen=True)
class Recording:
    name: str  # the file's, without .wav
    chunks: tuple[bytes, ...]  # CHUNK_BYTES each, the last filled up with silence
    voice_ends_s: float  # after its beginning


def recording(path: Path) -> Recording:
    """A WAV file; AudioError unless it is 16 bits, mono, 16 kHz."""
    samples = read_wav(path)
    rest = -len(samples) % CHUNK_BYTES
    padded = samples + bytes(rest)
    chunks = tuple(padded[at : at + CHUNK_BYTES] for at in range(0, len(padded), CHUNK_BYTES))
    return Recording(path.stem, chunks, voice_end_s(samples))


def voice_end_s(samples: bytes) -> float:
    """End of the last 10 ms that is not quiet, s."""
    whole = len(samples) // 2 // FRAME_SAMPLES * FRAME_SAMPLES
    frames = np.frombuffer(samples, np.int16)[:whole].reshape(-1, FRAME_SAMPLES).astype(np.float32)
    power = (frames**2).mean(axis=1) if whole else np.zeros(0)
    loud = np.flatnonzero(power > power.max(initial=0.0) * 10 ** (QUIET_DB / 10))
    return float(loud[-1] + 1) * FRAME_SAMPLES / SAMPLE_RATE if loud.size else 0.0


def find_folder(name: str, beside: Path) -> Path:
    """A folder named in a mix: beside the mix, else in the working directory; or SettingError."""
    for folder in (beside / name, Path(name)):
        if folder.is_dir():
            return folder
    raise SettingError(f"recordings: there is no folder {name}, neither in {beside} nor in {Path.cwd()}")


def matching(folders: Sequence[Path], patterns: Sequence[str]) -> list[Path]:
    """Files whose names match, sorted; SettingError for a pattern that matches none."""
    found: list[Path] = []
    for pattern in patterns:
        files = sorted(path for folder in folders for path in folder.glob(f"{pattern}.wav"))
        if not files:
            places = ", ".join(str(folder) for folder in folders)
            raise SettingError(f"say: no file {pattern}.wav in {places}")
        found += files
    return found
