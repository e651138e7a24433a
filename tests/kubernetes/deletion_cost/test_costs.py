"""Which pod gets which cost."""

import random

from duplexsla.kubernetes.deletion_cost.costs import Pod, changed_costs


def test_after_every_round_the_lowest_cost_is_that_of_the_emptiest_pod_that_answers() -> None:
    rng = random.Random(3)
    costs: dict[str, str | None] = dict.fromkeys("abcdef")
    for _ in range(300):
        sessions = {name: rng.randrange(20) for name in costs if rng.random() < 0.8}
        pods = [Pod(name, "10.0.0.1", cost) for name, cost in costs.items()]
        changes = changed_costs(pods, sessions)
        assert all(costs[name] != cost for name, cost in changes.items())
        costs |= changes
        assert all(costs[name] == str(count) for name, count in sessions.items())
