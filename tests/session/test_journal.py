"""Chunks of a journal and the past that is made of them, serialized and read."""

import random
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.decoder_steps import step

from duplexsla.clock import CHUNK_BYTES, CHUNK_SAMPLES, SILENCE
from duplexsla.errors import ProtocolError
from duplexsla.protocol import tokens
from duplexsla.session.journal import MAX_FRESH, Journal, decode_past, encode_chunk, pack, unpack
from duplexsla.v1.journal_pb2 import CallChoice, Past, PastChunk, SessionRecord

TONE = b"\x10\x00\xf0\xff" * (CHUNK_BYTES // 4)


def _filled(count: int, *, capacity: int = 400, first: int = 0) -> Journal:
    journal = Journal(capacity)
    for index in range(first, first + count):
        journal.add(index, _sound(index), step(" word", str(index), codes=(index, 1, 2, 3)))
    return journal


def _sound(index: int) -> bytes:
    return random.Random(index).randbytes(CHUNK_BYTES) if index % 3 else SILENCE


def _chunks(past: bytes) -> list[PastChunk]:
    return [PastChunk.FromString(each) for each in Past.FromString(past).chunks]


def test_a_past_holds_what_was_heard_said_and_written_packed_or_not() -> None:
    for packed_after in (0, 5, 12):
        journal = _filled(packed_after)
        journal.pack()
        for index in range(packed_after, 12):
            journal.add(index, _sound(index), step(" word", str(index), codes=(index, 1, 2, 3)))
        chunks = _chunks(journal.past("home", 12))
        assert [chunk.index for chunk in chunks] == list(range(12))
        assert [unpack(chunk.audio).tobytes() for chunk in chunks] == [_sound(n) for n in range(12)]
        assert [list(chunk.codes) for chunk in chunks] == [[n, 1, 2, 3] for n in range(12)]
        assert list(chunks[7].action) == [" word", "7"] and chunks[7].anchor == tokens.VAD_SILENCE


def test_a_past_holds_how_sure_the_model_was_of_a_call_that_is_open() -> None:
    journal, choices = Journal(), [CallChoice(chosen=-0.25, outside=-3.5), CallChoice(outside=-8)]
    journal.add(0, SILENCE, step("a", choices=choices))
    journal.add(1, SILENCE, step())
    assert [list(chunk.choices) for chunk in _chunks(journal.past("home", 2))] == [choices, []]


def test_a_ring_forgets_the_oldest_whether_packed_or_not() -> None:
    for pack_every in (1, 7, 1_000):
        journal = Journal(10)
        for index in range(200):
            journal.add(index, _sound(index), step())
            if index % pack_every == 0:
                journal.pack()
            assert len(journal) <= 10 and len(journal._fresh) <= MAX_FRESH
        assert [chunk.index for chunk in _chunks(journal.past("home", 200))] == list(range(190, 200))


def test_text_that_is_not_written_yet_goes_with_the_past() -> None:
    journal = Journal()
    journal.add(
        0, SILENCE, step(" [", " done", injected_tokens=2, pending_injected_text=" 21]", waited_chunks=3)
    )
    past = Past.FromString(journal.past("car", 1))
    assert (past.toolset, past.next_chunk, past.pending_forced, past.waited_chunks) == ("car", 1, " 21]", 3)
    assert PastChunk.FromString(past.chunks[0]).forced_tokens == 2


def test_a_session_that_has_heard_nothing_has_no_past() -> None:
    assert Journal().past("home", 0) == b""


def test_every_chunk_is_given_to_be_saved_once_and_all_of_them_when_asked() -> None:
    journal = _filled(5)
    journal.pack()
    first = journal.unsaved()
    journal.add(5, SILENCE, step())
    assert journal.unsaved() == []  # it is not packed yet
    journal.pack()
    assert [PastChunk.FromString(each).index for each in first + journal.unsaved()] == [0, 1, 2, 3, 4, 5]
    assert len(journal.unsaved(whole=True)) == 6 and journal.unsaved() == []


def test_what_was_not_saved_for_long_is_bounded_by_the_ring() -> None:
    journal = _filled(100, capacity=8)
    journal.pack()
    assert [PastChunk.FromString(each).index for each in journal.unsaved()] == list(range(92, 100))


def test_a_restored_journal_gives_the_same_past() -> None:
    journal = _filled(30, capacity=20)
    journal.pack()
    other = Journal(20)
    record = SessionRecord(
        next_chunk=journal.next_chunk, pending_forced=" [ done]", waited_chunks=2, model="m", model_since=1
    )
    other.restore(journal.unsaved(whole=True), record)
    past = Past.FromString(other.past("home", 30))
    assert list(past.chunks) == list(Past.FromString(journal.past("home", 30)).chunks)
    assert (past.pending_forced, past.waited_chunks, other.next_chunk) == (" [ done]", 2, 30)
    assert other.unsaved() == []


def test_a_past_says_which_model_decoded_it_and_since_when() -> None:
    journal = Journal(10)
    for index in range(6):
        journal.add(index, SILENCE, step(" word", str(index), model="old" if index < 4 else "new"))
    past = Past.FromString(journal.past("home", 6))
    assert (past.model, past.model_since, len(past.chunks)) == ("new", 4, 6)


def test_a_past_is_read_with_its_chunks_in_fewer_bytes_than_their_samples() -> None:
    written = [encode_chunk(PastChunk(index=n, audio=TONE, anchor=" on", codes=[1, 2, 3, 4])) for n in (5, 6)]
    assert all(len(chunk) < CHUNK_BYTES / 2 for chunk in written)
    past, chunks = decode_past(Past(toolset="home", next_chunk=7, chunks=written).SerializeToString())
    assert (past.toolset, past.next_chunk) == ("home", 7)
    assert [(chunk.index, chunk.anchor, list(chunk.codes)) for chunk in chunks] == [
        (5, " on", [1, 2, 3, 4]),
        (6, " on", [1, 2, 3, 4]),
    ]
    assert unpack(chunks[0].audio).tobytes() == TONE


def test_silence_takes_no_bytes() -> None:
    assert encode_chunk(PastChunk(audio=SILENCE)) == encode_chunk(PastChunk())


@given(st.binary(max_size=60))
def test_bytes_that_are_no_past_are_refused_and_nothing_else_happens(raw: bytes) -> None:
    for candidate in (raw, Past(chunks=[raw]).SerializeToString()):
        try:
            decode_past(candidate)
        except ProtocolError:
            continue


@pytest.mark.parametrize("raw", [b"\xff\xff", Past(chunks=[b"\xff\xff"]).SerializeToString()])
def test_torn_bytes_are_named(raw: bytes) -> None:
    with pytest.raises(ProtocolError, match="the past cannot be read"):
        decode_past(raw)


def _noise(rng: np.random.Generator) -> bytes:
    """Anything from a hum to the loudest noise, with stretches of nothing and clipped peaks."""
    loud = 10 ** rng.uniform(0, 5)
    hum = rng.uniform(0, 20_000) * np.sin(np.arange(CHUNK_SAMPLES) * rng.uniform(0, 3))
    wave = hum + rng.normal(0, loud, CHUNK_SAMPLES)
    wave *= np.arange(CHUNK_SAMPLES) < rng.integers(1, CHUNK_SAMPLES + 1)
    return wave.clip(-32_768, 32_767).astype("<i2").tobytes()


def test_every_sound_comes_back_as_it_was_in_no_more_bytes() -> None:
    rng = np.random.default_rng(3)
    for samples in [_noise(rng) for _ in range(400)]:
        packed = pack(samples)
        assert len(packed) <= CHUNK_BYTES
        assert unpack(packed).tobytes() == samples


def test_the_widest_steps_come_back() -> None:
    for pair in ([-32_768, 32_767], [32_767, -32_768], [0, -32_768], [-1, -1], [0, 1]):
        samples = np.tile(np.array(pair, "<i2"), CHUNK_SAMPLES // 2).tobytes()
        assert unpack(pack(samples)).tobytes() == samples


def test_silence_is_nothing() -> None:
    assert pack(SILENCE) == b"" and unpack(b"").tobytes() == SILENCE


def test_quiet_sound_shrinks_to_less_than_half() -> None:
    rng = np.random.default_rng(5)
    murmur = rng.normal(0, 20, CHUNK_SAMPLES).astype("<i2").tobytes()
    assert len(pack(murmur)) < CHUNK_BYTES / 2


def test_torn_bytes_are_refused_or_sound_wrong_and_never_break_anything() -> None:
    rng = np.random.default_rng(7)
    whole = pack(rng.normal(0, 300, CHUNK_SAMPLES).astype("<i2").tobytes())
    for cut in (1, 2, 3, 100, len(whole) - 1):
        with pytest.raises(ProtocolError):
            unpack(whole[:cut])
    for _ in range(500):
        torn = bytearray(whole)
        torn[rng.integers(0, len(torn))] ^= 1 << rng.integers(0, 8)
        with suppress(ProtocolError):
            assert len(unpack(bytes(torn))) == CHUNK_SAMPLES
