"""What the gates cost an action, microseconds: the decision table alone, and together with the resolver.

    PYTHONPATH=services:. python benchmarks/gates.py [--decisions 20000]

The table with every gate asked: a short sentence and one as long as a transcript may be, for one thing and
for twenty. All together, as an executor runs them, from the call to its verdict: by an exact name in a home
of 500 entities, and by a name that is spelled nearly so among 10,000; those are looked for in a thread. The
time is that of the processor, so that others on the machine do not count. The last line is one JSON object.
"""

import argparse
import itertools
import json
import time
from collections.abc import Callable
from dataclasses import replace

from duplexsla.executor.planning.gate_request import meant_things, resolver_answer
from duplexsla.executor.planning.home_names import HomeNames
from duplexsla.executor.planning.planning import plan
from duplexsla.executor.planning.plans import HomePlan
from duplexsla.executor.planning.resolver import Ambiguous, NotFound
from duplexsla.gates.decision import GateRequest, Verdict, decide
from duplexsla.gates.policy_file import default_policy
from duplexsla.gates.things import MeantThing
from duplexsla.report.percentile import percentile
from duplexsla.v1 import home_pb2 as pb

FRONT = MeantThing("lock.front_door", "lock", "hall", "entry")
SHORT = GateRequest(
    "unlock_home_door",
    {"door": "front door"},
    things=(FRONT,),
    attended=True,
    confidence=0.99,
    transcript="could you please unlock the front door",
)
LONG = replace(SHORT, transcript=(f"{SHORT.transcript} and let us see that dinner is ready " * 8)[:512])
ROOMS = 40
WORDS = """
amber birch copper dusty eager faded gentle hollow ivory jolly khaki lofty mellow noble olive
anchor basket candle dragon ember feather garnet harbor island jasmine kettle lantern
arch bench crown desk easel frame globe hinge inlet joint knob ledge
"""  # of names: first, second and third ones
FUZZY_DECISIONS = 500  # a hundred times as long each


def home(entities: int) -> HomeNames:
    """Locks and lights of names of three words, spread over the rooms."""
    registry = pb.HomeRegistry(version="1", time_zone="Europe/Berlin")
    registry.areas.extend(pb.Area(id=f"room-{number}", name=f"Room {number}") for number in range(ROOMS))
    words = itertools.product(*(line.split() for line in WORDS.strip().splitlines()))
    names = [" ".join(each) for each in words]
    for number in range(entities):
        light = number % 4 != 0
        kind, commands = ("LIGHT", ON_OFF) if light else ("LOCK", LOCKS)
        registry.entities.add(
            id=f"entity-{number}",
            name=f"{names[number % len(names)]} {number // len(names) or ''}".strip(),
            area=f"room-{number % ROOMS}",
            entity_class=pb.EntityClass.Value(f"ENTITY_CLASS_{kind}"),
            commands=commands,
            exposed=True,
        )
    return HomeNames(registry)


ON_OFF = (pb.COMMAND_TURN_ON, pb.COMMAND_TURN_OFF)
LOCKS = (pb.COMMAND_LOCK, pb.COMMAND_UNLOCK)


def verdict(function: str, arguments: dict[str, str], heard: str, names: HomeNames) -> Verdict:
    """From a call to its verdict."""
    result = plan(function, arguments, names)
    assert isinstance(result, HomePlan | Ambiguous | NotFound)
    request = GateRequest(
        function,
        arguments,
        answer=resolver_answer(result),
        things=meant_things(result) if isinstance(result, HomePlan) else (),
        attended=True,
        confidence=0.99,
        transcript=heard,
    )
    return decide(request, default_policy())


def cases() -> dict[str, Callable[[], Verdict]]:
    small, large = home(500), home(10_000)
    door = "amber anchor arch"  # entity 0, a lock
    lamp = {"device": "amber basket bensh"}  # spelled nearly as one of 10,000
    heard = f"could you please lock the {door}"
    return {
        "short": lambda: decide(SHORT, default_policy()),
        "long": lambda: decide(LONG, default_policy()),
        "twenty things": lambda: decide(replace(SHORT, things=(FRONT,) * 20), default_policy()),
        "exact, 500": lambda: verdict("lock_home_door", {"door": door}, heard, small),
        "fuzzy, 10000": lambda: verdict("open_home_device", lamp, "turn on the amber basket bensh", large),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--decisions", type=int, default=20_000)
    decisions = parser.parse_args().decisions
    found = {}
    for name, run in cases().items():
        state = run().state
        times = [_microseconds(run) for _ in range(FUZZY_DECISIONS if "fuzzy" in name else decisions)]
        found[name] = {f"p{share}": round(percentile(times, share), 1) for share in (50, 99)}
        print(f"{name:15} {state:10} p50 {found[name]['p50']:8.1f} us   p99 {found[name]['p99']:8.1f} us")
    print(json.dumps(found))


def _microseconds(run: Callable[[], Verdict]) -> float:
    start = time.thread_time_ns()
    run()
    return (time.thread_time_ns() - start) / 1_000


if __name__ == "__main__":
    main()
