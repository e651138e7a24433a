"""One conversation for each line of the action channel, through the real Triton, Kafka, Redis and homes.

The model is a script that reacts as the table has it. First an executor of the test's own says each outcome,
also those that no home leads to; then the real one does what scripts ask for.
"""

import asyncio
import re
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from tests.support.kafka_executor import KafkaExecutor
from tests.support.scripted_calls import HAPPENINGS, ScriptedSite, Told, converse

from duplexsla.client import connect
from duplexsla.enum_names import enum_name
from duplexsla.errors import UnknownHome
from duplexsla.local import services
from duplexsla.protocol.channel_lines import LINES
from duplexsla.v1 import action_pb2 as pb

pytestmark = pytest.mark.integration

NEWER = 99  # a state that this version does not know
# Lines that no outcome of a single action leads to: test_scripted_dialogs.py, test_scripted_happenings.py.
TALKED_OF = {"effect_late", "cut", "stopped", "retracted", "typed", "before"}


def told(state: str, **fields: object) -> pb.ActionOutcome:
    return pb.ActionOutcome(state=pb.OutcomeState.Value(f"OUTCOME_STATE_{state}"), **fields)  # type: ignore[arg-type]


def device(name: str, state: pb.OutcomeState) -> pb.DeviceOutcome:
    return pb.DeviceOutcome(name=name, state=state)


# By line: what the executor says. The last one settles the action, and is told to the client.
OUTCOMES: dict[str, list[pb.ActionOutcome]] = {
    "done": [told("DONE", result_json='{"value":21,"unit":"degrees"}')],
    "failed": [told("FAILED", reason="no")],
    "unknown": [told("UNKNOWN")],
    "unavailable": [told("UNAVAILABLE")],
    "expired": [told("EXPIRED")],
    "refused": [told("REFUSED")],
    "fenced": [told("FENCED"), told("REFUSED")],  # of a former owner: our own is still to come
    "confirm": [told("CONFIRM", candidates=["front door"], question="unlock it?")],
    "code": [told("CONFIRM", candidates=["alarm"], code_asked=True)],
    "unsure": [told("UNSURE")],
    "denied": [told("DENIED", reason="night")],
    "ambiguous": [told("AMBIGUOUS", candidates=["desk lamp", "bedside lamp"])],
    "not_found": [told("NOT_FOUND", candidates=["reading lamp"])],
    "duplicate": [told("DUPLICATE", refers_to="other")],
    "scheduled": [told("SCHEDULED", result_json='{"value":"9 00"}', due_at_ms=1)],
    "partial": [
        told(
            "PARTIAL",
            devices=[
                device("office lamp", pb.OUTCOME_STATE_DONE),
                device("desk lamp", pb.OUTCOME_STATE_UNAVAILABLE),
            ],
        )
    ],
    "nothing_asked": [told("NOT_FOUND", function="confirm")],
    "too_late": [told("FAILED", function="never_mind")],
}
# Beside the lines: (script, what the executor says, what the model reads).
BESIDE: dict[str, tuple[str, pb.ActionOutcome, str]] = {
    "inattentive": ("done", told("INATTENTIVE"), ""),
    "taken_back": ("done", told("RETRACTED"), ""),  # the retraction's own outcome has the line
    "newer": ("unavailable", pb.ActionOutcome(state=NEWER), " [ silent]"),  # type: ignore[arg-type]
    "odd_result": ("done", told("DONE", result_json="[" * 10_000), " [ done]"),
}
ROWS = {kind: (kind, said, LINES[kind].example.partition("|")[0]) for kind, said in OUTCOMES.items()}
ROWS |= {name: (script, [said], line) for name, (script, said, line) in BESIDE.items()}


def test_every_line_has_a_conversation_or_is_no_outcome() -> None:
    told = [*OUTCOMES, *HAPPENINGS, *TALKED_OF]
    assert sorted(told) == sorted(LINES)


def answer_all(executor: KafkaExecutor) -> None:
    """Each outcome twice, as a redelivery brings it, and with what cannot be read between them."""
    for event, _ in executor.events("line-", len(ROWS)):
        payloads = []
        for said in ROWS[event.home.removeprefix("line-")][1]:
            outcome = pb.ActionOutcome(function=event.action.function)
            outcome.MergeFrom(said)
            outcome.action_id, outcome.session_id, outcome.home = (
                event.action.id,
                event.session_id,
                event.home,
            )
            payloads.append(outcome.SerializeToString())
        executor.tell(event, *payloads, b"\xff unreadable", *payloads)


@pytest.fixture(scope="module")
def heard(scripted: ScriptedSite) -> Iterator[dict[str, Told]]:
    """By row."""
    (gateway,) = scripted.gateways(1)
    for name in ROWS:
        scripted.home(f"line-{name}")
    executor = KafkaExecutor(scripted.addresses["kafka"])

    async def call_all() -> dict[str, Told]:
        async with connect(gateway.address) as client, asyncio.TaskGroup() as group:
            group.create_task(asyncio.to_thread(answer_all, executor))
            calls = {
                name: group.create_task(converse(client, f"line-{name}", row[0]))
                for name, row in ROWS.items()
            }
        return {name: call.result() for name, call in calls.items()}

    yield asyncio.run(call_all())
    executor.close()


