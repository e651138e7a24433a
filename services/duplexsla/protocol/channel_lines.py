"""Every line that the service may write on the action channel, and what the model is expected to do then.

A line is " [ HEAD WORDS]": an outcome of an action, a question about one, or something that happened at home.
Data for training is made with the same functions. `docs/action-channel.md` holds the table for people.

Bounds: a line has at most MAX_LINE_CHARS characters, so that it fits into MAX_INJECTED tokens of the engine
even where a vocabulary spells every word; names are cut at a word's end to fit. Words are lower-case letters
and digits.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from duplexsla.enum_names import enum_name
from duplexsla.errors import BadInput
from duplexsla.protocol.tokens import OUTCOME_CLOSE, OUTCOME_OPEN
from duplexsla.v1.action_pb2 import (
    OUTCOME_STATE_AMBIGUOUS,
    OUTCOME_STATE_CONFIRM,
    OUTCOME_STATE_DONE,
    OUTCOME_STATE_FAILED,
    OUTCOME_STATE_INATTENTIVE,
    OUTCOME_STATE_NOT_FOUND,
    OUTCOME_STATE_PARTIAL,
    OUTCOME_STATE_SCHEDULED,
    ActionOutcome,
    OutcomeState,
)

MAX_LINE_CHARS = 60  # brackets included
MAX_VALUE_WORDS = 6
MAX_TYPED_CHARS = 50  # of a text that is typed in place of sound
MAX_CANDIDATES = 3
ANSWERS = ("confirm", "decline")  # functions that are about a question
RETRACTION = "never_mind"

Expected = Literal["say", "ask", "nothing", "stop", "obey"]


@dataclass(frozen=True, slots=True)
class ChannelLine:
    """One kind of line: `carries` is what follows the head, `expected` what the model does, `example` how."""

    kind: str
    head: str
    carries: str
    expected: Expected
    example: str  # the line, and what is said, divided by "|"


OUTCOMES = (
    ChannelLine(
        "done",
        "done",
        "value and unit, if it tells one",
        "say",
        " [ done 21 degrees]|it is twenty one degrees",
    ),
    ChannelLine("failed", "failed", "", "say", " [ failed]|that did not work"),
    ChannelLine("unknown", "silent", "", "say", " [ silent]|the garage door did not answer"),
    ChannelLine("unavailable", "silent", "", "say", " [ silent]|i can not reach the heater"),
    ChannelLine("expired", "late", "", "say", " [ late]|sorry that took too long"),
    ChannelLine("refused", "refused", "", "say", " [ refused]|sorry i can not do that"),
    ChannelLine("fenced", "refused", "", "nothing", " [ refused]|"),
    ChannelLine(
        "confirm",
        "confirm",
        "what it is about",
        "ask",
        " [ confirm front door]|shall i unlock the front door",
    ),
    ChannelLine(
        "code", "code", "what it is about", "say", " [ code alarm]|please enter your code in the app"
    ),
    ChannelLine("unsure", "unsure", "", "nothing", " [ unsure]|"),
    ChannelLine("denied", "not allowed", "", "say", " [ not allowed]|you may not do that now"),
    ChannelLine(
        "ambiguous",
        "which",
        "two or three names, divided by or",
        "ask",
        " [ which desk lamp or bedside lamp]|the desk lamp or the bedside lamp",
    ),
    ChannelLine(
        "not_found", "no such", "the words", "say", " [ no such reading lamp]|i know no reading lamp"
    ),
    ChannelLine("duplicate", "duplicate", "", "nothing", " [ duplicate]|"),
    ChannelLine("retracted", "taken back", "", "say", " [ taken back]|okay i leave it"),
    ChannelLine("scheduled", "later", "when it is due", "say", " [ later 9 00]|okay at nine"),
    ChannelLine("partial", "partly", "what did not", "say", " [ partly desk lamp]|all but the desk lamp"),
)
"""By outcome state: the lower-case end of its name on the wire. INATTENTIVE is written nowhere."""

EVENTS = (
    ChannelLine(
        "timer_over", "timer over", "its name", "say", " [ timer over pasta]|your pasta timer is over"
    ),
    ChannelLine("reminder", "reminder", "the message", "say", " [ reminder call mom]|you wanted to call mom"),
    ChannelLine("wake_alarm", "wake up", "", "say", " [ wake up]|good morning it is seven"),
    ChannelLine("broadcast", "message", "the message", "say", " [ message dinner is ready]|dinner is ready"),
    ChannelLine("opened", "opened", "what", "nothing", " [ opened front door]|"),
    ChannelLine("closed", "closed", "what", "nothing", " [ closed front door]|"),
    ChannelLine(
        "turned_on", "turned on", "what, by somebody else", "nothing", " [ turned on kitchen light]|"
    ),
    ChannelLine(
        "turned_off", "turned off", "what, by somebody else", "nothing", " [ turned off kitchen light]|"
    ),
    ChannelLine(
        "effect_late",
        "late done",
        "what",
        "say",
        " [ late done garage door]|the garage door did open after all",
    ),
    ChannelLine("alarm", "alarm", "what raised it", "say", " [ alarm smoke kitchen]|smoke in the kitchen"),
    ChannelLine("too_late", "done undo", "", "ask", " [ done undo]|that is done already shall i undo it"),
    ChannelLine("nothing_asked", "nothing asked", "", "say", " [ nothing asked]|yes to what"),
    ChannelLine(
        "client_tool",
        "answer",
        "what a tool of the client told",
        "say",
        " [ answer 3 new messages]|three new ones",
    ),
    ChannelLine("cut", "cut", "the last words that were heard", "nothing", " [ cut the kitchen]|"),
    ChannelLine("stopped", "stopped", "", "stop", " [ stopped]|"),
    ChannelLine(
        "typed", "typed", "what the user typed, whole", "obey", " [ typed kitchen light]|okay the light"
    ),
    ChannelLine(
        "before",
        "before",
        "the newest words of the user, and of the service behind you",
        "nothing",
        " [ before kitchen light you okay]|",
    ),
)
"""What is no outcome of an action of this session: it happened in the room, or to the conversation."""

OF_THE_CONVERSATION = frozenset({"nothing_asked", "cut", "stopped", "typed", "before"})

LINES: Mapping[str, ChannelLine] = {line.kind: line for line in (*OUTCOMES, *EVENTS)}
WORDS = {line.kind: line.head for line in OUTCOMES}  # state of an outcome -> word

REPLIES = {
    "yes": 'a yes to a question is the call `confirm`, whatever its words ("yes", "do it", "please")',
    "no": "a no is the call `decline`; so is silence until the question's time is over",
    "which": "an answer to `which` is a whole new call with the words that were said",
    "cannot": 'what no function does is said in one short sentence ("i can not do that")',
    "not understood": 'words that were not understood are asked back once ("sorry"), or met with silence',
}
"""What the model does with what people answer; no line of the service is needed for it."""


def outcome_text(state: str, result: Mapping[str, object] | None = None) -> str:
    """Line of an outcome and its result's `value` and `unit`: " [ done 21 degrees]".

    An unknown state reads as silent: nothing is known about the effect.
    """
    words: list[str] = []
    if state == "done" and result:
        words = _spoken(result.get("value")) + _spoken(result.get("unit"))
    return line_text(state if state in WORDS else "unknown", words[:MAX_VALUE_WORDS])


def question_text(state: str, names: Sequence[str]) -> str:
    """Line of a state that is about devices: confirm, code, ambiguous, not_found, partial, scheduled.

    Of more than MAX_CANDIDATES names the first are told.
    """
    words = [_spoken(name) for name in names[:MAX_CANDIDATES]]
    joined = words[0] if words else []
    for name in words[1:]:
        joined = [*joined, *(["or"] if state == "ambiguous" else ["and"]), *name]
    return line_text(state, joined)


def event_text(kind: str, about: str = "") -> str:
    """Line of something that happened; `about` is cut to fit."""
    return line_text(kind, _spoken(about))


def typed_line(words: str) -> str:
    """Line of what a user typed. BadInput for what it cannot hold: a sentence that is cut asks for something
    else.
    """
    text = re.sub(r"(?<=[0-9])\.(?=[0-9])", " point ", words.lower()).replace("%", " percent ")
    text = re.sub(r"[.,!?;:\"]", " ", text.replace("'", "").replace("\u2019", "").replace("-", " "))
    if not text.split() or not all(re.fullmatch(r"[a-z0-9]+", word) for word in text.split()):
        raise BadInput("a text is words of the letters a to z, and digits")
    line = f"{OUTCOME_OPEN} {LINES['typed'].head} {' '.join(text.split())}{OUTCOME_CLOSE}"
    if len(line) > MAX_LINE_CHARS:
        raise BadInput(f"a text has at most {MAX_TYPED_CHARS} characters: say it in fewer words")
    return line


def typed_in(line: str) -> str:
    """The words of a typed line as the model reads it, without its brackets; empty for another line."""
    head, _, words = line.partition(" ")
    return f" {words}" if head == LINES["typed"].head else ""


def line_text(kind: str, words: Sequence[str]) -> str:
    """ " [ HEAD WORDS]" with as many words as fit. KeyError for a kind that is none of LINES."""
    text = f"{OUTCOME_OPEN} {LINES[kind].head}"
    for word in words:
        if len(text) + 1 + len(word) + len(OUTCOME_CLOSE) > MAX_LINE_CHARS:
            break
        text += f" {word}"
    return text + OUTCOME_CLOSE


def _spoken(value: object) -> list[str]:
    """Words and digits of a value: 21.5 is "21 point 5"."""
    if value is None:
        return []
    if isinstance(value, bool):
        return ["on" if value else "off"]
    if isinstance(value, float):
        value = f"{value:.1f}".removesuffix(".0").replace(".", " point ").replace("-", "minus ")
    elif isinstance(value, int):
        value = str(value).replace("-", "minus ")
    return re.findall(r"[a-z0-9]+", str(value).lower())


def outcome_line(outcome: ActionOutcome) -> str:
    """Its line on the action channel; empty where nobody had turned to the service. A state that this version
    does not know reads as silent: nothing is known of an effect.
    """
    state = enum_name(OutcomeState, outcome.state)
    if outcome.state == OUTCOME_STATE_INATTENTIVE:
        return ""
    if outcome.state == OUTCOME_STATE_NOT_FOUND and outcome.function in ANSWERS:
        return event_text("nothing_asked")
    if outcome.state == OUTCOME_STATE_FAILED and outcome.function == RETRACTION:
        return event_text("too_late")
    if outcome.state == OUTCOME_STATE_CONFIRM and outcome.code_asked:
        return question_text("code", outcome.candidates)
    if outcome.state in (OUTCOME_STATE_CONFIRM, OUTCOME_STATE_AMBIGUOUS, OUTCOME_STATE_NOT_FOUND):
        return question_text(state, outcome.candidates)
    if outcome.state == OUTCOME_STATE_PARTIAL:
        left = [each.name for each in outcome.devices if each.state != OUTCOME_STATE_DONE]
        return question_text(state, left)
    result = _object(outcome.result_json)
    if outcome.state == OUTCOME_STATE_SCHEDULED:
        return question_text(state, [str(result.get("value", ""))])
    return outcome_text(state, result)


def _object(text: str) -> dict[str, object]:
    """A JSON object, or an empty one for anything else: an odd result must not end a conversation."""
    try:
        value = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
