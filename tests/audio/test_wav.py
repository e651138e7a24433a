"""WAV files: what is served as it is, and what a recorder writes."""

import math
import struct
import subprocess
import sys
import wave
from collections.abc import Callable
from pathlib import Path

import pytest

from duplexsla.audio.wav import read_wav, read_wav_converted, write_wav
from duplexsla.clock import SAMPLE_RATE
from duplexsla.errors import AudioError

READERS = pytest.mark.parametrize("read", [read_wav, read_wav_converted])
Read = Callable[[Path], bytes]


@READERS
def test_what_is_written_is_read(tmp_path: Path, read: Read) -> None:
    samples = struct.pack("<4h", 0, -32_768, 32_767, 5)
    write_wav(tmp_path / "a.wav", samples)
    assert read(tmp_path / "a.wav") == samples


def test_a_tail_is_silence_behind_it(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", b"\1\2")
    assert read_wav_converted(tmp_path / "a.wav", tail_s=2 / SAMPLE_RATE) == b"\1\2" + bytes(4)


def test_another_rate_and_two_channels_become_ours(tmp_path: Path) -> None:
    tone = [round(10_000 * math.sin(2 * math.pi * 440 * t / 44_100)) for t in range(44_100)]
    frames = b"".join(struct.pack("<2h", value, value) for value in tone)
    _write(tmp_path / "a.wav", frames, rate=44_100, channels=2, width=2)
    samples = memoryview(read_wav_converted(tmp_path / "a.wav")).cast("h")
    assert len(samples) == SAMPLE_RATE
    crossings = sum(a < 0 <= b for a, b in zip(samples, samples[1:], strict=False))
    assert abs(crossings - 440) <= 2


@pytest.mark.parametrize(("rate", "channels"), [(8_000, 1), (16_000, 2)])
def test_the_strict_reader_names_a_form_that_is_not_served(tmp_path: Path, rate: int, channels: int) -> None:
    _write(tmp_path / "a.wav", bytes(4), rate=rate, channels=channels, width=2)
    with pytest.raises(AudioError, match="mono at 16000 Hz"):
        read_wav(tmp_path / "a.wav")


@READERS
@pytest.mark.parametrize("content", [b"ID3 something else", b"RIFF nothing", b""])
def test_what_is_no_pcm_file_is_refused_with_a_way_out(tmp_path: Path, read: Read, content: bytes) -> None:
    (tmp_path / "a.wav").write_bytes(content)
    with pytest.raises(AudioError, match="ffmpeg"):
        read(tmp_path / "a.wav")


@READERS
def test_other_sample_widths_are_refused(tmp_path: Path, read: Read) -> None:
    _write(tmp_path / "a.wav", bytes(30), rate=SAMPLE_RATE, channels=1, width=3)
    with pytest.raises(AudioError, match="24-bit"):
        read(tmp_path / "a.wav")


@READERS
def test_a_missing_file_is_named(tmp_path: Path, read: Read) -> None:
    with pytest.raises(AudioError, match="no.wav"):
        read(tmp_path / "no.wav")


def test_the_base_install_reads_files_without_numpy() -> None:
    program = "import sys, duplexsla.audio.wav; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]


def _write(path: Path, frames: bytes, *, rate: int, channels: int, width: int) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(frames)
