from duplexsla.session.asked_question import AskedQuestion, read_question

LINE = " [ confirm front door]"


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
