"""An action carries the words of its turn; a request is met with a call; what is said to be done was done."""

from collections.abc import Iterator

import pytest

from duplexsla.protocol import tokens
from duplexsla.protocol.action_parser import ToolCall
from duplexsla.protocol.tokens import VAD_SILENCE
from duplexsla.session.turn_words import (
    CALL_CHUNKS,
    HEARING_LAG_CHUNKS,
    MAX_TURN_CHARS,
    TOLD_CHUNKS,
    TurnAccount,
    TurnEvidence,
    TurnFindings,
)
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


class Session:
    """Chunks one after another."""

    def __init__(self) -> None:
        self.account, self.chunk = TurnAccount(), -1

    def say(self, *anchors: str, heard: bool = True) -> list[TurnFindings]:
        """What is found in these chunks and in the silent one after them."""
        return list(self._say([*anchors, VAD_SILENCE], heard))

    def _say(self, anchors: list[str], heard: bool) -> Iterator[TurnFindings]:
        for anchor in anchors:
            self.chunk += 1
            found = self.account.say(self.chunk, anchor, heard=heard)
            if found.request or found.claim:
                yield found


CLAIM = (" the", " light", " is", " on")
KEPT, BROKEN = (TurnFindings("", each, "the light is on", 1) for each in ("kept", "broken"))


def test_a_claim_is_kept_when_an_outcome_told_so_before_it_began() -> None:
    session = Session()
    session.say()
    session.account.tell()
    assert session.say(*CLAIM) == [KEPT]


def test_a_claim_is_broken_when_nothing_told_so_or_only_later_or_long_ago() -> None:
    never = Session()
    never.say()
    assert never.say(*CLAIM) == [BROKEN]
    later = Session()
    later.say()
    for chunk, anchor in enumerate(CLAIM, 1):
        later.account.say(chunk, anchor, heard=True)
    later.account.tell()
    later.chunk = 4
    assert later.say() == [BROKEN]
    old = Session()
    old.account.tell()
    old.say(*[VAD_SILENCE] * TOLD_CHUNKS)
    assert [each.claim for each in old.say(*CLAIM)] == ["broken"]


def test_what_nobody_hears_claims_nothing() -> None:
    assert Session().say(*CLAIM, heard=False) == []


def test_a_request_is_ignored_when_no_call_comes_within_some_seconds_or_in_its_turn() -> None:
    ignored, called, aside = Session(), Session(), Session()
    for each in (ignored, called, aside):
        each.say()
        each.account.hear(" turn on the light", attended=each is not aside)
        each.account.end()
    called.account.call()
    found = [each.say(*[VAD_SILENCE] * CALL_CHUNKS) for each in (ignored, called, aside)]
    assert found == [[TurnFindings("ignored")], [TurnFindings("called")], []]
    ignored.account.hear(" lock the door", attended=True)
    ignored.account.end()
    ignored.account.hear(" what a day", attended=True)
    assert ignored.say() == [TurnFindings("ignored")]
