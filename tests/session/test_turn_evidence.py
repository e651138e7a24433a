"""An action carries the words of its turn, and whether the assistant was speaking."""

from duplexsla.protocol import tokens
from duplexsla.session.turn_evidence import HEARING_LAG_CHUNKS, MAX_TURN_CHARS, TurnEvidence


def test_a_turn_is_what_was_heard_since_the_label_of_the_one_before() -> None:
    turn = TurnEvidence()
    turn.hear(" how are")
    turn.hear(" you")
    turn.end()
    assert turn.evidence(3, attended=True).transcript == "how are you"
    turn.hear(" unlock the")
    turn.hear(" door")
    turn.end()  # the call comes behind the label of its own turn
    assert turn.evidence(9, attended=True).transcript == "unlock the door"


def test_a_turn_without_an_end_stays_bounded() -> None:
    turn = TurnEvidence()
    for _ in range(10_000):
        turn.hear(" word")
    assert len(turn.evidence(1, attended=True).transcript) <= MAX_TURN_CHARS


def test_the_assistants_own_voice_counts_while_the_request_can_have_been_heard() -> None:
    turn = TurnEvidence()
    assert not turn.evidence(0, attended=True).over_own_voice
    turn.say(10, " hello")
    turn.say(11, tokens.TTS_PAD)
    for chunk in range(12, 20):
        turn.say(chunk, tokens.VAD_SILENCE)
    assert turn.evidence(11 + HEARING_LAG_CHUNKS, attended=True).over_own_voice
    assert not turn.evidence(12 + HEARING_LAG_CHUNKS, attended=True).over_own_voice


def test_how_sure_the_model_was_is_not_known() -> None:
    evidence = TurnEvidence().evidence(1, attended=False)
    assert (evidence.function_p, evidence.argument_p, evidence.margin) == (0, 0, 0) and not evidence.attended