@pytest.mark.parametrize("name", ROWS)
def test_a_client_sees_the_outcome_and_the_model_reads_its_line_once(
    heard: dict[str, Told], name: str
) -> None:
    script, said, line = ROWS[name]
    assert heard[name].states == [enum_name(pb.OutcomeState, said[-1].state)]
    assert heard[name].written.count(" [") == bool(line) and line in heard[name].written
    assert heard[name].messages[-1].WhichOneof("message") == "closed"
    if name in LINES:
        assert heard[name].said == LINES[script].example.partition("|")[2]


@dataclass(frozen=True)
class Request:
    """A script, the state and line that it comes to, and how often a device moves."""

    state: str
    line: str
    moves: int = 0
    script: str = ""  # as the row is called
    fault: dict[str, object] = field(default_factory=dict)
    toolset: str = "home"
    home: str = ""
    exists: bool = True


REAL = {
    "kitchen light": Request("done", " [ done]", 1),
    "how warm": Request("done", " [ done 21 degrees]"),
    "pasta timer": Request("failed", " [ failed]"),
    "louder": Request("unknown", " [ silent]", 1, fault={"kind": "lost"}),
    "volcano": Request("not_found", " [ no such volcano]"),
    "64 letters": Request("not_found", " [ no such]"),
    "some door": Request("ambiguous", " [ which front door or back door or side door]"),
    "lock": Request("confirm", " [ confirm front door]"),
    "perhaps lock": Request("unsure", " [ unsure]"),
    "unlock": Request("confirm", " [ code front door]"),
    "film": Request("denied", " [ not allowed]", toolset="car"),
    "yes": Request("not_found", " [ nothing asked]"),
    "a refusal": Request("failed", " [ failed]", script="kitchen light", fault={"kind": "refuse"}),
    "a name of 64": Request("done", " [ done]", 1, script="kitchen light", home="h" * 64),
    "no registry": Request("failed", " [ failed]", script="kitchen light", exists=False),
}


REFUSED_BY_GATEWAY = {"yes": "not_found"}


@dataclass(frozen=True)
class Executed:
    told: dict[str, Told]  # by row
    effects: dict[str, int]
    counted: dict[str, int]  # actions by state


@pytest.fixture(scope="module")
def executed(scripted: ScriptedSite, heard: object) -> Iterator[Executed]:
    """After the rows above: their events would be done late."""
    homes = {name: row.home or f"real-{number}" for number, (name, row) in enumerate(REAL.items())}
    views = {name: scripted.home(homes[name]) for name, row in REAL.items() if row.exists}
    for name, row in REAL.items():
        if row.fault:
            scripted.fault(homes[name], **row.fault)
    executor = services.start_executor(scripted.folder / "executor", scripted.addresses)
    before = counted(executor.address)
    (gateway,) = scripted.gateways(1)

    async def call_all() -> dict[str, Told]:
        async with connect(gateway.address) as client, asyncio.TaskGroup() as group:
            calls = {
                name: group.create_task(
                    converse(client, homes[name], row.script or name, toolset=row.toolset)
                )
                for name, row in REAL.items()
            }
        return {name: call.result() for name, call in calls.items()}

    told = asyncio.run(call_all())
    effects = {
        name: sum(effect["function"] != "query" for effect in view.effects()) for name, view in views.items()
    }
    after = counted(executor.address)
    yield Executed(told, effects, {state: after[state] - before[state] for state in after})
    executor.stop()


def counted(address: str, metric: str = "duplexsla_executor_actions_total") -> dict[str, int]:
    """A metric of the part at this address, by its label: actions by state."""
    with urllib.request.urlopen(f"http://{address}/metrics") as page:
        found = re.findall(metric + r'{\w+="(\w+)"} (\d+)', page.read().decode())
    return {label: int(count) for label, count in found}


@pytest.mark.parametrize("name", REAL)
def test_what_is_asked_for_comes_to_its_line(executed: Executed, name: str) -> None:
    row, told = REAL[name], executed.told[name]
    assert told.states == [row.state], told.messages
    assert row.line in told.written and told.written.count(" [") == 1 and told.said == "heard", told.written
    assert executed.effects.get(name, 0) == row.moves


def test_every_outcome_of_the_executor_is_counted(executed: Executed) -> None:
    """It also reads what others have left on the topic. What a gateway refuses never comes to it."""
    asked = Counter(row.state for name, row in REAL.items() if name not in REFUSED_BY_GATEWAY)
    assert asked <= Counter(executed.counted)


def test_what_a_gateway_refuses_or_cannot_read_is_counted(scripted: ScriptedSite, executed: Executed) -> None:
    (gateway,) = scripted.gateways(1)
    refused = counted(gateway.control, "duplexsla_gateway_calls_refused_total")
    assert all(refused[reason] for reason in REFUSED_BY_GATEWAY.values()), refused
    odd = counted(gateway.control, "duplexsla_gateway_outcomes_odd_total")
    assert odd["newer"] == 2 and odd["unreadable"] >= len(ROWS)


def test_a_home_with_a_name_that_is_too_long_is_refused(scripted: ScriptedSite) -> None:
    (gateway,) = scripted.gateways(1)

    async def call() -> None:
        async with connect(gateway.address) as client:
            await converse(client, "h" * 65, "done")

    with pytest.raises(UnknownHome, match="1 to 64"):
        asyncio.run(call())
