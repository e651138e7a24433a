"""What the gates cost an action: the decision table with every gate asked, microseconds.

    PYTHONPATH=services:. python benchmarks/gates.py [--decisions 20000]

A short sentence and one as long as a transcript may be, for one thing and for twenty. The time is that of the
processor, so that others on the machine do not count. The last line is one JSON object.
"""

import argparse
import json
import time
from dataclasses import replace

from duplexsla.gates.decision import GateRequest, decide
from duplexsla.gates.policy_file import default_policy
from duplexsla.gates.things import MeantThing
from duplexsla.report.percentile import percentile

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
CASES = {
    "short": SHORT,
    "long": LONG,
    "twenty things": replace(SHORT, things=(FRONT,) * 20),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--decisions", type=int, default=20_000)
    decisions = parser.parse_args().decisions
    found = {}
    for name, request in CASES.items():
        times = [_microseconds(request) for _ in range(decisions)]
        found[name] = {f"p{share}": round(percentile(times, share), 1) for share in (50, 99)}
        print(f"{name:15} p50 {found[name]['p50']:7.1f} us   p99 {found[name]['p99']:7.1f} us")
    print(json.dumps(found))


def _microseconds(request: GateRequest) -> float:
    start = time.thread_time_ns()
    decide(request, default_policy())
    return (time.thread_time_ns() - start) / 1_000


if __name__ == "__main__":
    main()
