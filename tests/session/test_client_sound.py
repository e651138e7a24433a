"""Formats of a client's stream: which are served, and what chunks and `opened` are in them."""

import itertools

import numpy as np
import pytest

from duplexsla.audio.encodings import ENCODINGS
from duplexsla.audio.formats import CHANNELS, RATES
from duplexsla.clock import CHUNK_BYTES, SILENCE
from duplexsla.enum_names import enum_name
from duplexsla.errors import AudioError
from duplexsla.session.client_sound import FORMAT, ClientSound, check_format
from duplexsla.v1.session_pb2 import (
    ENCODING_MU_LAW,
    ENCODING_PCM_S16LE,
    AudioFormat,
    Chunk,
    ConverseResponse,
    Encoding,
    Notice,
    Opened,
)

TELEPHONE = AudioFormat(encoding=ENCODING_MU_LAW, sample_rate_hz=8_000, channels=1)
WIDE = AudioFormat(encoding=ENCODING_PCM_S16LE, sample_rate_hz=24_000, channels=1)
SOUND = np.rint(9_000 * np.sin(np.arange(CHUNK_BYTES // 2) / 9)).astype("<i2").tobytes()
NOTICE = ConverseResponse(notice=Notice(kind=1))


def chunk(sound: bytes) -> ConverseResponse:
    return ConverseResponse(chunk=Chunk(index=3, text=" hi", sound=sound))


def test_every_encoding_of_the_wire_is_served_at_every_rate() -> None:
    known = [value for value in Encoding.values() if value]
    assert {enum_name(Encoding, value) for value in known} == set(ENCODINGS)
    for encoding, rate, channels in itertools.product(known, RATES, CHANNELS):
        check_format(AudioFormat(encoding=encoding, sample_rate_hz=rate, channels=channels))  # type: ignore[arg-type]


@pytest.mark.parametrize("encoding", [0, 77])
def test_a_refusal_lists_what_is_served(encoding: int) -> None:
    unknown = AudioFormat(encoding=encoding, sample_rate_hz=16_000, channels=1)  # type: ignore[arg-type]
    with pytest.raises(AudioError, match="PCM_S16LE, PCM_F32LE, MU_LAW, A_LAW"):
        check_format(unknown)


def test_ours_is_passed_on_as_it_is() -> None:
    sound, message = ClientSound(FORMAT), chunk(SOUND)
    assert sound.outgoing(message) is message
    assert sound.chunker.push(SOUND) == [SOUND]


def test_chunks_and_opened_are_in_the_clients_format_and_the_originals_stay() -> None:
    sound, opened = ClientSound(TELEPHONE), ConverseResponse(opened=Opened(audio=FORMAT, session_id=4))
    told = sound.outgoing(opened).opened
    assert (told.audio, told.format_delay_us, told.session_id) == (TELEPHONE, 4_000, 4)
    first, silent = chunk(SOUND), chunk(b"")
    given = sound.outgoing(first).chunk
    assert len(given.sound) == 1_280 and (given.index, given.text) == (3, " hi")
    assert len(sound.outgoing(silent).chunk.sound) == 1_280, "the end of the sound comes with the silence"
    assert sound.outgoing(silent).chunk.sound == b"", "silence is empty in every format"
    assert sound.outgoing(NOTICE) is NOTICE
    assert first.chunk.sound == SOUND and opened.opened.audio == FORMAT and not opened.opened.format_delay_us


@pytest.mark.parametrize("audio", [TELEPHONE, WIDE])
def test_160_ms_of_the_client_are_one_chunk(audio: AudioFormat) -> None:
    sound, outward = ClientSound(audio), ClientSound(audio)
    theirs = b"".join(outward.outgoing(chunk(SOUND)).chunk.sound for _ in range(4))
    chunks = [made for at in range(0, len(theirs), 77) for made in sound.chunker.push(theirs[at : at + 77])]
    assert [len(each) for each in chunks] == [CHUNK_BYTES] * 4
    assert sound.chunker.flush() == b""


def test_a_begun_chunk_is_filled_up_with_silence() -> None:
    sound = ClientSound(TELEPHONE)
    assert sound.chunker.push(b"\xff" * 700) == []
    assert sound.chunker.flush() == SILENCE, "mu-law writes silence as 0xFF"
