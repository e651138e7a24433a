"""The streaming parser: what it reports, where it anchors actions, and that nothing can stop it."""

import random
from itertools import pairwise

import pytest

from duplexsla.errors import ProtocolError
from duplexsla.protocol import tokens
from duplexsla.protocol.action_parser import (
    MAX_CALL_CHARS,
    MAX_PLANNING_CHARS,
    ActionParser,
    AssistantTranscript,
    Event,
    LabelEvent,
    Malformed,
    OutcomeEcho,
    Planning,
    ToolCall,
    Transcript,
)
from duplexsla.protocol.actions import call_text

LAMP = ['{"function": "', "open_home_device", '", "arguments": {"', "device", '": "', " lamp", '"}}']
CALL = [tokens.TOOLCALL_BEGIN, *LAMP, tokens.TOOLCALL_END]
PLAN = [" (", " lamp", " on", ")"]


def parse(*segments: list[str], first: int = 0) -> list[Event]:
    parser = ActionParser.named("home")
    chunks = enumerate(segments, first)
    return [event for chunk, pieces in chunks for event in parser.push(chunk, [*pieces, tokens.ACTION_END])]


def calls(events: list[Event]) -> list[ToolCall]:
    return [event for event in events if isinstance(event, ToolCall)]


def reasons(events: list[Event]) -> list[str]:
    return [event.kind for event in events if isinstance(event, Malformed)]


def test_bare_words_are_the_users_transcript_and_join_to_the_whole() -> None:
    events = parse([" turn", " on"], [" the", " kit"], ["chen", " lamp"])
    assert events == [Transcript(" turn on"), Transcript(" the kit"), Transcript("chen lamp")]


def test_assistant_transcript_lasts_until_the_next_word() -> None:
    events = parse([" the", " ~", " kit", "chen", " light"], [" ~", "o", "k"], ["ay", " yes"])
    assert events == [
        Transcript(" the"), AssistantTranscript(" kitchen"), Transcript(" light"), AssistantTranscript("ok"),
        AssistantTranscript("ay"), Transcript(" yes"),
    ]  # fmt: skip


def test_labels_and_outcomes() -> None:
    events = parse(["<response>"], [" [", " done", " 21", " degrees", "]", "<interrupt>"], ["<backchannel>"])
    assert events == [
        LabelEvent("response", 0), OutcomeEcho("done 21 degrees"), LabelEvent("interrupt", 1),
        LabelEvent("backchannel", 2),
    ]  # fmt: skip


def test_a_call_is_validated_and_its_values_lose_their_leading_space() -> None:
    (call,) = calls(parse(CALL, first=7))
    assert call == ToolCall("open_home_device", {"device": "lamp"}, "", 7, 7, 0, "idempotent", 5_000)


def test_a_call_spilled_over_chunks_stays_whole_and_is_anchored_to_its_planning() -> None:
    stream = [*PLAN, *CALL]
    for budget in range(1, len(stream) + 1):
        segments = [stream[at : at + budget] for at in range(0, len(stream), budget)]
        events = parse(*segments, first=100)
        (call,) = calls(events)
        assert (call.trigger_chunk, call.closed_chunk, call.planning) == (100, 99 + len(segments), "lamp on")
        assert Planning("lamp on", 100) in events and not reasons(events)


def test_only_planning_directly_before_a_call_anchors_it() -> None:
    for between in (["<response>"], [" word"], [" ~", " word"]):
        (call,) = calls(parse(PLAN, [*between, *CALL], first=3))
        assert (call.trigger_chunk, call.planning) == (4, "")
    (call,) = calls(parse(PLAN, [], CALL, first=3))
    assert (call.trigger_chunk, call.planning) == (5, "")


def test_an_outcome_written_by_the_service_does_not_part_planning_from_its_call() -> None:
    outcome = [" [", " done", "]"]
    for segments in (
        [PLAN, outcome, CALL],
        [PLAN[:2], outcome, [*PLAN[2:], *CALL]],
        [[*PLAN, *outcome, *CALL]],
    ):
        events = parse(*segments, first=3)
        assert calls(events)[0].trigger_chunk == 3 and calls(events)[0].planning == "lamp on"
        assert OutcomeEcho("done") in events and not reasons(events)


