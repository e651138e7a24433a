import json

import pytest
from tests.support.decoder_steps import step

from duplexsla.clock import CHUNK_BYTES
from duplexsla.errors import BadInput, ProtocolError
from duplexsla.protocol import tokens
from duplexsla.protocol.actions import call_text
from duplexsla.session.dialogue import (
    QUIET_CHUNKS,
    ChunkOutput,
    Dialogue,
)
from duplexsla.session.messages import SessionTerms
from duplexsla.session.outbox import MISSES, PAUSE_CHUNKS
from duplexsla.session.service_lines import MAX_LINES
from duplexsla.session.session_actions import MAX_OPEN_ACTIONS, OUTCOME_WAIT_MS
from duplexsla.v1.action_pb2 import (
    DELIVERY_AT_MOST_ONCE,
    DELIVERY_IDEMPOTENT,
    OUTCOME_STATE_CONFIRM,
    OUTCOME_STATE_DONE,
    OUTCOME_STATE_NOT_FOUND,
    OUTCOME_STATE_REFUSED,
    OUTCOME_STATE_UNKNOWN,
    ActionEvent,
    ActionOutcome,
)
from duplexsla.v1.decoder_pb2 import ClosedCall
from duplexsla.v1.journal_pb2 import PastChunk, SessionRecord
from duplexsla.v1.session_pb2 import (
    ATTENTION_MODE_ALWAYS,
    ATTENTION_MODE_WAKE,
    CLOCK_FILE,
    CLOCK_LIVE,
    LABEL_RESPONSE,
    NOTICE_KIND_ACTION_UNAVAILABLE,
    NOTICE_KIND_ATTENTION_AWAITED,
    NOTICE_KIND_OVERLOAD,
    AttentionMode,
)

