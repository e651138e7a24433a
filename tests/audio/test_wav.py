"""WAV files: what a recorder writes becomes what the service hears."""

import math
import struct
import wave
from pathlib import Path

import pytest

from duplexsla.audio.wav import read_wav, write_wav
from duplexsla.clock import SAMPLE_RATE
from duplexsla.errors import AudioError


def test_what_is_written_is_read(tmp_path: Path) -> None:
    samples = struct.pack("<4h", 0, -32_768, 32_767, 5)
    write_wav(tmp_path / "a.wav", samples)
    assert read_wav(tmp_path / "a.wav") == samples


def test_another_rate_and_two_channels_become_ours(tmp_path: Path) -> None:
    tone = [round(10_000 * math.sin(2 * math.pi * 440 * t / 44_100)) for t in range(44_100)]
    frames = b"".join(struct.pack("<2h", value, value) for value in tone)
    _write(tmp_path / "a.wav", frames, rate=44_100, channels=2, width=2)
    samples = memoryview(read_wav(tmp_path / "a.wav")).cast("h")
    assert len(samples) == SAMPLE_RATE
    crossings = sum(a < 0 <= b for a, b in zip(samples, samples[1:], strict=False))
    assert abs(crossings - 440) <= 2


def test_what_is_no_pcm_file_is_told_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"ID3 something else")
    with pytest.raises(AudioError, match="ffmpeg"):
        read_wav(tmp_path / "a.wav")
    (tmp_path / "b.wav").write_bytes(b"")
    with pytest.raises(AudioError, match="ffmpeg"):
        read_wav(tmp_path / "b.wav")


def test_other_sample_widths_are_refused(tmp_path: Path) -> None:
    _write(tmp_path / "a.wav", bytes(30), rate=SAMPLE_RATE, channels=1, width=3)
    with pytest.raises(AudioError, match="24-bit"):
        read_wav(tmp_path / "a.wav")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="no.wav"):
        read_wav(tmp_path / "no.wav")


def _write(path: Path, frames: bytes, *, rate: int, channels: int, width: int) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(frames)
