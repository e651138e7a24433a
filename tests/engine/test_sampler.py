"""Draws follow the logits, the seed and nothing else."""

import torch

from duplexsla.engine.sampler import Sampler, Sampling, pick

LOGITS = torch.tensor([0.0, 2.0, 1.0, float("-inf"), 1.5])


def test_greedy_takes_the_best_of_each_row() -> None:
    assert pick(torch.stack([LOGITS, -LOGITS.nan_to_num(neginf=9.0)]), [Sampler(Sampling())] * 2) == [1, 0]


def test_forbidden_tokens_are_never_drawn() -> None:
    sampler = Sampler(Sampling(temperature=50.0, seed=1))
    assert {sampler.draw(LOGITS) for _ in range(300)} == {0, 1, 2, 4}


def test_top_k_leaves_only_the_best() -> None:
    sampler = Sampler(Sampling(temperature=50.0, top_k=2, seed=1))
    assert {sampler.draw(LOGITS) for _ in range(100)} == {1, 4}


def test_draws_follow_the_shares() -> None:
    sampler = Sampler(Sampling(temperature=1.0, seed=3))
    draws = [sampler.draw(LOGITS) for _ in range(4_000)]
    shares = torch.softmax(LOGITS, dim=0)
    for token in (0, 1, 2, 4):
        assert abs(draws.count(token) / len(draws) - float(shares[token])) < 0.03


def test_one_seed_gives_one_course() -> None:
    courses = [[Sampler(Sampling(1.0, seed=s)).draw(LOGITS) for _ in range(1)] for s in (1, 1)]
    assert courses[0] == courses[1]
    first, second = Sampler(Sampling(1.0, seed=7)), Sampler(Sampling(1.0, seed=7))
    assert [first.draw(LOGITS) for _ in range(50)] == [second.draw(LOGITS) for _ in range(50)]