SESSION = 0xA1
NOW_MS = 1_760_000_000_000
LOUD = b"\1\0" * (CHUNK_BYTES // 2)
LAMP = call_text("open_home_device", {"device": "lamp", "room": "kitchen"})
UNLOCK = call_text("unlock_home_door", {"door": "front door"})


def _dialogue(clock: int = CLOCK_LIVE) -> Dialogue:
    return Dialogue(SESSION, SessionTerms("h1", "home", clock), fence=77)  # type: ignore[arg-type]


def _step_of(dialogue: Dialogue, index: int, *pieces: str, step_us: int = 20_000) -> ChunkOutput:
    return dialogue.on_step(index, step(*pieces), step_us=step_us, now_ms=NOW_MS)


def _call(text: str) -> tuple[str, str, str]:
    return tokens.TOOLCALL_BEGIN, text, tokens.TOOLCALL_END


def test_silence_travels_as_an_empty_sound_and_no_words() -> None:
    (message,) = _step_of(_dialogue(), 4).messages
    assert (message.chunk.index, message.chunk.sound, message.chunk.text) == (4, b"", "")
    assert message.chunk.action_channel == "" and message.chunk.step_us == 20_000


def test_sound_words_and_the_action_channel_reach_the_client() -> None:
    sound = b"\1\0" * (CHUNK_BYTES // 2)
    pieces = (" lamp", " on", " (", " turning", ")", "<response>", " ~", " okay")
    spoken = step(*pieces, sound=sound, anchor=" okay")
    (message,) = _dialogue().on_step(0, spoken, step_us=1, now_ms=NOW_MS).messages
    chunk = message.chunk
    assert (chunk.sound, chunk.text, chunk.transcript) == (sound, " okay", " lamp on")
    assert (chunk.planning, chunk.assistant_transcript) == ("turning", " okay")
    assert list(chunk.labels) == [LABEL_RESPONSE]
    assert chunk.action_channel == "".join(pieces)


def test_a_call_becomes_an_event_with_a_deterministic_id() -> None:
    first = _step_of(_dialogue(), 9, *_call(LAMP))
    again = _step_of(_dialogue(), 9, *_call(LAMP))
    (event,) = first.events
    assert event == again.events[0]
    assert event.action.id == "00000000000000a1-9-0"
    assert json.loads(event.action.arguments_json) == {"device": "lamp", "room": "kitchen"}
    assert (event.session_id, event.home, event.toolset, event.fence) == (SESSION, "h1", "home", 77)
    assert (event.emitted_at_ms, event.expires_at_ms) == (NOW_MS, NOW_MS + 5_000)
    assert event.delivery == DELIVERY_IDEMPOTENT
    assert list(first.messages[0].chunk.actions) == [event.action]


def test_a_call_that_spills_is_triggered_where_its_planning_began() -> None:
    dialogue = _dialogue()
    assert not _step_of(dialogue, 3, " (", " unlocking").events
    assert not _step_of(dialogue, 4, ")", tokens.TOOLCALL_BEGIN).events
    (event,) = _step_of(dialogue, 5, UNLOCK, tokens.TOOLCALL_END).events
    assert (event.action.trigger_chunk, event.action.closed_chunk) == (3, 5)
    assert event.action.planning == "unlocking"
    assert event.delivery == DELIVERY_AT_MOST_ONCE and event.expires_at_ms == NOW_MS + 3_000


def test_two_calls_of_one_chunk_have_two_ids() -> None:
    output = _step_of(_dialogue(), 9, *_call(LAMP), *_call(UNLOCK))
    assert [event.action.id for event in output.events] == ["00000000000000a1-9-0", "00000000000000a1-9-1"]


def test_each_call_of_a_chunk_carries_the_confidence_that_was_told_of_it() -> None:
    told = [ClosedCall(closed_by=5, function_p=0.5), ClosedCall(closed_by=2, function_p=0.25)]
    output = _dialogue().on_step(0, step(*_call(LAMP), *_call(UNLOCK), calls=told), step_us=1, now_ms=NOW_MS)
    assert [event.evidence.function_p for event in output.events] == [0.25, 0.5]


def test_a_call_of_which_nothing_was_told_is_of_no_known_confidence() -> None:
    (event,) = _step_of(_dialogue(), 0, *_call(UNLOCK)).events
    assert (event.evidence.function_p, event.evidence.confidence) == (0, 0) and not event.evidence.calibrated


def test_an_outcome_is_told_to_the_client_and_to_the_model_once() -> None:
    dialogue = _dialogue()
    (event,) = _step_of(dialogue, 9, *_call(LAMP)).events
    assert dialogue.take_injected_text() == "" and dialogue.open_actions == 1
    outcome = ActionOutcome(
        action_id=event.action.id, session_id=SESSION, state=OUTCOME_STATE_DONE, result_json='{"value":"on"}'
    )
    message = dialogue.on_outcome(outcome)
    assert message is not None and message.outcome == outcome
    assert dialogue.take_injected_text() == " [ done on]" and dialogue.take_injected_text() == ""
    assert dialogue.on_outcome(outcome) is None and dialogue.take_injected_text() == ""


def test_an_outcome_of_an_action_that_this_session_never_asked_for_is_ignored() -> None:
    assert _dialogue().on_outcome(ActionOutcome(action_id="x", state=OUTCOME_STATE_DONE)) is None


def test_an_odd_result_harms_nobody() -> None:
    for result in ("[1]", "{", '"x"', "null"):
        dialogue = _dialogue()
        (event,) = _step_of(dialogue, 9, *_call(LAMP)).events
        dialogue.on_outcome(
            ActionOutcome(action_id=event.action.id, state=OUTCOME_STATE_DONE, result_json=result)
        )
        assert dialogue.take_injected_text() == " [ done]"


def test_a_call_that_its_schema_refuses_is_an_outcome_and_no_event() -> None:
    dialogue = _dialogue()
    output = _step_of(
        dialogue, 9, *_call('{"function": "set_timer", "arguments": {"value": 1, "unit": " moons"}}')
    )
    assert not output.events and output.messages[0].HasField("chunk") and output.refused == ["schema"]
    outcome = output.messages[1].outcome
    assert outcome.state == OUTCOME_STATE_REFUSED and "moons" in outcome.reason
    assert dialogue.take_injected_text() == " [ refused]"


def test_an_action_that_could_not_be_handed_over_is_a_notice_and_silence() -> None:
    dialogue = _dialogue()
    (event,) = _step_of(dialogue, 9, *_call(LAMP)).events
    message = dialogue.unavailable(event, "no broker")
    assert message.notice.kind == NOTICE_KIND_ACTION_UNAVAILABLE and event.action.id in message.notice.detail
    assert dialogue.take_injected_text() == " [ silent]" and dialogue.open_actions == 0


def test_an_action_without_an_outcome_is_reported_as_unknown_and_its_late_outcome_still_comes() -> None:
    dialogue = _dialogue()
    (event,) = _step_of(dialogue, 9, *_call(LAMP)).events
    assert dialogue.overdue(event.expires_at_ms + OUTCOME_WAIT_MS) == []
    (message,) = dialogue.overdue(event.expires_at_ms + OUTCOME_WAIT_MS + 1)
    assert message.outcome.state == OUTCOME_STATE_UNKNOWN and dialogue.take_injected_text() == " [ silent]"
    late = ActionOutcome(action_id=event.action.id, state=OUTCOME_STATE_DONE)
    assert dialogue.on_outcome(late) is not None
    assert dialogue.take_injected_text() == " [ late done kitchen lamp]"
    assert dialogue.on_outcome(late) is None and dialogue.take_injected_text() == ""


def test_open_actions_are_bounded() -> None:
    dialogue = _dialogue()
    for index in range(MAX_OPEN_ACTIONS):
        assert len(_step_of(dialogue, index, *_call(LAMP)).events) == 1
    output = _step_of(dialogue, MAX_OPEN_ACTIONS, *_call(LAMP))
    assert not output.events and output.messages[1].notice.kind == NOTICE_KIND_ACTION_UNAVAILABLE
    assert dialogue.open_actions == MAX_OPEN_ACTIONS


def test_text_that_waits_for_the_model_is_bounded() -> None:
    dialogue = _dialogue()
    for index in range(1_000):
        (event,) = _step_of(dialogue, index, *_call(LAMP)).events
        dialogue.unavailable(event, "no broker")
    assert dialogue.take_injected_text() == MAX_LINES * " [ silent]"


def test_misses_are_counted_and_told_when_they_pile_up() -> None:
    dialogue = _dialogue()
    notices = []
    for index in range(2 * PAUSE_CHUNKS):
        output = _step_of(dialogue, index, step_us=160_001)
        assert output.missed
        notices += [m.notice for m in output.messages if m.HasField("notice")]
    assert {notice.kind for notice in notices} == {NOTICE_KIND_OVERLOAD} and len(notices) == 2
    assert notices[0].first_chunk == MISSES - 1
    assert dialogue.closed().closed.deadline_misses == dialogue.closed().closed.chunks == 120


def test_a_file_session_is_not_told_of_overload() -> None:
    dialogue = _dialogue(CLOCK_FILE)
    output = [_step_of(dialogue, index, step_us=200_000) for index in range(20)]
    assert all(len(each.messages) == 1 for each in output) and dialogue.deadline_misses == 20


def test_the_opening_message_says_what_was_agreed() -> None:
    opened = _dialogue().opened().opened
    assert (opened.session_id, opened.home, opened.toolset, opened.chunk_ms) == (SESSION, "h1", "home", 160)
    assert opened.audio.sample_rate_hz == 16_000


def test_an_unknown_toolset_is_refused() -> None:
    with pytest.raises(ProtocolError, match="boat"):
        Dialogue(1, SessionTerms("h1", "boat", CLOCK_LIVE), fence=1)


def _home(attention: AttentionMode = ATTENTION_MODE_ALWAYS) -> Dialogue:
    return Dialogue(SESSION, SessionTerms("h1", "home", CLOCK_LIVE, attention=attention), fence=77)


def _pieces(line: str) -> list[str]:
    """As a decoder writes it."""
    return [" [", *(f" {word}" for word in line.strip(" []").split()), "]"]


def _asked(dialogue: Dialogue) -> str:
    """Id of an action that the service asks about; the decoder has written the question in chunk 10."""
    (event,) = _step_of(dialogue, 6, *_call(UNLOCK)).events
    question = ActionOutcome(
        action_id=event.action.id,
        state=OUTCOME_STATE_CONFIRM,
        candidates=["front door"],
        due_at_ms=NOW_MS + 15_000,
    )
    assert dialogue.on_outcome(question) is not None
    line = dialogue.take_injected_text()
    assert line == " [ confirm front door]"
    dialogue.on_step(10, step(line, injected_tokens=1), step_us=1, now_ms=NOW_MS)
    return event.action.id


def test_a_button_is_an_event_and_its_code_leaves_as_a_proof_alone() -> None:
    dialogue = _home()
    about = _asked(dialogue)
    event = dialogue.answer(about, yes=True, chunk=12, now_ms=NOW_MS, prove=lambda id: id[::-1].encode())
    assert isinstance(event, ActionEvent)
    assert (event.refers_to, event.code_proof) == (about, about[::-1].encode()) and dialogue.open_actions == 1


def test_a_button_for_another_session_is_told_that_nothing_was_asked() -> None:
    told = _home().answer("x", yes=True, chunk=1, now_ms=NOW_MS, prove=lambda _: b"")
    assert not isinstance(told, ActionEvent) and told.outcome.state == OUTCOME_STATE_NOT_FOUND


def test_the_model_reads_that_a_question_is_over() -> None:
    dialogue = _home()
    _asked(dialogue)
    assert dialogue.overdue(NOW_MS + 15_000) == [] and dialogue.take_injected_text() == ""
    dialogue.overdue(NOW_MS + 15_001)
    assert dialogue.take_injected_text() == " [ late]"


def test_a_stop_silences_takes_back_and_is_written() -> None:
    dialogue = _home()
    about = _asked(dialogue)
    assert [event.refers_to for event in dialogue.stop(12, NOW_MS)] == [about]
    assert dialogue.take_injected_text() == " [ stopped]"
    said = step(anchor=" okay", sound=LOUD)
    output = dialogue.on_step(12, said, step_us=1, now_ms=NOW_MS)
    assert output.withheld and (output.messages[0].chunk.sound, output.messages[0].chunk.text) == (b"", "")
    _step_of(dialogue, 13, "<response>")
    assert dialogue.on_step(14, said, step_us=1, now_ms=NOW_MS).messages[0].chunk.sound == LOUD


def test_outside_attention_nothing_is_said_and_an_action_is_stamped_so_and_noticed_once() -> None:
    dialogue = _home(ATTENTION_MODE_WAKE)
    output = dialogue.on_step(3, step(anchor=" okay", sound=LOUD), step_us=1, now_ms=NOW_MS)
    assert output.withheld and not output.messages[0].chunk.sound
    assert [each.notice.kind for each in output.messages[1:]] == [NOTICE_KIND_ATTENTION_AWAITED]
    called = _step_of(dialogue, 9, *_call(LAMP))
    assert not called.events[0].evidence.attended and len(called.messages) == 1
    dialogue.turn(20, attended=True, for_ms=0)
    assert _step_of(dialogue, 26, *_call(LAMP)).events[0].evidence.attended


def test_what_happens_in_the_room_is_written_and_said() -> None:
    dialogue = _home(ATTENTION_MODE_WAKE)
    dialogue.happen("timer_over", "pasta")
    line = dialogue.take_injected_text()
    assert line == " [ timer over pasta]"
    dialogue.on_step(10, step(line, injected_tokens=1), step_us=1, now_ms=NOW_MS)
    spoken = dialogue.on_step(12, step(anchor=" your", sound=LOUD), step_us=1, now_ms=NOW_MS)
    assert spoken.messages[0].chunk.sound == LOUD


def test_what_playback_cut_off_is_told_to_the_model() -> None:
    dialogue = _home()
    for index, word in enumerate((" the", " light", " is", " on")):
        dialogue.on_step(index, step(anchor=word, sound=LOUD), step_us=1, now_ms=NOW_MS)
    dialogue.played(1, 2_560)
    assert dialogue.take_injected_text() == ""
    dialogue.played(1, 2_000)
    assert dialogue.take_injected_text() == " [ cut the light]"


def test_another_gateway_knows_the_question_the_windows_and_the_silence() -> None:
    dialogue = _home(ATTENTION_MODE_WAKE)
    dialogue.turn(0, attended=True, for_ms=600_000)
    about = _asked(dialogue)
    other = _home(ATTENTION_MODE_WAKE)
    other.restore(SessionRecord.FromString(dialogue.record().SerializeToString()), (), 0)
    event = other.answer(about, yes=True, chunk=12, now_ms=NOW_MS, prove=lambda _: b"")
    assert isinstance(event, ActionEvent) and event.refers_to == about


def test_what_is_typed_is_words_that_were_said_to_the_service() -> None:
    dialogue = _home(ATTENTION_MODE_WAKE)
    dialogue.type("Unlock the front-door, please!", 5)
    line = dialogue.take_injected_text()
    assert line == " [ typed unlock the front door please]"
    dialogue.on_step(6, step(*_pieces(line), injected_tokens=9), step_us=1, now_ms=NOW_MS)
    (event,) = _step_of(dialogue, 7, *_call(UNLOCK)).events
    assert event.evidence.attended and event.evidence.transcript == "unlock the front door please"


@pytest.mark.parametrize("words", ["", "x" * 51, "schlie\u00dfe die t\u00fcr", "a] [ done", "\0"])
def test_what_cannot_be_typed_whole_is_refused(words: str) -> None:
    dialogue = _home()
    with pytest.raises(BadInput):
        dialogue.type(words, 5)
    assert dialogue.take_injected_text() == ""


def test_another_gateway_tells_the_outcomes_again_that_a_client_may_not_have_and_no_other() -> None:
    dialogue, outcomes = _home(), []
    for index in (3, 9, 20):
        (event,) = _step_of(dialogue, index, *_call(LAMP)).events
        outcomes.append(ActionOutcome(action_id=event.action.id, state=OUTCOME_STATE_DONE))
        dialogue.on_outcome(outcomes[-1])
    record = SessionRecord.FromString(dialogue.record().SerializeToString())
    record.next_chunk = 21
    chunks = [PastChunk(index=index, anchor=tokens.VAD_SILENCE) for index in range(8, 21)]
    for wanted, again in ((3, outcomes), (4, outcomes), (5, outcomes[1:]), (22, [])):
        other = _home()
        messages = other.restore(record, chunks, wanted)
        assert [each.outcome for each in messages if each.HasField("outcome")] == again
        assert other.record().outcomes == record.outcomes  # for a client that goes away once more
    places = [each.WhichOneof("message") for each in _home().restore(record, chunks, 9)]
    assert places == ["chunk", "outcome", *["chunk"] * 11, "outcome"]


def test_another_model_reads_the_newest_words_of_both_sides() -> None:
    dialogue = _home()
    for index, word in enumerate(["", "well", "turn", "on", "the", "kitchen", "light"][1:]):
        _step_of(dialogue, index, f" {word}")
    _step_of(dialogue, 7, "<response>")
    for index, word in enumerate((" okay", " the", " light", tokens.TTS_PAD)):
        dialogue.on_step(8 + index, step(anchor=word, sound=LOUD), step_us=1, now_ms=NOW_MS)
    dialogue.on_model_changed()
    assert dialogue.take_injected_text() == " [ before on the kitchen light you okay the light]"
    silent = _home()
    silent.on_model_changed()
    assert silent.take_injected_text() == ""


def test_another_model_answers_no_question_of_the_one_before_and_joins_none_of_its_words() -> None:
    dialogue = _home()
    _asked(dialogue)
    begun, rest = (tokens.TOOLCALL_BEGIN, UNLOCK[:20]), (UNLOCK[20:], tokens.TOOLCALL_END)
    _step_of(dialogue, 20, *begun)
    dialogue.on_model_changed()
    assert _step_of(dialogue, 21, *rest).events == []
    told = _step_of(dialogue, 24, *_call(call_text("confirm", {})))
    assert told.events == [] and told.messages[1].outcome.state == OUTCOME_STATE_NOT_FOUND


def test_nobody_speaks_when_nothing_was_said_heard_or_written_for_a_while() -> None:
    dialogue = _home()
    for index in range(QUIET_CHUNKS - 1):
        _step_of(dialogue, index)
    assert not dialogue.quiet
    _step_of(dialogue, QUIET_CHUNKS)
    assert dialogue.quiet
    _step_of(dialogue, QUIET_CHUNKS + 1, " well")
    assert not dialogue.quiet