def test_ordinals_count_the_calls_of_one_trigger_chunk() -> None:
    events = parse([*PLAN, *CALL, *CALL], [*PLAN, *CALL], CALL)
    assert [(call.trigger_chunk, call.ordinal) for call in calls(events)] == [(0, 0), (0, 1), (1, 0), (2, 0)]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("{", "json"),
        ("[]", "json"),
        ("[" * 1_000, "json"),
        ('{"function": 3, "arguments": {}}', "json"),
        ('{"function": "open_home_device", "arguments": "lamp"}', "json"),
        ('{"function": "open_home_device", "arguments": {"device": " lamp", "device": " fan"}}', "json"),
        (call_text("no_such_function", {}), "schema"),
        (call_text("open_home_device", {}), "schema"),
        (call_text("open_home_device", {"device": "lamp", "scope": "moon"}), "schema"),
        (call_text("open_home_device", {"device": "lamp", "colour": "red"}), "schema"),
        ('{"function": "set_timer", "arguments": {"value": NaN, "unit": " hours"}}', "schema"),
        ('{"function": "set_timer", "arguments": {"value": 1e999, "unit": " hours"}}', "schema"),
        ('{"function": "set_timer", "arguments": {"value": %s, "unit": " hours"}}' % ("9" * 900), "schema"),
        ('{"function": "set_timer", "arguments": {"value": true, "unit": " hours"}}', "schema"),
        ('{"function": "add_list_item", "arguments": {"item": "\\ud800", "list": "todo"}}', "schema"),
    ],
)
def test_a_bad_call_is_reported_and_the_next_one_works(body: str, kind: str) -> None:
    events = parse([tokens.TOOLCALL_BEGIN, *body, tokens.TOOLCALL_END, *CALL])
    assert reasons(events) == [kind] and len(calls(events)) == 1


def test_a_marker_cuts_an_open_lane_short_and_is_obeyed() -> None:
    for opener in ([tokens.TOOLCALL_BEGIN, *LAMP[:3]], PLAN[:2], [" [", " done"]):
        for marker, expected in (("<response>", LabelEvent("response", 0)), (CALL, None)):
            events = parse([*opener, *([marker] if isinstance(marker, str) else marker), " and"])
            assert reasons(events) == ["marker"] and events[-1] == Transcript(" and")
            assert expected in events if expected else len(calls(events)) == 1


def test_a_call_that_was_cut_short_takes_its_planning_with_it() -> None:
    (call,) = calls(parse([*PLAN], [tokens.TOOLCALL_BEGIN, *LAMP[:2], *CALL], first=3))
    assert (call.trigger_chunk, call.planning) == (4, "")


def test_what_is_not_open_cannot_be_closed() -> None:
    for piece in (")", "]", tokens.TOOLCALL_END, tokens.PAD, tokens.USER_AUDIO_BEGIN, "<|audio_12|>"):
        events = parse([" a", piece, " b"])
        assert reasons(events) == ["marker"]
        assert [events[0], events[-1]] == [Transcript(" a"), Transcript(" b")]


def test_an_endless_call_or_planning_is_reported_once_and_forgotten() -> None:
    for opener, limit in ((tokens.TOOLCALL_BEGIN, MAX_CALL_CHARS), (" (", MAX_PLANNING_CHARS)):
        parser = ActionParser.named("home")
        events = parser.push(0, [opener])
        for chunk in range(1, 1_000):
            events += parser.push(chunk, [" words"] * 10)
        (event,) = events
        assert isinstance(event, Malformed) and event.kind == "length" and len(event.raw) == limit
        assert len(calls(parser.push(1_000, CALL))) == 1


def test_an_unknown_toolset_is_named() -> None:
    with pytest.raises(ProtocolError, match="boat"):
        ActionParser.named("boat")


PIECES = [
    *tokens.LANES, *tokens.SKELETON, *tokens.LABELS, *tokens.FRAME_MARKERS, tokens.TOOLCALL_BEGIN, tokens.PAD,
    tokens.TOOLCALL_END, " lamp", "s", "", " ", "\ud800", "\0", "é", "21", "NaN", "{", "}", "[", '"', "\\u",
    *LAMP,
]  # fmt: skip


def test_no_sequence_of_pieces_raises_and_state_stays_bounded() -> None:
    for seed in range(60):
        rng = random.Random(seed)
        parser = ActionParser.named("home")
        pool = rng.sample(PIECES, rng.randint(2, len(PIECES)))
        for chunk in range(200):
            for event in parser.push(chunk, rng.choices(pool, k=rng.randint(0, 12))):
                assert not isinstance(event, Malformed) or len(event.raw) <= MAX_CALL_CHARS
        held = [parser._span.text, parser._outcome.text if parser._outcome else ""]
        assert sum(map(len, held)) <= 2 * MAX_CALL_CHARS


def test_what_was_read_before_a_good_call_never_spoils_it() -> None:
    for seed in range(300):
        rng = random.Random(seed)
        parser = ActionParser.named("home")
        for chunk in range(5):
            parser.push(chunk, rng.choices(PIECES, k=rng.randint(0, 12)))
        # The marker of a call ends whatever is open.
        assert [call.function for call in calls(parser.push(9, CALL))] == ["open_home_device"]


def test_how_a_segment_is_cut_into_chunks_changes_only_the_chunk_numbers() -> None:
    stream = [" hi", *PLAN, *CALL, "<response>", " ~", " ok", " [", " done", "]", *CALL, " bye"]
    whole = ActionParser.named("home").push(0, stream)
    for seed in range(50):
        rng = random.Random(seed)
        cuts = [0, *sorted(rng.sample(range(1, len(stream)), rng.randint(0, 6))), len(stream)]
        parser = ActionParser.named("home")
        split = [event for a, b in pairwise(cuts) for event in parser.push(0, stream[a:b])]
        assert split == whole
