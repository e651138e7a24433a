"""A call is believed if the turn commands it, and no word more makes a doubt a command."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duplexsla.gates.english import NEGATIONS, spoken_words
from duplexsla.gates.words_heard import Doubt, comfort_doubt, doubt, text_doubt
from duplexsla.tools import TOOLSETS, VERSIONS
from duplexsla.tools.spoken import SPOKEN

FRONT = {"door": "front door"}
LOCK, UNLOCK = ("lock_home_door", FRONT), ("unlock_home_door", FRONT)


@pytest.mark.parametrize(
    "transcript",
    [
        "lock the front door",
        "lock the front door please",
        "Please lock the front door.",
        "could you lock the front door",
        "can you please lock the front door",
        "would you lock the front door for me",
        "i want you to lock the front door",
        "hey omega lock the front door",
        "um okay so lock the front door",
        "the front door please lock it",
        "and then lock the front door",
        "could you go and lock the front door",
        "just secure the front door",
        "make sure the front door is locked",
        "could you please make sure that the front door's locked",
        "the front door please make sure it is locked",
        "be sure to lock the front door",
        "see to it that you lock the front door",
        "would you mind locking the front door",
        "i'd like the front door locked please",
        "could you get the front door locked for the night",
    ],
)
def test_a_command_is_believed(transcript: str) -> None:
    assert doubt(*LOCK, transcript) is None


@pytest.mark.parametrize(
    ("transcript", "expected"),
    [
        ("", Doubt.NOTHING_HEARD),
        ("what time is it", Doubt.NOTHING_HEARD),
        ("don't lock the front door", Doubt.NEGATED),
        ("don\N{RIGHT SINGLE QUOTATION MARK}t lock the front door", Doubt.NEGATED),
        ("do not lock the front door", Doubt.NEGATED),
        ("dont lock the front door", Doubt.NEGATED),
        ("don t lock the front door", Doubt.NEGATED),
        ("lock the front door no wait", Doubt.NEGATED),
        ("unlock the front door", Doubt.OPPOSITE),
        ("un lock the front door", Doubt.OPPOSITE),
        ("open the front door", Doubt.OPPOSITE),
        ("lock the front door after unlocking the back door", Doubt.OPPOSITE),
        ("let my sister in and lock the front door", Doubt.OPPOSITE),
        ("is the front door locked", Doubt.ASKED),
        ("did you lock the front door", Doubt.ASKED),
        ("who locked the front door", Doubt.ASKED),
        ("should i lock the front door", Doubt.ASKED),
        ("can i lock the front door", Doubt.ASKED),
        ("lock the front door if it rains", Doubt.ASKED),
        ("tell me whether the front door is locked", Doubt.ASKED),
        ("the front door is locked", Doubt.TOLD),
        ("i locked the front door", Doubt.TOLD),
        ("i forgot to lock the front door", Doubt.TOLD),
        ("she said lock the front door", Doubt.TOLD),
        ("i lock the front door every night", Doubt.NOT_COMMANDED),
        ("my parents lock the front door", Doubt.NOT_COMMANDED),
        ("every night we come home and lock the front door", Doubt.NOT_COMMANDED),
        ("the lock on the front door", Doubt.NOT_COMMANDED),
        ("lock is broken on the front door", Doubt.NOT_COMMANDED),
        ("hey my front", Doubt.NOT_COMMANDED),
        ("yeah the front door needs", Doubt.NOT_COMMANDED),
        ("locksmith for the front door", Doubt.NOT_COMMANDED),
        ("lock the door", Doubt.NOT_NAMED),
        ("lock the back door", Doubt.NOT_NAMED),
        ("lock it", Doubt.NOT_NAMED),
        ("make sure the front door is unlocked", Doubt.OPPOSITE),
        ("make sure the front door is not locked", Doubt.NEGATED),
        ("did you make sure the front door is locked", Doubt.ASKED),
        ("do you want the front door locked", Doubt.ASKED),
        ("would you mind if i lock the front door", Doubt.ASKED),
        ("make sure the front door was locked", Doubt.TOLD),
        ("i made sure the front door is locked", Doubt.TOLD),
        ("they want the front door locked", Doubt.TOLD),
        ("i need the front door locked sign", Doubt.TOLD),
        ("you lock the front door", Doubt.NOT_COMMANDED),
        ("i make sure to lock the front door", Doubt.NOT_COMMANDED),
        ("make sure it is locked", Doubt.NOT_NAMED),
        ("make sure the back door is locked", Doubt.TOLD),
    ],
)
def test_everything_else_is_a_doubt_with_its_reason(transcript: str, expected: Doubt) -> None:
    assert doubt(*LOCK, transcript) is expected


@pytest.mark.parametrize(
    ("function", "arguments", "transcript", "believed"),
    [
        ("lock_home_door", {"door": "doors", "scope": "all"}, "lock every door", True),
        ("lock_home_door", {"door": "doors", "scope": "all"}, "lock the door", False),
        ("lock_home_door", {"door": "door", "room": "here"}, "lock the door", True),
        ("lock_home_door", {"door": "door", "room": "kitchen"}, "lock the door", False),
        ("arm_home_alarm", {"mode": "night"}, "arm the alarm for the night", True),
        ("arm_home_alarm", {"mode": "away"}, "set an alarm for seven", False),
        ("arm_home_alarm", {"mode": "away"}, "set the alarm to away", True),
        ("open_home_device", {"device": "oven", "room": "kitchen"}, "turn on the kitchen oven", True),
        ("open_home_device", {"device": "oven", "room": "kitchen"}, "turn on the oven in the kitchen", True),
        ("open_home_device", {"device": "oven", "room": "kitchen"}, "turn on the oven", False),
        ("unlock_home_door", {"door": "front door"}, "unlock the back door and the front window", False),
        ("unlock_home_door", {"door": "front door"}, "unlock the front door button is stuck", False),
        (
            "open_home_device",
            {"device": "gate", "when": "in five minutes"},
            "open the gate in five minutes",
            True,
        ),
        ("open_home_device", {"device": "gate", "when": "in five minutes"}, "open the gate", False),
        ("arm_home_alarm", {"mode": "away"}, "arm the alarm", False),
        ("disarm_home_alarm", {}, "disarm the alarm", True),
        ("disarm_home_alarm", {}, "arm the alarm", False),
        ("disarm_home_alarm", {}, "turn off the alarm", False),
        (
            "set_home_device",
            {"device": "oven", "value": 210},
            "set the oven to two hundred and ten degrees",
            True,
        ),
        ("set_home_device", {"device": "oven", "value": 210}, "set the oven to two hundred degrees", False),
        ("set_home_device", {"device": "oven", "value": 55}, "set the oven to fifty five", True),
        ("set_home_device", {"device": "oven", "value": 55}, "set the oven to 55", False),
        ("set_home_device", {"device": "oven", "value": 0.5}, "set the oven to a half", False),
        ("open_home_device", {"device": "garage door"}, "turn on the garage door", True),
        ("open_home_device", {"device": "garage door"}, "turn the garage door off", False),
        ("close_home_device", {"device": "garage door"}, "shut the garage door", True),
        ("close_home_device", {"device": "garage door"}, "open the garage door", False),
        ("run_home_scene", {"scene": "vacation"}, "start the vacation scene", True),
        ("run_home_scene", {"scene": "vacation"}, "we are on vacation", False),
        ("open_home_device", {"device": "oven"}, "make sure the oven is on", True),
        ("close_home_device", {"device": "oven"}, "make sure the oven is on", False),
        ("close_home_device", {"device": "oven", "room": "kitchen"}, "get the kitchen oven off please", True),
        ("close_home_device", {"device": "oven"}, "could you get the oven", False),
        ("close_home_device", {"device": "garage door"}, "would you mind closing the garage door", True),
        ("arm_home_alarm", {"mode": "night"}, "make sure the alarm is armed for the night", True),
        ("disarm_home_alarm", {}, "make sure the alarm is on", False),
        ("make_call", {"contact": "mom"}, "call mom", True),
        ("make_call", {"contact": "mom"}, "mom called", False),
        ("open_car_setting", {"setting": "trunk"}, "open the trunk", True),
        ("broadcast_home_message", {"message": "dinner is ready"}, "tell everyone dinner is ready", True),
        ("frobnicate", {}, "frobnicate", False),
    ],
)
def test_what_it_is_about_is_named(
    function: str, arguments: dict[str, object], transcript: str, believed: bool
) -> None:
    assert (doubt(function, arguments, transcript) is None) == believed


def test_words_that_are_written_down_were_said() -> None:
    milk = ("add_list_item", {"item": "milk", "second_item": "eggs", "list": "shopping"})
    assert text_doubt(*milk, "we need milk and eggs") is None
    assert text_doubt(*milk, "we need milk") is Doubt.NOT_NAMED
    assert text_doubt(*milk, "skip this song") is Doubt.NOTHING_HEARD
    assert text_doubt(*milk, "we don't need milk or eggs") is Doubt.NEGATED
    assert text_doubt("open_home_device", {"device": "lamp"}, "skip this song") is None


@pytest.mark.parametrize(
    ("function", "transcript", "expected"),
    [
        ("open_home_device", "turn on the light", None),
        ("open_home_device", "how about some light in here", None),
        ("open_home_device", "turn off the lamp and turn on the light", None),
        ("open_home_device", "turn off the light", Doubt.OPPOSITE),
        ("open_home_device", "make sure the light is not on", Doubt.NEGATED),
        ("close_home_device", "make sure the light is not on", None),
        ("close_home_device", "don't turn off the light", Doubt.NEGATED),
        ("close_home_device", "i do not need the light any more", None),
        ("increase_home_device", "make the light darker", None),
        ("query_home_device", "is the light not on", None),
    ],
)
def test_comfort_is_not_done_against_what_was_said(
    function: str, transcript: str, expected: Doubt | None
) -> None:
    assert comfort_doubt(function, {"device": "light"}, transcript) is expected


WORDS = st.lists(
    st.sampled_from(
        ["lock", "unlock", "the", "front", "back", "door", "please", "can", "you", "is", "did", "i", "not"]
        + ["open", "close", "locked", "um", "hey", "and", "then"]
        + ["make", "sure", "that", "it", "off", "on", "shut", "get", "want", "mind", "locking", "would", "to"]
    ),
    max_size=10,
)
OPEN, CLOSE = ("open_home_device", {"device": "front door"}), ("close_home_device", {"device": "front door"})
CALLS = st.sampled_from([LOCK, UNLOCK, OPEN, CLOSE])


@given(CALLS, WORDS, st.sampled_from(sorted(NEGATIONS)), st.integers(0, 8))
def test_a_negation_anywhere_is_a_doubt(
    call: tuple[str, dict[str, object]], words: list[str], negation: str, place: int
) -> None:
    assert doubt(*call, " ".join([*words[:place], negation, *words[place:]])) is not None


@given(WORDS)
def test_no_words_ask_for_a_thing_and_for_its_opposite(words: list[str]) -> None:
    said = " ".join(words)
    assert doubt(*LOCK, said) is not None or doubt(*UNLOCK, said) is not None
    assert doubt(*OPEN, said) is not None or doubt(*CLOSE, said) is not None


@given(
    st.sampled_from(["did you", "have you", "who will", "if you", "they", "she", "i never", "we always"]),
    WORDS,
)
def test_what_is_asked_and_what_others_do_is_no_command(lead: str, words: list[str]) -> None:
    assert doubt(*LOCK, f"{lead} make sure the front door is locked {' '.join(words)}") is not None


@given(st.text())
def test_whatever_is_heard_is_judged(transcript: str) -> None:
    doubt(*LOCK, transcript)
    assert all(word == word.lower() for word in spoken_words(transcript))


def test_every_risky_function_has_a_spoken_form() -> None:
    risky = {
        function.name
        for toolset in VERSIONS.values()
        for function in toolset.functions
        if function.risk in ("mess", "entry")
    }
    assert risky <= SPOKEN.keys()


def test_the_forms_are_of_functions_and_name_their_arguments() -> None:
    functions = {
        each.name: each for toolset in (*TOOLSETS.values(), *VERSIONS.values()) for each in toolset.functions
    }
    for name, form in SPOKEN.items():
        assert set(form.names) <= {argument.name for argument in functions[name].arguments}, name
        assert form.says and not set(form.says) & set(form.opposites), name
