"""Every state of an outcome through the real Triton and Kafka: what the client sees, what the model reads.

The model is a script. So is the executor: it answers an action with the state that its home is named after.
"""

import asyncio
import threading
from collections.abc import Iterator

import pytest
from tests.support.kafka_executor import KafkaExecutor
from tests.support.load_shedding import shedding_nothing
from tests.support.scripted_decoder.script import Line, call, naming_chunk
from tests.support.scripted_decoder.weights import scripted_weights

from duplexsla.cli.home_view import HomeView
from duplexsla.client import connect, play
from duplexsla.clock import SILENCE
from duplexsla.local import services, triton
from duplexsla.local.process import Process
from duplexsla.v1 import action_pb2 as pb
from duplexsla.v1.session_pb2 import ConverseResponse

pytestmark = pytest.mark.integration

CHUNKS = 30
OFFICE, DESK = pb.DeviceOutcome(name="office lamp"), pb.DeviceOutcome(name="desk lamp")
OFFICE.state, DESK.state = pb.OUTCOME_STATE_DONE, pb.OUTCOME_STATE_UNAVAILABLE
# What the executor answers, and the line that the model reads; None: it reads nothing.
OUTCOMES: dict[str, tuple[pb.ActionOutcome, str | None]] = {
    "done": (pb.ActionOutcome(result_json='{"value":21,"unit":"degrees"}'), " [ done 21 degrees]"),
    "failed": (pb.ActionOutcome(reason="no"), " [ failed]"),
    "unknown": (pb.ActionOutcome(), " [ silent]"),
    "unavailable": (pb.ActionOutcome(), " [ silent]"),
    "expired": (pb.ActionOutcome(), " [ late]"),
    "refused": (pb.ActionOutcome(), " [ refused]"),
    "confirm": (pb.ActionOutcome(candidates=["front door"], question="unlock it?"), " [ confirm front door]"),
    "unsure": (pb.ActionOutcome(), " [ unsure]"),
    "inattentive": (pb.ActionOutcome(), None),
    "denied": (pb.ActionOutcome(reason="night"), " [ not allowed]"),
    "ambiguous": (pb.ActionOutcome(candidates=["desk lamp", "bed lamp"]), " [ which desk lamp or bed lamp]"),
    "not_found": (pb.ActionOutcome(candidates=["reading lamp"]), " [ no such reading lamp]"),
    "duplicate": (pb.ActionOutcome(refers_to="other"), " [ duplicate]"),
    "retracted": (pb.ActionOutcome(), " [ taken back]"),
    "scheduled": (pb.ActionOutcome(result_json='{"value":"9 00"}', due_at_ms=1), " [ later 9 00]"),
    "partial": (pb.ActionOutcome(devices=[OFFICE, DESK]), " [ partly desk lamp]"),
    "of_a_newer_executor": (pb.ActionOutcome(), " [ silent]"),
}
ASK = [Line(at=1, write=call("open_home_device", device="lamp")), Line(after="]", say="heard")]


def number_of(state: str) -> int:
    if state == "of_a_newer_executor":
        return 99
    return pb.OutcomeState.Value(f"OUTCOME_STATE_{state.upper()}")


@pytest.fixture(scope="module")
def gateway(redis: Process, kafka: Process, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    workdir = tmp_path_factory.mktemp("outcomes")
    weights = scripted_weights(workdir / "weights", {"ask": ASK})
    decoder = triton.start(workdir, weights=weights, parameters={"slots": "24"}).process
    home = services.start_home(workdir / "home")
    for state in OUTCOMES:
        HomeView(home.address, home_of(state)).create()
    parts = {"redis": redis, "kafka": kafka, "triton": decoder, "home": home}
    with shedding_nothing():
        process = services.start_gateway(
            workdir / "gateway", {name: part.address for name, part in parts.items()}, slots=24
        )
    yield process
    for each in (process, home, decoder):
        each.stop()


def home_of(state: str) -> str:
    return f"outcome-{state}"


def answer(executor: KafkaExecutor, count: int) -> None:
    """Each of `count` actions, with the state of its home."""
    for event, _ in executor.events("outcome-", count):
        state = event.home.removeprefix("outcome-")
        outcome = pb.ActionOutcome()
        outcome.CopyFrom(OUTCOMES[state][0])
        outcome.action_id, outcome.session_id, outcome.home = event.action.id, event.session_id, event.home
        outcome.state = number_of(state)  # type: ignore[assignment]
        executor.tell(event, outcome.SerializeToString())


async def converse(address: str, state: str) -> list[ConverseResponse]:
    async with connect(address) as client, client.converse(home_of(state)) as conversation:
        playing = asyncio.create_task(play(conversation, naming_chunk("ask") + SILENCE * CHUNKS, paced=True))
        responses = [response async for response in conversation]
        await playing
        return responses


async def converse_all(address: str) -> dict[str, list[ConverseResponse]]:
    async with asyncio.TaskGroup() as group:
        calls = {state: group.create_task(converse(address, state)) for state in OUTCOMES}
    return {state: task.result() for state, task in calls.items()}


def test_every_state_reaches_its_own_client_and_is_read_by_the_model_as_its_line(
    gateway: Process, kafka: Process
) -> None:
    executor = KafkaExecutor(kafka.address)
    answering = threading.Thread(target=answer, args=(executor, len(OUTCOMES)))
    answering.start()
    heard = asyncio.run(converse_all(gateway.address))
    answering.join()
    executor.close()
    for state, (_, line) in OUTCOMES.items():
        outcomes = [each.outcome for each in heard[state] if each.HasField("outcome")]
        assert [outcome.state for outcome in outcomes] == [number_of(state)], state
        written = "".join(each.chunk.action_channel for each in heard[state] if each.HasField("chunk"))
        said = "".join(each.chunk.text for each in heard[state] if each.HasField("chunk"))
        assert line in written if line else " [" not in written, (state, written)
        assert said.strip() == ("heard" if line else ""), state
        assert heard[state][-1].WhichOneof("message") == "closed", state
