"""Action objects: ids and spelling."""

import json

import pytest
from tests.support.vocabularies import RICH

from duplexsla.protocol.action_parser import (
    ActionParser,
    AssistantTranscript,
    LabelEvent,
    Planning,
    ToolCall,
    Transcript,
)
from duplexsla.protocol.actions import (
    ActionObject,
    action_id,
    arguments_json,
    assistant_text,
    call_text,
    confirmed_id,
    device_id,
    due_id,
    origin_of,
)


def test_ids_depend_on_session_chunk_and_ordinal_alone() -> None:
    assert action_id(2**64 - 1, 12, 0) == "ffffffffffffffff-12-0"
    assert action_id(1, 2, 3) == "0000000000000001-2-3"


def test_canonical_arguments_are_sorted_and_without_spaces() -> None:
    assert arguments_json({"room": "attic", "device": "lamp", "value": 21}) == (
        '{"device":"lamp","room":"attic","value":21}'
    )


def test_a_call_is_spelled_as_the_paper_spells_it() -> None:
    text = call_text("set_home_device", {"device": "air conditioner", "value": 26})
    assert text == '{"function": "set_home_device", "arguments": {"device": " air conditioner", "value": 26}}'
    assert json.loads(text)["arguments"]["value"] == 26


def test_what_an_object_writes_the_parser_reads() -> None:
    lamp: dict[str, str | int | float] = {"device": "lamp", "room": "attic"}
    for action, expected in (
        (ActionObject("asr", 3, "turn it on"), [Transcript(" turn it on")]),
        (ActionObject("interrupt", 3), [LabelEvent("interrupt", 3)]),
        (ActionObject("response", 3, "say hello"), [Planning("say hello", 3), LabelEvent("response", 3)]),
        (
            ActionObject("open_home_device", 3, "lamp on", lamp),
            [
                Planning("lamp on", 3),
                ToolCall("open_home_device", lamp, "lamp on", 3, 3, 0, "idempotent", 5_000),
            ],
        ),
    ):
        pieces = RICH.pieces(RICH.encode(action.text()))
        assert ActionParser.named("home").push(3, pieces) == expected


def test_a_word_of_the_assistant_is_read_as_such() -> None:
    pieces = RICH.pieces(RICH.encode(assistant_text("kitchenette") + " yes"))
    assert ActionParser.named("home").push(0, pieces) == [
        AssistantTranscript(" kitchenette"),
        Transcript(" yes"),
    ]


def test_an_effects_id_follows_from_what_decided_it() -> None:
    asked = action_id(7, 12, 0)
    confirmed, due = confirmed_id(asked), due_id(asked, 1_700_000_000_000)
    ids = [
        asked,
        confirmed,
        due,
        *(device_id(each, "kitchen/light") for each in (asked, confirmed, due)),
        device_id(asked, "bedroom/light"),
    ]
    assert len(set(ids)) == len(ids)
    assert {origin_of(each) for each in ids} == {asked}
    with pytest.raises(ValueError, match="yes"):
        device_id(asked, "yes")
