from duplexsla.protocol.action_parser import ToolCall
from duplexsla.protocol.actions import code_proof
from duplexsla.session.messages import SessionTerms
from duplexsla.session.session_actions import OUTCOME_WAIT_MS, AskedQuestion, SessionActions, read_question
from duplexsla.v1 import action_pb2 as pb
from duplexsla.v1.journal_pb2 import SessionRecord
from duplexsla.v1.session_pb2 import CLOCK_LIVE

SESSION, NOW_MS, DUE_MS = 0xA1, 1_000_000, 1_015_000
LINE = " [ confirm front door]"
KEY = b"key"


def actions(fence: int = 7) -> SessionActions:
    return SessionActions(SESSION, SessionTerms("h1", "home", CLOCK_LIVE), fence)


def call(function: str, chunk: int) -> ToolCall:
    return ToolCall(function, {}, "", chunk, chunk, 0, "idempotent", 5_000)


def decide(
    of: SessionActions, function: str, chunk: int, *, now_ms: int = NOW_MS, attended: bool = True
) -> list[pb.ActionEvent] | pb.ActionOutcome:
    decided = of.decide(call(function, chunk), pb.Evidence(attended=attended, transcript="yes"), now_ms)
    for event in decided if isinstance(decided, list) else ():
        of.open[event.action.id] = event
    return decided


def events(decided: list[pb.ActionEvent] | pb.ActionOutcome) -> list[pb.ActionEvent]:
    assert isinstance(decided, list)
    return decided


def outcome(id: str, state: pb.OutcomeState, **fields: object) -> pb.ActionOutcome:
    return pb.ActionOutcome(action_id=id, state=state, **fields)  # type: ignore[arg-type]


def asked(*, chunk: int | None = 12) -> tuple[SessionActions, str]:
    """A session in which the unlocking of a door was asked about, in this chunk."""
    made = actions()
    (event,) = events(decide(made, "unlock_home_door", 5))
    question = outcome(event.action.id, pb.OUTCOME_STATE_CONFIRM, due_at_ms=DUE_MS)
    made.close(question)
    made.ask(question, LINE)
    assert made.asked is not None
    if chunk is not None:
        made.asked.on_text(chunk, LINE)
    return made, event.action.id


def test_a_yes_is_an_event_of_its_own_about_the_newest_question() -> None:
    made, about = asked()
    (yes,) = events(decide(made, "confirm", 20))
    assert (yes.intent, yes.refers_to, yes.origin) == (pb.INTENT_YES, about, pb.ORIGIN_MODEL)
    assert yes.action.id == "00000000000000a1-20-0" and yes.evidence.transcript == "yes"
    assert yes.emitted_at_ms == NOW_MS and made.asked is None


def test_a_second_yes_is_about_nothing() -> None:
    made, _ = asked()
    decide(made, "confirm", 20)
    second = decide(made, "confirm", 22)
    assert isinstance(second, pb.ActionOutcome) and second.state == pb.OUTCOME_STATE_NOT_FOUND


def test_a_yes_that_another_decoder_writes_again_is_the_same() -> None:
    made, _ = asked()
    assert decide(made, "confirm", 20) == decide(made, "confirm", 20)


def test_a_yes_before_the_question_was_written_or_too_late_is_about_nothing() -> None:
    for chunk, at_ms, written in ((12, NOW_MS, 12), (20, DUE_MS + 1, 12), (20, NOW_MS, None)):
        made, _ = asked(chunk=written)
        told = decide(made, "confirm", chunk, now_ms=at_ms)
        assert isinstance(told, pb.ActionOutcome), (chunk, at_ms, written)
        assert (told.state, told.function) == (pb.OUTCOME_STATE_NOT_FOUND, "confirm")


def test_a_no_that_nobody_said_to_the_service_leaves_the_question_open() -> None:
    made, about = asked()
    told = decide(made, "decline", 20, attended=False)
    assert isinstance(told, pb.ActionOutcome) and told.state == pb.OUTCOME_STATE_INATTENTIVE
    (no,) = events(decide(made, "decline", 22))
    assert (no.intent, no.refers_to) == (pb.INTENT_NO, about)


def test_a_yes_that_nobody_said_to_the_service_leaves_the_question_open() -> None:
    made, about = asked()
    (overheard,) = events(decide(made, "confirm", 20, attended=False))
    assert not overheard.evidence.attended and made.asked is not None
    (yes,) = events(decide(made, "confirm", 24))
    assert yes.refers_to == about


def test_the_code_of_a_client_is_about_the_action_that_waits_and_leaves_as_its_proof() -> None:
    made, about = asked()
    (yes,) = events(decide(made, "confirm", 20))
    wanted = outcome(yes.action.id, pb.OUTCOME_STATE_CONFIRM, refers_to=about, code_asked=True)
    made.close(wanted)
    made.ask(wanted, " [ code front door]")
    for id in (yes.action.id, about):
        event = made.answer_of_client(
            id, yes=True, chunk=30, now_ms=NOW_MS, prove=lambda action: code_proof(KEY, action, "4711")
        )
        assert (
            isinstance(event, pb.ActionEvent)
            and event.refers_to == about
            and event.origin == pb.ORIGIN_CLIENT
        )
        assert event.code_proof == code_proof(KEY, about, "4711") and b"4711" not in event.SerializeToString()
        made.open[event.action.id] = event
    record = SessionRecord()
    made.save(record)
    assert len(record.open_actions) == 2 and not any(each.code_proof for each in record.open_actions)
    assert isinstance(event, pb.ActionEvent) and event.code_proof  # the one that is under way has it


