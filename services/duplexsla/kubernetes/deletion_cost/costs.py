"""Which pod needs which cost. Pure.

A ReplicaSet that shrinks deletes, of ready pods, those with the lowest cost first:
https://kubernetes.io/docs/reference/labels-annotations-taints/#pod-deletion-cost
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

ANNOTATION = "controller.kubernetes.io/pod-deletion-cost"


class Pod(NamedTuple):
    name: str
    address: str  # IP; "" before it has one
    cost: str | None  # the annotation as it is


def changed_costs(pods: Iterable[Pod], sessions: Mapping[str, int]) -> dict[str, str]:
    """New cost of each pod that needs one. `sessions`: live ones by the name of each pod that answered.

    A pod that does not answer keeps its cost: it has sessions still, as far as anybody knows.
    """
    costs = {pod.name: str(sessions[pod.name]) for pod in pods if pod.name in sessions}
    return {pod.name: costs[pod.name] for pod in pods if costs.get(pod.name, pod.cost) != pod.cost}
