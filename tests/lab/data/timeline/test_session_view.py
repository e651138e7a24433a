"""A session read and listened to."""

import random
import wave
from pathlib import Path

import numpy as np
import pytest
from tests.support.spoken_scenarios import annotated, vocabulary

from duplexsla.clock import CHUNK_SAMPLES
from duplexsla_lab.data import show
from duplexsla_lab.data.scenarios.families import scenario
from duplexsla_lab.data.scenarios.scenario import Scenario
from duplexsla_lab.data.timeline import session_view
from duplexsla_lab.data.timeline.timeline import AnnotatedSession


@pytest.fixture(scope="module")
def case() -> Scenario:
    return scenario(random.Random(4), toolset="home", family="interrupt")


@pytest.fixture(scope="module")
def session(case: Scenario) -> AnnotatedSession:
    return annotated(case)


def test_a_session_is_one_line_per_chunk_with_every_word_of_the_user(
    case: Scenario, session: AnnotatedSession
) -> None:
    lines = list(session_view.appendix(session, vocabulary()))
    assert len(lines) == session.session.num_chunks
    assert all(line.startswith("<|user_audio_begin|> U U") for line in lines)
    assert all(line.endswith(" <|action_end|>") and " A A A A " in line for line in lines)
    said = " ".join(line.split(" U U(")[1].split(")")[0] for line in lines if " U U(" in line)
    assert said == " ".join(line.said for line in case.lines)
    assert any("<interrupt>" in line for line in lines)


def test_the_table_has_the_same_chunks_shorter(session: AnnotatedSession) -> None:
    head, *rows = session_view.table(session, vocabulary())
    assert head == session_view.HEAD and len(rows) == session.session.num_chunks
    assert max(map(len, rows)) <= 160
    assert [float(row.split()[0]) for row in rows[:3]] == [0.0, 0.16, 0.32]


def test_the_truth_names_every_act_and_what_was_cut(case: Scenario, session: AnnotatedSession) -> None:
    text = "\n".join(session_view.annotation(session))
    assert all(f'"{line.said}"' in text for line in case.lines)
    assert "<interrupt>  offset" in text and ", cut" in text


def test_a_recording_has_the_user_left_and_the_assistant_right(tmp_path: Path) -> None:
    user, assistant = np.full(CHUNK_SAMPLES, 500, np.int16), np.full(2 * CHUNK_SAMPLES, -250, np.int16)
    session_view.write_stereo(tmp_path / "both.wav", user, assistant)
    with wave.open(str(tmp_path / "both.wav")) as file:
        assert (file.getnchannels(), file.getframerate()) == (2, 16_000)
        both = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
    assert len(both) == 2 * CHUNK_SAMPLES
    assert set(both[:CHUNK_SAMPLES, 0]) == {500} and not both[CHUNK_SAMPLES:, 0].any()
    assert set(both[:, 1]) == {-250}


def test_context_comes_before_the_scenario_that_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    show.show(show.parser().parse_args(["--family", "multi", "--context", "2", "--form", "text"]))
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("user")]
    assert len(lines) >= 3


def test_a_scenario_is_shown_as_text_the_same_for_the_same_seed(capsys: pytest.CaptureFixture[str]) -> None:
    args = show.parser().parse_args(["--family", "backchannel_action", "--toolset", "car", "--form", "text"])
    shown = []
    for _ in range(2):
        show.show(args)
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1]
    assert "words of the assistant)" in shown[0] and "backchannel" in shown[0]