def test_each_answer_of_a_client_has_an_id_of_its_own_also_after_a_move() -> None:
    made, about = asked()
    first = made.answer_of_client(about, yes=False, chunk=30, now_ms=NOW_MS, prove=lambda _: b"")
    record = SessionRecord()
    made.save(record)
    other = actions()
    other.restore(record)
    second = other.answer_of_client(about, yes=True, chunk=30, now_ms=NOW_MS, prove=lambda _: b"")
    assert isinstance(first, pb.ActionEvent) and isinstance(second, pb.ActionEvent)
    assert first.action.id != second.action.id
    assert first.intent == pb.INTENT_NO and not first.code_proof


def test_an_answer_about_another_sessions_action_is_none() -> None:
    made, _ = asked()
    none = made.answer_of_client("00000000000000a2-5-0", yes=True, chunk=1, now_ms=0, prove=lambda _: b"")
    assert isinstance(none, pb.ActionOutcome) and none.state == pb.OUTCOME_STATE_NOT_FOUND
    assert made.asked is not None


def test_a_stop_takes_back_what_has_not_begun_once() -> None:
    made, about = asked()
    (light,) = events(decide(made, "open_home_device", 30))
    wanted = made.stop(40, NOW_MS)
    made.open |= {event.action.id: event for event in wanted}
    assert [each.refers_to for each in wanted] == [about, light.action.id] and made.asked is None
    assert {each.intent for each in wanted} == {pb.INTENT_RETRACT}
    assert made.stop(41, NOW_MS) == []


def test_never_mind_takes_back_what_is_under_way_and_is_told_once() -> None:
    made = actions()
    ids = [events(decide(made, "open_home_device", chunk))[0].action.id for chunk in (5, 8)]
    back = events(decide(made, "never_mind", 12))
    assert [each.refers_to for each in back] == ids[::-1]
    news = {}
    for id in ids + [each.action.id for each in back]:
        closed = made.close(outcome(id, pb.OUTCOME_STATE_RETRACTED))
        assert closed is not None
        news[id] = closed[1]
    assert [id for id, told in news.items() if told] == ["00000000000000a1-12-0"]


def test_never_mind_about_nothing_is_an_event_about_nothing() -> None:
    made = actions()
    (event,) = events(decide(made, "never_mind", 12))
    assert event.intent == pb.INTENT_RETRACT and not event.refers_to
    overheard = decide(made, "never_mind", 14, attended=False)
    assert isinstance(overheard, pb.ActionOutcome)


def test_a_question_whose_time_is_over_is_late_once_if_it_was_written() -> None:
    made, _ = asked()
    assert not made.is_late(DUE_MS) and made.is_late(DUE_MS + 1) and not made.is_late(DUE_MS + 1)
    unwritten, _ = asked(chunk=None)
    assert not unwritten.is_late(DUE_MS + 1) and unwritten.asked is None


def test_a_question_survives_a_move_to_another_gateway() -> None:
    made, about = asked()
    record = SessionRecord()
    made.save(record)
    other = actions(fence=8)
    other.restore(SessionRecord.FromString(record.SerializeToString()))
    (yes,) = events(decide(other, "confirm", 20))
    assert (yes.refers_to, yes.fence) == (about, 8)


def test_what_was_done_after_all_is_told_as_late() -> None:
    made = actions()
    (event,) = events(decide(made, "open_home_device", 5))
    assert not list(made.given_up(event.expires_at_ms + OUTCOME_WAIT_MS))
    ((_, unknown),) = made.given_up(event.expires_at_ms + OUTCOME_WAIT_MS + 1)
    assert unknown.state == pb.OUTCOME_STATE_UNKNOWN and not made.open
    done = outcome(event.action.id, pb.OUTCOME_STATE_DONE)
    assert made.close(done) == (event, " [ late done]") and made.close(done) is None


def test_in_a_car_the_same_words_are_ordinary_functions() -> None:
    made = SessionActions(SESSION, SessionTerms("h1", "car", CLOCK_LIVE), 7)
    (event,) = events(decide(made, "confirm", 5))
    assert event.intent == pb.INTENT_DO


def question() -> AskedQuestion:
    return AskedQuestion("a", "a", LINE, due_at_ms=1_000)


def test_a_yes_counts_from_the_chunk_after_the_whole_question_was_written() -> None:
    asked = question()
    asked.on_text(7, LINE[:9])
    assert asked.chunk is None and not asked.is_answered_by(9, 0)
    asked.on_text(8, LINE[9:] + " [ done")
    assert not asked.is_answered_by(8, 0) and asked.is_answered_by(9, 0)


def test_another_line_is_not_the_question() -> None:
    asked = question()
    asked.on_text(7, " [ confirm garage door]")
    assert not asked.is_answered_by(9, 0)


def test_a_yes_after_the_deadline_is_none() -> None:
    asked = question()
    asked.on_text(7, LINE)
    assert asked.is_answered_by(9, 1_000) and not asked.is_answered_by(9, 1_001)


def test_a_question_that_is_half_written_survives_a_move() -> None:
    asked = question()
    assert read_question(asked.message()) == asked
    asked.on_text(7, LINE[:9])
    other = read_question(asked.message())
    other.on_text(8, LINE[9:])
    assert other.chunk == 8 and read_question(other.message()) == other
