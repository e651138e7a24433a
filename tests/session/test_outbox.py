from duplexsla.session.outbox import OUTBOX_LIMIT, DroppedChunks, Outbox
from duplexsla.v1.action_pb2 import ActionOutcome
from duplexsla.v1.session_pb2 import Chunk, ConverseResponse


def _chunk(index: int) -> ConverseResponse:
    return ConverseResponse(chunk=Chunk(index=index))


def _outcome(name: str) -> ConverseResponse:
    return ConverseResponse(outcome=ActionOutcome(action_id=name))


def test_a_full_outbox_drops_its_oldest_chunk_and_nothing_else() -> None:
    outbox = Outbox(capacity=3)
    dropped = [outbox.put(m) for m in (_outcome("a"), _chunk(1), _chunk(2), _chunk(3), _outcome("b"))]
    assert dropped == [None, None, None, 1, 2]
    assert [outbox.take() for _ in range(3)] == [_outcome("a"), _chunk(3), _outcome("b")]


def test_an_outbox_of_messages_that_cannot_be_dropped_says_that_it_overflows() -> None:
    outbox = Outbox(capacity=1)
    for _ in range(OUTBOX_LIMIT):
        assert outbox.put(_outcome("a")) is None
    assert not outbox.overflows
    outbox.put(_outcome("a"))
    assert outbox.overflows


def test_dropped_chunks_are_declared_with_the_first_and_their_number() -> None:
    dropped = DroppedChunks()
    assert dropped.declare() is None
    for chunk in (7, 8, 9):
        dropped.add(chunk)
    notice = dropped.declare()
    assert notice is not None and (notice.notice.first_chunk, notice.notice.chunks) == (7, 3)
    assert dropped.declare() is None and dropped.total == 3
