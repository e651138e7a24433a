from duplexsla.session.backlog import OUTBOX_LIMIT, Backlog, BufferedChunk, Outbox
from duplexsla.v1.action_pb2 import ActionOutcome
from duplexsla.v1.session_pb2 import Chunk, ConverseResponse


def _chunk(index: int) -> ConverseResponse:
    return ConverseResponse(chunk=Chunk(index=index))


def _outcome(name: str) -> ConverseResponse:
    return ConverseResponse(outcome=ActionOutcome(action_id=name))


def test_a_full_backlog_drops_its_oldest_chunk() -> None:
    backlog = Backlog(capacity=2)
    assert backlog.oldest_at is None
    assert [backlog.put(BufferedChunk(b"", at)) for at in (1.0, 2.0, 3.0)] == [0, 0, 1]
    assert backlog.full and len(backlog) == 2 and backlog.oldest_at == 2.0
    assert [backlog.take().at, backlog.take().at] == [2.0, 3.0]


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
