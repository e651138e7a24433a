from duplexsla.clock import CHUNK_SAMPLES
from duplexsla_loadtest.replies import SETTLE_CHUNKS, MatchedReply, Replies


def _settled(replies: Replies, sent: int) -> list[MatchedReply]:
    return list(replies.settle_all(sent))


def test_replies_in_order_belong_to_the_chunks_in_order() -> None:
    replies = Replies(first=7)
    for number in range(3):
        replies.received(7 + number, number / 10)
    assert replies.answered == 3
    assert _settled(replies, 3) == [MatchedReply(0, 0.0), MatchedReply(1, 0.1), MatchedReply(2, 0.2)]


def test_a_concealed_chunk_is_the_reply_to_nothing_also_when_it_is_declared_late() -> None:
    replies = Replies(0)
    replies.received(0, 1.0)
    replies.received(1, 2.0)  # silence in place of what did not come
    replies.gap(first=1, chunks=1, samples=CHUNK_SAMPLES)
    replies.received(2, 3.0)
    assert _settled(replies, 2) == [MatchedReply(0, 1.0), MatchedReply(1, 3.0)]


def test_a_lost_chunk_has_no_reply() -> None:
    replies = Replies(0)
    replies.received(0, 1.0)
    replies.gap(first=1, chunks=0, samples=CHUNK_SAMPLES)
    replies.received(1, 3.0)
    assert replies.answered == 2
    assert _settled(replies, 3) == [MatchedReply(0, 1.0), MatchedReply(1, None), MatchedReply(2, 3.0)]
    assert replies.answered == 3


def test_concealed_and_lost_in_one_notice() -> None:
    replies = Replies(0)
    replies.received(0, 1.0)
    replies.gap(first=1, chunks=2, samples=3 * CHUNK_SAMPLES)
    for index in (1, 2, 3):
        replies.received(index, float(index))
    assert _settled(replies, 3) == [MatchedReply(0, 1.0), MatchedReply(1, None), MatchedReply(2, 3.0)]


def test_a_reply_that_was_dropped_on_its_way_is_missing() -> None:
    replies = Replies(0)
    replies.received(0, 1.0)
    replies.received(2, 3.0)
    assert _settled(replies, 3) == [MatchedReply(0, 1.0), MatchedReply(1, None), MatchedReply(2, 3.0)]


def test_what_was_never_answered_is_settled_at_the_end() -> None:
    replies = Replies(0)
    replies.received(0, 1.0)
    assert _settled(replies, 3) == [MatchedReply(0, 1.0), MatchedReply(1, None), MatchedReply(2, None)]


def test_replies_are_settled_once_all_notices_about_them_must_have_come() -> None:
    replies = Replies(0)
    for index in range(SETTLE_CHUNKS):
        replies.received(index, 1.0)
    assert list(replies.settle()) == []
    replies.received(SETTLE_CHUNKS, 2.0)
    assert list(replies.settle()) == [MatchedReply(0, 1.0)]


def test_after_a_new_stream_replies_belong_to_what_it_was_sent() -> None:
    """Chunk 1 was under way when the stream broke, 2 and 3 found none; 4 is index 5 of the session."""
    replies = Replies(0)
    replies.received(0, 0.0)
    replies.undelivered()
    replies.undelivered()
    assert replies.answered == 3
    replies.resumed(first=5, sent=4)
    assert replies.answered == 4
    replies.received(5, 4.0)
    replies.received(6, 5.0)
    assert replies.answered == 6
    lost = [MatchedReply(number, None) for number in (1, 2, 3)]
    assert _settled(replies, 6) == [MatchedReply(0, 0.0), *lost, MatchedReply(4, 4.0), MatchedReply(5, 5.0)]


def test_what_the_server_kept_is_answered_over_the_new_stream() -> None:
    replies = Replies(0)
    replies.received(0, 0.0)
    replies.resumed(first=2, sent=3)
    replies.received(1, 3.0)  # the answer to chunk 1, which had been heard
    replies.received(2, 3.1)
    assert _settled(replies, 4) == [
        MatchedReply(0, 0.0),
        MatchedReply(1, 3.0),
        MatchedReply(2, None),
        MatchedReply(3, 3.1),
    ]


def test_concealed_and_lost_chunks_of_a_stream_shift_nothing_on_the_next_one() -> None:
    replies = Replies(0)
    replies.received(0, 0.0)
    replies.gap(first=1, chunks=1, samples=2 * CHUNK_SAMPLES)
    replies.resumed(first=2, sent=2)
    replies.received(2, 2.0)
    assert _settled(replies, 3) == [MatchedReply(0, 0.0), MatchedReply(1, None), MatchedReply(2, 2.0)]
