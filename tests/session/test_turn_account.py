"""A turn's account: was a request met with a call, and was it said to be done only when it was."""

from collections.abc import Iterator

from duplexsla.protocol.tokens import VAD_SILENCE
from duplexsla.session.turn_account import CALL_CHUNKS, TOLD_CHUNKS, TurnAccount, TurnFindings


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
