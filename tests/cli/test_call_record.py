"""What a call's messages add up to."""

from duplexsla.cli.call_record import CallRecord, json_row
from duplexsla.clock import CHUNK_BYTES
from duplexsla.v1.action_pb2 import Action, ActionOutcome, OutcomeState
from duplexsla.v1.session_pb2 import Chunk, Closed, ConverseResponse, Error, Label

LIGHT = Action(
    id="00000000000000aa-12-0",
    function="open_home_device",
    arguments_json='{"device":"light","room":"kitchen"}',
    trigger_chunk=12,
)
DONE = ActionOutcome(action_id=LIGHT.id, state=OutcomeState.OUTCOME_STATE_DONE, effect_ms=21.26)


def test_a_call_adds_up_to_what_was_heard_said_and_done() -> None:
    record = _record(
        ConverseResponse(chunk=Chunk(index=0, transcript=" turn on", step_us=8_000)),
        ConverseResponse(chunk=Chunk(index=1, transcript=" the light", actions=[LIGHT], step_us=9_000)),
        ConverseResponse(outcome=DONE),
        ConverseResponse(chunk=Chunk(index=2, text=" Done.", sound=b"\1" * CHUNK_BYTES, step_us=30_000)),
        ConverseResponse(closed=Closed(chunks=3)),
    )
    assert record.summary() == {
        "ok": True,
        "heard": "turn on the light",
        "said": "Done.",
        "actions": [
            {
                "id": LIGHT.id,
                "function": "open_home_device",
                "arguments": {"device": "light", "room": "kitchen"},
                "state": "done",
                "trigger_s": 1.92,
                "effect_ms": 21.3,
            }
        ],
        "step_ms": {"p50": 9.0, "p99": 30.0},
    }


def test_chunks_without_sound_are_silence_of_their_length() -> None:
    record = _record(
        ConverseResponse(chunk=Chunk(index=0)),
        ConverseResponse(chunk=Chunk(index=1, sound=b"\1" * CHUNK_BYTES)),
    )
    assert bytes(record.reply) == bytes(CHUNK_BYTES) + b"\1" * CHUNK_BYTES


def test_an_action_without_an_outcome_is_pending() -> None:
    assert _record(ConverseResponse(chunk=Chunk(actions=[LIGHT]))).actions[0]["state"] == "pending"


def test_an_error_is_the_reason_why_a_call_is_not_ok() -> None:
    summary = _record(ConverseResponse(error=Error(code="unknown_home", detail="no such home"))).summary()
    assert (summary["ok"], summary["reason"]) == (False, "unknown_home: no such home")


def test_a_stream_without_an_end_is_not_ok() -> None:
    assert _record(ConverseResponse(chunk=Chunk())).summary()["ok"] is False


def test_a_chunk_as_json_tells_labels_by_name_and_time_in_seconds() -> None:
    row = json_row(ConverseResponse(chunk=Chunk(index=10, labels=[Label.LABEL_RESPONSE], step_us=7_450)))
    assert (row["chunk"], row["at_s"], row["labels"], row["step_ms"]) == (10, 1.6, ["response"], 7.5)


def _record(*responses: ConverseResponse) -> CallRecord:
    record = CallRecord()
    for response in responses:
        record.add(response)
    return record
