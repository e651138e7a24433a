"""What the model is told of an outcome, however odd it is."""

import pytest

from duplexsla.protocol.channel_lines import WORDS
from duplexsla.session.outcome_lines import outcome_line
from duplexsla.v1 import action_pb2 as pb


def told(state: str, **fields: object) -> pb.ActionOutcome:
    return pb.ActionOutcome(state=pb.OutcomeState.Value(f"OUTCOME_STATE_{state}"), **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("outcome", "line"),
    [
        (told("DONE", result_json='{"value":21,"unit":"degrees"}'), " [ done 21 degrees]"),
        (told("CONFIRM", candidates=["front door"]), " [ confirm front door]"),
        (told("AMBIGUOUS", candidates=["a lamp", "b lamp"]), " [ which a lamp or b lamp]"),
        (told("NOT_FOUND", candidates=["reading lamp"]), " [ no such reading lamp]"),
        (told("SCHEDULED", result_json='{"value":"9 00"}'), " [ later 9 00]"),
        (told("INATTENTIVE"), ""),
        (
            told(
                "PARTIAL",
                devices=[
                    pb.DeviceOutcome(name="kitchen light", state=pb.OUTCOME_STATE_DONE),
                    pb.DeviceOutcome(name="desk lamp", state=pb.OUTCOME_STATE_UNAVAILABLE),
                ],
            ),
            " [ partly desk lamp]",
        ),
    ],
)  # fmt: skip
def test_each_state_has_its_line(outcome: pb.ActionOutcome, line: str) -> None:
    assert outcome_line(outcome) == line


def test_every_state_of_the_wire_has_a_word_or_is_told_to_nobody() -> None:
    names = {name.removeprefix("OUTCOME_STATE_").lower() for name in pb.OutcomeState.keys()}  # noqa: SIM118
    assert names - {"unspecified", "inattentive"} <= WORDS.keys()


@pytest.mark.parametrize("state", [0, 18, 99, 2**31 - 1])
def test_a_state_of_a_newer_executor_reads_as_silent(state: int) -> None:
    assert outcome_line(pb.ActionOutcome(state=state)) == " [ silent]"  # type: ignore[arg-type]


@pytest.mark.parametrize("result", ["", "x", "[1]", "[" * 100_000, '{"a":' * 50_000, "null", "1e999"])
def test_an_odd_result_never_ends_a_conversation(result: str) -> None:
    done = told("DONE", result_json=result)
    assert outcome_line(done) == " [ done]"
