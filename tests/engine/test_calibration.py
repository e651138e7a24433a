"""A table of confidence: monotone, of one set of weights, refused by name where it is of others."""

import random
from pathlib import Path

import pytest

from duplexsla.engine.calibration import (
    CALIBRATION_FILE,
    Calibration,
    read_calibration,
    write_calibration,
)
from duplexsla.errors import CheckpointError
from duplexsla.protocol.call_confidence import UNKNOWN, CallConfidence

OURS = "0123456789abcdef"
TABLE = Calibration(OURS, ((0.01, 0.125), (0.5, 0.5), (0.9, 0.97)), calls=300)


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_calibration(tmp_path, TABLE)
    assert read_calibration(tmp_path, OURS) == TABLE


def test_weights_without_a_table_have_none(tmp_path: Path) -> None:
    assert read_calibration(tmp_path, OURS) is None


def test_a_table_of_other_weights_is_refused_by_name(tmp_path: Path) -> None:
    write_calibration(tmp_path, TABLE)
    with pytest.raises(CheckpointError, match=f"{OURS}, those beside it are {'f' * 16}"):
        read_calibration(tmp_path, "f" * 16)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"model": "a"}',
        '{"model": "a", "calls": 1, "steps": []}',
        '{"model": "a", "calls": 1, "steps": [[0, 0.5]]}',
        '{"model": "a", "calls": 1, "steps": [[0.5, 0.5], [0.5, 0.6]]}',
        '{"model": "a", "calls": 1, "steps": [[0.5, 0.5], [1.5, 0.6]]}',
        '{"model": "a", "calls": 1, "steps": [[0.5, 0.5], [0.6, 0.4]]}',
        '{"model": "a", "calls": 1, "steps": [[0.5, 1.5]]}',
        '{"model": "a", "calls": 1, "steps": [[0.5, -1]]}',
        '{"model": "a", "calls": 1, "steps": [[NaN, 0.5]]}',
        '{"model": "a", "calls": 1, "steps": [[0.5, NaN]]}',
    ],
)
def test_a_table_that_cannot_be_read_says_what_to_do(tmp_path: Path, text: str) -> None:
    (tmp_path / CALIBRATION_FILE).write_text(text)
    with pytest.raises(CheckpointError, match="calibrate"):
        read_calibration(tmp_path, "a")


def test_a_surer_call_is_never_less_confident() -> None:
    rng = random.Random(0)
    for _ in range(500):
        call = CallConfidence(rng.random(), rng.random(), rng.uniform(-3, 25))
        surer = CallConfidence(
            rng.uniform(call.function_p, 1), rng.uniform(call.argument_p, 1), call.margin + rng.random()
        )
        assert 0 <= TABLE.confidence(call) <= TABLE.confidence(surer) <= 0.97


def test_what_is_not_known_or_below_all_steps_has_no_confidence() -> None:
    assert TABLE.confidence(CallConfidence(0.1, 0.1, 1.0)) == 0.125
    assert TABLE.confidence(CallConfidence(0.1, 0.09, 1.0)) == 0.0
    assert TABLE.confidence(UNKNOWN) == 0.0
