"""Situations from the words on the action channel to the home: the right effect, or none and the right words.

What a model writes becomes an event as a gateway makes it; an executor with the real gates and resolver has
it done in the simulated home; what the model then reads is the line of its outcome. One call a turn.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from tests.gates.test_situations import ACTS, SILENT, SITUATIONS, Situation
from tests.support.decoder_steps import step
from tests.support.home_site import HOME, HomeSite

from duplexsla.clock import CHUNK_MS
from duplexsla.protocol import tokens
from duplexsla.protocol.actions import call_text, code_proof
from duplexsla.session.dialogue import Dialogue
from duplexsla.session.messages import SessionTerms
from duplexsla.v1.action_pb2 import ActionEvent
from duplexsla.v1.decoder_pb2 import ClosedCall
from duplexsla.v1.session_pb2 import ATTENTION_MODE_ALWAYS, ATTENTION_MODE_WAKE, CLOCK_FILE, AttentionMode

SESSION, KEY, CODE = 0xA1, b"a key", "4711"
GAP_CHUNKS = 8  # between two turns


class OneCode:
    def right(self, home: str, action_id: str, proof: bytes) -> bool:
        return proof == code_proof(KEY, action_id, CODE)


@contextmanager
def talking(room: str = "hallway", attention: AttentionMode = ATTENTION_MODE_ALWAYS) -> Iterator["Talk"]:
    talk = Talk(room, attention)
    try:
        yield talk
    finally:
        talk.site.close()


class Talk:
    """One speaker in a room of a home of their own."""

    def __init__(self, room: str, attention: AttentionMode) -> None:
        self.site = HomeSite(codes=OneCode())
        terms = SessionTerms(HOME, "home", CLOCK_FILE, room=room, attention=attention)
        self.dialogue, self._chunk = Dialogue(SESSION, terms, fence=5), 0

    def turn(self, said: str, function: str, arguments: Mapping[str, str | float]) -> str:
        """The line that the model reads then, without its brackets; "" for none."""
        words = [f" {word}" for word in said.split()]
        call = (tokens.TOOLCALL_BEGIN, call_text(function, arguments), tokens.TOOLCALL_END)
        told = ClosedCall(closed_by=len(words) + 2, confidence=0.99, calibrated=True)
        for event in self._write(*words, *call, "<response>", calls=[told]):
            self.dialogue.on_outcome(self.site.run(event))
        line = self.dialogue.take_injected_text()
        written = re.findall(r"\]| ?[^\s\]]+", line)
        self._write(*written, injected_tokens=len(written))
        return line.strip(" []")

    def _write(self, *pieces: str, **given: Any) -> list[ActionEvent]:
        self._chunk += GAP_CHUNKS
        self.site.clock.now_ms += GAP_CHUNKS * CHUNK_MS
        return self.dialogue.on_step(
            self._chunk, step(*pieces, **given), step_us=1, now_ms=self.site.clock()
        ).events


@pytest.fixture(scope="module")
def hallway() -> Iterator[Talk]:
    with talking() as talk:
        yield talk


@pytest.mark.parametrize("one", SITUATIONS, ids=lambda one: f"{one.said} -> {one.function}")
def test_what_is_said_has_the_effect_that_it_asks_for_or_none_and_a_line_that_says_why(
    hallway: Talk, one: Situation
) -> None:
    before = len(hallway.site.effects)
    line = hallway.turn(one.said, one.function, one.arguments)
    moved = len(hallway.site.effects) > before
    if one.state is ACTS:
        assert line.startswith(("done", "later")) and moved == (
            one.risk != "read" and line.startswith("done")
        )
    else:
        assert not moved and line.startswith("unsure" if one.state is SILENT else ("confirm", "code"))


LIGHT: Mapping[str, str | float] = {"device": "light", "room": "kitchen"}
FRONT: Mapping[str, str | float] = {"door": "front door"}
IN_FIVE = "in five minutes"
Turn = tuple[str, str, Mapping[str, str | float], str]
LATER: Turn = ("kitchen light on in five minutes", "open_home_device", {**LIGHT, "when": IN_FIVE}, "later")
ON: Turn = ("turn on the kitchen light", "open_home_device", LIGHT, "done")
LOCK: Turn = ("lock the front door", "lock_home_door", FRONT, "confirm front door")
YES: Turn = ("yes please", "confirm", {}, "done")
TALKS: dict[
    str, tuple[list[Turn], int, int]
] = {  # turns with their lines, effects, and effects in ten minutes
    "shall i, yes": ([LOCK, YES], 1, 0),
    "shall i, no": ([LOCK, ("no leave it", "decline", {}, "done")], 0, 0),
    "a yes to nothing": ([("yes you are right", "confirm", {}, "nothing asked")], 0, 0),
    "a second yes": ([LOCK, YES, ("yes", "confirm", {}, "nothing asked")], 1, 0),
    "taken back": ([LOCK, ("never mind", "never_mind", {}, "taken back")], 0, 0),
    "later": ([LATER], 0, 1),
    "later, cancelled": ([LATER, ("cancel that", "cancel_later", {}, "done")], 0, 0),
    "later, moved": (
        [
            LATER,
            ("make that seven minutes", "cancel_later", {"what": "the light"}, "done"),
            ("in seven minutes", "open_home_device", {**LIGHT, "when": "in seven minutes"}, "later"),
        ],
        0,
        1,
    ),
    "later, asked": ([LATER, ("what is to happen", "query_later", {}, "done turn on kitchen light")], 0, 1),
    "the garage door in five minutes": (
        [
            (
                "open the garage door in five minutes",
                "open_home_device",
                {"device": "garage door", "when": IN_FIVE},
                "confirm garage door",
            ),
            ("yes", "confirm", {}, "later"),
        ],
        0,
        1,
    ),
    "undo": ([ON, ("undo that", "undo", {}, "done")], 2, 0),
    "undo of nothing": ([("undo that", "undo", {}, "failed")], 0, 0),
    "what did you do": ([ON, ("what did you do", "what_did_you_do", {}, "done turn on")], 1, 0),
    "which one": ([("lock the door", "lock_home_door", {"door": "door"}, "which front door or")], 0, 0),
    "no such": ([("open the volcano", "open_home_device", {"device": "volcano"}, "no such volcano")], 0, 0),
    "i cannot do that": (
        [
            (
                "dim the front door",
                "set_home_device",
                {"device": "front door", "property": "brightness", "value": 5},
                "failed",
            )
        ],
        0,
        0,
    ),
    "not yet": (
        [("in zero minutes", "open_home_device", {**LIGHT, "when": "in zero minutes"}, "refused")],
        0,
        0,
    ),
}


@pytest.mark.parametrize("name", TALKS)
def test_a_talk_of_more_turns_comes_to_its_lines_and_effects(name: str) -> None:
    turns, effects, later = TALKS[name]
    with talking(room="") as talk:
        for said, function, arguments, line in turns:
            read = talk.turn(said, function, arguments)
            assert read.startswith(line), (said, read)
        assert len(talk.site.effects) == effects
        for _ in range(10):
            talk.site.due(in_ms=60_000)
        assert len(talk.site.effects) == effects + later


def test_everything_all_and_except_reach_what_was_said_and_no_lock() -> None:
    with talking(room="kitchen") as talk:
        talk.site.by_hand("door/front door", locked=False)
        all_off: Mapping[str, str | float] = {"device": "everything", "scope": "all"}
        assert talk.turn("turn everything off", "close_home_device", all_off) == "done"
        assert talk.site.state("door/front door")["locked"] is False
        talk.turn(*ON[:3])
        kept: Mapping[str, str | float] = {"device": "lights", "scope": "all", "except": "kitchen"}
        talk.turn("turn off all the lights except in the kitchen", "close_home_device", kept)
        assert talk.site.state("kitchen/light")["on"] is True
        talk.turn("turn off the light here", "close_home_device", {"device": "light", "room": "here"})
        assert talk.site.state("kitchen/light")["on"] is False


def test_what_is_not_said_to_the_service_does_nothing_and_writes_nothing() -> None:
    with talking(attention=ATTENTION_MODE_WAKE) as talk:
        assert talk.turn(*ON[:3]) == ""
        talk.dialogue.turn(talk._chunk, attended=True, for_ms=60_000)
        assert talk.turn(*ON[:3]) == "done"
        assert len(talk.site.effects) == 1
