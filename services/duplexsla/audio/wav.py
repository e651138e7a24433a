"""WAV files in and out: whatever a recorder writes, as the 16 kHz mono samples that the service hears."""

import wave
from pathlib import Path

from duplexsla.clock import SAMPLE_RATE
from duplexsla.errors import AudioError, MissingDependency


def read_wav(path: Path, *, tail_s: float = 0.0) -> bytes:
    """Signed 16-bit little-endian samples, mono, 16 kHz, and `tail_s` of silence. Other rates are converted.

    Raises AudioError for what is no PCM WAV file, MissingDependency when converting needs a package.
    """
    try:
        with wave.open(str(path), "rb") as file:
            width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
            samples = file.readframes(file.getnframes())
    except FileNotFoundError as error:
        raise AudioError(f"there is no file {path}") from error
    except (wave.Error, EOFError) as error:
        raise AudioError(
            f"{path} is no PCM WAV file ({error}); ffmpeg -i IN -ar 16000 -ac 1 OUT.wav"
        ) from error
    if width != 2:
        raise AudioError(f"{path} has {8 * width}-bit samples, not 16; ffmpeg -i IN -c:a pcm_s16le OUT.wav")
    if (rate, channels) != (SAMPLE_RATE, 1):
        samples = _convert(samples, rate, channels)
    return samples + bytes(2 * round(tail_s * SAMPLE_RATE))


def write_wav(path: Path, samples: bytes) -> None:
    """`samples` as read_wav returns them."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(samples)


def _convert(samples: bytes, rate: int, channels: int) -> bytes:
    try:
        import numpy as np
        import soxr
    except ImportError as error:
        raise MissingDependency(f"{rate} Hz needs a converter: pip install 'duplexsla[client]'") from error
    mono = np.frombuffer(samples, "<i2").reshape(-1, channels).astype(np.float32).mean(axis=1)
    resampled = soxr.resample(mono, rate, SAMPLE_RATE)
    return bytes(np.clip(np.rint(resampled), -32_768, 32_767).astype("<i2").tobytes())
