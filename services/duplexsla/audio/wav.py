"""WAV files in and out: 16-bit mono PCM at 16 kHz is served; only converting another rate needs numpy."""

import wave
from pathlib import Path

from duplexsla.clock import SAMPLE_RATE
from duplexsla.errors import AudioError, MissingDependency

SAMPLE_BYTES = 2  # signed, little-endian


def read_wav(path: str | Path) -> bytes:
    """Samples of a file that is served as it is (PCM, 16 bits, mono, 16 kHz); AudioError for any other."""
    samples, rate, channels = _read(path)
    if (rate, channels) != (SAMPLE_RATE, 1):
        raise AudioError(f"{path}: mono at {SAMPLE_RATE} Hz is served; this has {channels} x {rate} Hz")
    return samples


def read_wav_converted(path: str | Path, *, tail_s: float = 0.0) -> bytes:
    """Samples of a 16-bit file of any rate, made mono and 16 kHz, and `tail_s` of silence behind them.

    Raises AudioError for what is no PCM WAV file, MissingDependency when converting needs a package.
    """
    samples, rate, channels = _read(path)
    if (rate, channels) != (SAMPLE_RATE, 1):
        samples = _convert(samples, rate, channels)
    return samples + bytes(SAMPLE_BYTES * round(tail_s * SAMPLE_RATE))


def write_wav(path: str | Path, samples: bytes, *, channels: int = 1) -> None:
    """16-bit samples at 16 kHz; those of several channels take turns."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(SAMPLE_BYTES)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(samples)


def _read(path: str | Path) -> tuple[bytes, int, int]:
    """16-bit samples, rate in Hz, channels."""
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
    if width != SAMPLE_BYTES:
        raise AudioError(f"{path} has {8 * width}-bit samples, not 16; ffmpeg -i IN -c:a pcm_s16le OUT.wav")
    return samples, rate, channels


def _convert(samples: bytes, rate: int, channels: int) -> bytes:
    try:
        import numpy as np
        import soxr
    except ImportError as error:
        raise MissingDependency(f"{rate} Hz needs a converter: pip install 'duplexsla[client]'") from error
    mono = np.frombuffer(samples, "<i2").reshape(-1, channels).astype(np.float32).mean(axis=1)
    resampled = soxr.resample(mono, rate, SAMPLE_RATE)
    return bytes(np.clip(np.rint(resampled), -32_768, 32_767).astype("<i2").tobytes())
