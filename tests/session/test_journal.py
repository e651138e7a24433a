import random

from tests.support.decoder_steps import step

from duplexsla.clock import CHUNK_BYTES, SILENCE
from duplexsla.protocol import tokens
from duplexsla.protocol.packed_audio import unpack
from duplexsla.session.journal import MAX_FRESH, Journal
from duplexsla.v1.journal_pb2 import Past, PastChunk, SessionRecord


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
        journal.add(index, SILENCE, step(" word", str(index))._replace(model="old" if index < 4 else "new"))
    past = Past.FromString(journal.past("home", 6))
    assert (past.model, past.model_since, len(past.chunks)) == ("new", 4, 6)
