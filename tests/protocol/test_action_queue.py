"""The action FIFO: order, budget, spill, no preemption (paper section 3.3)."""

import random
from dataclasses import dataclass

import pytest

from duplexsla.clock import ACTION_BUDGET
from duplexsla.errors import ProtocolError
from duplexsla.protocol.action_queue import ActionQueue


@dataclass(frozen=True)
class Put:
    at: int  # chunk in which it is put
    trigger: int
    id: int
    length: int

    def pieces(self) -> list[str]:
        return [f"{self.trigger}.{self.id}.{place}" for place in range(self.length)]


def some_puts(rng: random.Random) -> list[Put]:
    ids = rng.sample(range(1_000), 20)
    ats = [rng.randrange(30) for _ in ids]
    return [
        Put(at, at + rng.choice([0, 0, 0, 1, 4]), id, rng.randint(0, 35))
        for at, id in zip(ats, ids, strict=True)
    ]


def run(puts: list[Put], budget: int) -> list[list[str]]:
    queue = ActionQueue(budget=budget)
    chunks: list[list[str]] = []
    while len(chunks) < 40 or len(queue):
        for put in puts:
            if put.at == len(chunks):
                queue.put(put.trigger, put.id, put.pieces())
        chunks.append(queue.take(len(chunks)))
    return chunks


@pytest.mark.parametrize("seed", range(10))
def test_every_piece_leaves_once_in_order_and_actions_are_never_mixed(seed: int) -> None:
    rng = random.Random(seed)
    puts = some_puts(rng)
    left = [piece for chunk in run(puts, rng.choice([1, 3, ACTION_BUDGET])) for piece in chunk]
    assert sorted(left) == sorted(piece for put in puts for piece in put.pieces())
    heads = [piece.rpartition(".")[0] for piece in left]
    order = list(dict.fromkeys(heads))
    assert heads == [head for head in order for _ in range(heads.count(head))]
    for put in puts:
        assert [piece for piece in left if piece in put.pieces()] == put.pieces()


@pytest.mark.parametrize("seed", range(40))
def test_a_chunk_uses_its_whole_budget_while_anything_due_waits(seed: int) -> None:
    rng = random.Random(seed)
    puts = some_puts(rng)
    budget = rng.choice([1, 3, ACTION_BUDGET])
    waiting: dict[str, int] = {}  # piece -> chunk from which it may leave
    for chunk, left in enumerate(run(puts, budget)):
        waiting |= {piece: put.trigger for put in puts if put.at == chunk for piece in put.pieces()}
        due = sum(trigger <= chunk for trigger in waiting.values())
        assert len(left) == min(budget, due)
        assert all(waiting.pop(piece) <= chunk for piece in left)


def test_actions_leave_by_trigger_and_ties_by_id() -> None:
    queue = ActionQueue()
    for trigger, id in ((2, 0), (1, 5), (1, 3), (0, 9)):
        queue.put(trigger, id, [f"{trigger}.{id}"])
    assert queue.take(2) == ["0.9", "1.3", "1.5", "2.0"]


def test_an_earlier_trigger_does_not_preempt_the_action_in_flight() -> None:
    queue = ActionQueue(budget=2)
    queue.put(5, 0, ["a", "b", "c"])
    assert queue.take(5) == ["a", "b"]
    queue.put(1, 0, ["x"])
    assert queue.take(6) == ["c", "x"]


def test_an_earlier_trigger_goes_before_what_is_due_but_not_in_flight() -> None:
    queue = ActionQueue(budget=2)
    queue.put(5, 0, ["a", "b", "c"])
    queue.put(5, 1, ["y"])
    assert queue.take(5) == ["a", "b"]
    queue.put(1, 0, ["x"])
    assert queue.take(6) + queue.take(7) == ["c", "x", "y"]


def test_nothing_leaves_before_its_trigger() -> None:
    queue = ActionQueue()
    queue.put(3, 0, ["a"])
    assert [queue.take(chunk) for chunk in range(5)] == [[], [], [], ["a"], []]


def test_a_full_queue_refuses_whole_actions() -> None:
    queue = ActionQueue(budget=2, max_waiting=3)
    queue.put(0, 0, ["a", "b"])
    with pytest.raises(ProtocolError, match="no room for 2"):
        queue.put(0, 1, ["c", "d"])
    assert (len(queue), queue.take(0), len(queue)) == (2, ["a", "b"], 0)
    queue.put(1, 1, ["c", "d"])
    assert queue.take(1) == ["c", "d"]


def test_a_budget_is_at_least_one() -> None:
    with pytest.raises(ValueError, match="budget"):
        ActionQueue(budget=0)
