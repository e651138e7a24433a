"""An action carries the words of its turn, and whether the assistant was speaking."""

import pytest

from duplexsla.protocol import tokens
from duplexsla.protocol.action_parser import ToolCall
from duplexsla.session.turn_evidence import HEARING_LAG_CHUNKS, MAX_TURN_CHARS, TurnEvidence
from duplexsla.v1.decoder_pb2 import ClosedCall

SURE = ClosedCall(function_p=0.9, argument_p=0.8, margin=2.5, confidence=0.7, calibrated=True)


def _call(chunk: int, *, closed: int | None = None) -> ToolCall:
    return ToolCall("open_home_device", {}, "", chunk, closed or chunk, 0, "idempotent", 5_000)


def test_a_turn_is_what_was_heard_since_the_label_of_the_one_before() -> None:
    turn = TurnEvidence()
    turn.hear(" how are")
    turn.hear(" you")
    turn.end()
    assert turn.evidence(_call(3), SURE, attended=True).transcript == "how are you"
    turn.hear(" unlock the")
    turn.hear(" door")
    turn.end()  # the call comes behind the label of its own turn
    assert turn.evidence(_call(9), SURE, attended=True).transcript == "unlock the door"


def test_a_turn_without_an_end_stays_bounded() -> None:
    turn = TurnEvidence()
    for _ in range(10_000):
        turn.hear(" word")
    assert len(turn.evidence(_call(1), SURE, attended=True).transcript) <= MAX_TURN_CHARS


def test_the_assistants_own_voice_counts_while_the_request_can_have_been_heard() -> None:
    turn = TurnEvidence()
    assert not turn.evidence(_call(0), SURE, attended=True).over_own_voice
    turn.say(10, " hello")
    turn.say(11, tokens.TTS_PAD)
    for chunk in range(12, 20):
        turn.say(chunk, tokens.VAD_SILENCE)
    assert turn.evidence(_call(11 + HEARING_LAG_CHUNKS), SURE, attended=True).over_own_voice
    assert not turn.evidence(_call(12 + HEARING_LAG_CHUNKS), SURE, attended=True).over_own_voice


def test_how_sure_the_model_was_is_what_the_decoder_told() -> None:
    evidence = TurnEvidence().evidence(_call(1), SURE, attended=False)
    told = (evidence.function_p, evidence.argument_p, evidence.margin, evidence.confidence)
    assert told == (0.9, 0.8, 2.5, 0.7) and evidence.calibrated and not evidence.attended


@pytest.mark.parametrize(("lost", "known"), [(4, True), (6, False), (8, True)])
def test_of_a_call_that_lost_a_chunk_nothing_is_known(lost: int, known: bool) -> None:
    """The call stands in chunks 5 to 7: without one of them the decoder told of another text."""
    turn = TurnEvidence()
    for chunk in range(10):
        if chunk != lost:
            turn.say(chunk, tokens.VAD_SILENCE)
    evidence = turn.evidence(_call(5, closed=7), SURE, attended=True)
    told = (evidence.function_p, evidence.argument_p, evidence.margin, evidence.confidence)
    assert told == ((0.9, 0.8, 2.5, 0.7) if known else (0, 0, 0, 0))
    assert evidence.calibrated == known
