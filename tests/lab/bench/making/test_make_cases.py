"""Cases as they are made: their truth, their history, and that nothing of them is in training."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from tests.lab.bench.conftest import DRAWS, TINY
from tests.support.bench_cases import QUIET

from duplexsla.clock import CHUNK_S, CHUNK_SAMPLES
from duplexsla_lab.bench.case import Case, CaseError
from duplexsla_lab.bench.case_files import read_cases, write_cases
from duplexsla_lab.bench.conversation import PlaySettings, converse
from duplexsla_lab.bench.making.make_cases import make
from duplexsla_lab.bench.results import digest
from duplexsla_lab.bench.scorer import score_case
from duplexsla_lab.bench.system_interface import System
from duplexsla_lab.bench.systems.reference import AlwaysSilent, AlwaysSpeaking, Oracle, TruthReplay
from duplexsla_lab.bench.verdict import CaseVerdict
from duplexsla_lab.data.timeline.timeline import ANSWER_LAG, CALL_LAG, LABEL_LAGS, STOP_LAG
from duplexsla_lab.data.voices.voices import HELD_OUT_FLITE, HELD_OUT_VARIANTS

OVER = ("interrupt", "backchannel", "backchannel_action")
# Chunks from the word that makes it clear to what is measured, as the data has it.
LAGS = {
    "normal": ANSWER_LAG + 1,
    "pause": ANSWER_LAG + 1,
    "interrupt": LABEL_LAGS["interrupt"] + STOP_LAG,
    "backchannel": LABEL_LAGS["backchannel"],
    "single": CALL_LAG,
    "multi": CALL_LAG,
    "backchannel_action": CALL_LAG,
}


def played(system: System, cases: Sequence[Case]) -> list[CaseVerdict]:
    return [score_case(case, converse(case, system, PlaySettings(prefill=True), QUIET)) for case in cases]


def test_there_is_one_of_each_scenario_and_toolset(made: list[Case]) -> None:
    assert {(case.scenario, case.toolset) for case in made} == {
        (each.scenario, each.toolset) for each in TINY
    }
    assert len(made) == 14


def test_a_replay_of_the_truth_is_right_with_the_delay_that_the_data_has(made: list[Case]) -> None:
    for case, verdict in zip(made, played(TruthReplay(made), made), strict=True):
        assert verdict.hit, verdict.why
        assert all(verdict.secondary[name] for name in verdict.secondary if name != "any_event")
        latest = LAGS[case.scenario] * CHUNK_S
        for delay_s in verdict.delays_s:  # the calls of one utterance may have to wait for each other
            assert latest - CHUNK_S <= delay_s + 1e-3 and (
                delay_s <= latest + 1e-3 or case.scenario == "multi"
            )


def test_an_oracle_is_right_and_one_chunk_late_is_16_hundredths_late(made: list[Case]) -> None:
    prompt, late = played(Oracle(made), made), played(Oracle(made, late=1), made)
    for case, on_time, later in zip(made, prompt, late, strict=True):
        assert on_time.hit and later.hit, case.id
        assert later.delays_s == pytest.approx([each + 0.16 for each in on_time.delays_s])


def test_a_silent_system_is_never_right_and_a_chattering_one_only_keeps_the_floor(made: list[Case]) -> None:
    assert not any(verdict.hit for verdict in played(AlwaysSilent(), made))
    hits = {verdict.scenario for verdict in played(AlwaysSpeaking(), made) if verdict.hit}
    assert hits == {"backchannel"}


def test_every_voice_is_held_out(made: list[Case]) -> None:
    held = {*(f"espeak {name}" for name in HELD_OUT_VARIANTS), *(f"flite {name}" for name in HELD_OUT_FLITE)}
    assert {case.notes["voice"] for case in made} <= held


def test_a_history_ends_where_the_case_begins(made: list[Case]) -> None:
    for case in made:
        (turn,) = case.history
        assert turn.track and len(turn.samples()) == turn.track.chunks * CHUNK_SAMPLES == len(
            turn.track.samples()
        )
        speaks = bool(turn.track.samples()[-CHUNK_SAMPLES:].any())
        assert case.needs_history == bool(turn.rest) == (case.scenario in OVER)
        if case.scenario in OVER:
            assert speaks and turn.track.sentences[-1].end == turn.track.chunks
        else:
            assert not speaks and turn.assistant == " ".join(each.text for each in turn.track.sentences)
        assert turn.samples().any() and turn.user


def test_the_user_begins_half_a_second_to_one_and_a_half_into_a_case(made: list[Case]) -> None:
    for case in made:
        first_s = int(np.flatnonzero(case.samples())[0]) / 16_000
        assert 0.45 <= first_s <= 1.75, case.id  # and up to a chunk, and a soft beginning
        last_s = case.anchors.get("user_end_s", case.anchors.get("backchannel_end_s"))
        assert last_s is None or math.isclose(len(case.samples()) / 16_000, last_s, abs_tol=0.04)


def test_a_set_is_read_back_from_one_file_as_from_its_shards(made: list[Case], tmp_path: Path) -> None:
    write_cases(tmp_path / "all.jsonl", made)
    again = read_cases(tmp_path / "all.jsonl")
    assert digest(again) == digest(made)
    for one, other in zip(made, again, strict=True):
        assert np.array_equal(one.samples(), other.samples()) and one.truth == other.truth
        assert np.array_equal(one.history[0].samples(), other.history[0].samples())


@pytest.mark.slow
def test_making_goes_on_where_it_stopped_and_makes_the_same(made_folder: Path, tmp_path: Path) -> None:
    """One worker instead of two; half a shard of an interrupted run lies there."""
    few = TINY[:3]
    make(tmp_path, seed=1, small=False, workers=2, counts=few[:1], draws=DRAWS)
    (kept,) = tmp_path.glob("*.jsonl")
    before = kept.stat().st_mtime_ns
    (tmp_path / "pause-home-small.pcm").write_bytes(b"half")
    (tmp_path / "pause-home-small.jsonl.partial").write_text("{")
    make(tmp_path, seed=1, small=False, workers=1, counts=few, draws=DRAWS)
    assert kept.stat().st_mtime_ns == before
    made = sorted(path.name for path in tmp_path.iterdir())
    assert len(made) == 6
    for name in made:
        assert (tmp_path / name).read_bytes() == (made_folder / name).read_bytes(), name


def test_a_damaged_set_names_the_shard(made_folder: Path, tmp_path: Path) -> None:
    for path in made_folder.glob("multi-car-*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    sound, rows = tmp_path / "multi-car-small.pcm", tmp_path / "multi-car-small.jsonl"
    whole = sound.read_bytes()
    sound.write_bytes(whole[:-2])
    with pytest.raises(CaseError, match="multi-car-small is damaged.* make the cases again"):
        read_cases(tmp_path)
    sound.unlink()
    with pytest.raises(CaseError, match="multi-car-small is damaged"):
        read_cases(tmp_path)
    sound.write_bytes(whole)
    text = rows.read_text()
    rows.write_text(text.replace('"scenario"', '"scene"'))
    with pytest.raises(CaseError, match="multi-car-small.jsonl:1: unknown field 'scene'"):
        read_cases(tmp_path)
    rows.write_text(text.replace('"wanted": [{"function": "', '"wanted": [{"function": "no_'))
    with pytest.raises(CaseError, match="wanted call"):
        read_cases(tmp_path)


def test_a_folder_without_cases_is_none(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="holds no case"):
        read_cases(tmp_path)
