"""A call as lines of text."""

import struct

from duplexsla.cli.chunk_table import HEAD, level, rows
from duplexsla.clock import CHUNK_BYTES, CHUNK_SAMPLES
from duplexsla.v1.action_pb2 import Action, ActionOutcome, OutcomeState
from duplexsla.v1.session_pb2 import Chunk, ConverseResponse, Notice, NoticeKind


def test_every_row_keeps_its_columns() -> None:
    chunk = Chunk(index=7, text=" Sure", action_channel=" turn on<response>", step_us=8_123)
    (row,) = rows(ConverseResponse(chunk=chunk), bytes(CHUNK_BYTES))
    assert row.startswith("  1.12 s   8.1 ms")
    assert row.index("Sure") == HEAD.index("says")
    assert row.index("turn on") == HEAD.index("action channel")


def test_a_closed_call_is_told_below_its_chunk() -> None:
    action = Action(id="a-1-0", function="lock_home_door", arguments_json='{"door":"front door"}')
    row = rows(ConverseResponse(chunk=Chunk(actions=[action])), b"")[1]
    assert row.strip() == "action  lock_home_door(door=front door)  id a-1-0"


def test_outcomes_and_notices_are_told() -> None:
    outcome = ActionOutcome(state=OutcomeState.OUTCOME_STATE_FAILED, reason="it is stuck")
    assert "failed after 0.0 ms: it is stuck" in rows(ConverseResponse(outcome=outcome), b"")[0]
    notice = Notice(kind=NoticeKind.NOTICE_KIND_AUDIO_GAP, detail="400 samples")
    assert "audio_gap" in rows(ConverseResponse(notice=notice), b"")[0]


def test_the_level_follows_the_sound_and_is_empty_for_none() -> None:
    rising = b"".join(struct.pack("<h", peak) * (CHUNK_SAMPLES // 4) for peak in (0, 300, 3_000, 32_767))
    bars = level(rising)
    assert list(bars) == sorted(bars) and bars[0] == " " and bars[-1] == "█"
    assert level(b"") == level(bytes(CHUNK_BYTES)) == "    "


def test_the_loudest_negative_sample_is_full_scale() -> None:
    assert level(struct.pack("<h", -32_768) * CHUNK_SAMPLES) == "████"
