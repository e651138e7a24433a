"""One conversation for each line of the action channel, through the real Triton, Kafka, Redis and homes.

The model is a script that reacts as the table has it. First an executor of the test's own says each outcome,
also those that no home leads to; then the real one does what scripts ask for.
"""

import asyncio
from collections.abc import Iterator

import pytest
from tests.support.kafka_executor import KafkaExecutor
from tests.support.scripted_calls import ScriptedSite, Told, converse

from duplexsla.client import connect
from duplexsla.enum_names import enum_name
from duplexsla.protocol.channel_lines import LINES
from duplexsla.v1 import action_pb2 as pb

pytestmark = pytest.mark.integration

NEWER = 99  # a state that this version does not know
# Lines that no outcome of an action leads to.
HAPPENINGS = {
    "timer_over", "reminder", "wake_alarm", "broadcast", "opened", "closed", "turned_on", "turned_off",
    "effect_late", "alarm", "client_tool", "cut", "stopped",
}  # fmt: skip


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
    "retracted": [told("RETRACTED")],
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
}
# Beside the lines: (script, what the executor says, what the model reads).
BESIDE: dict[str, tuple[str, pb.ActionOutcome, str]] = {
    "inattentive": ("done", told("INATTENTIVE"), ""),
    "newer": ("unavailable", pb.ActionOutcome(state=NEWER), " [ silent]"),  # type: ignore[arg-type]
    "odd_result": ("done", told("DONE", result_json="[" * 10_000), " [ done]"),
}
ROWS = {kind: (kind, said, LINES[kind].example.partition("|")[0]) for kind, said in OUTCOMES.items()}
ROWS |= {name: (script, [said], line) for name, (script, said, line) in BESIDE.items()}


def test_every_line_has_a_conversation_or_is_no_outcome() -> None:
    assert OUTCOMES.keys() | HAPPENINGS == LINES.keys() and not OUTCOMES.keys() & HAPPENINGS


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
