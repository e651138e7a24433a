"""`duplexsla explain`: what a real executor wrote down, told to people."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.home_site import HomeSite

from duplexsla.cli import explain
from duplexsla.errors import UnknownAction
from duplexsla.history import HistoryFile
from duplexsla.v1 import action_pb2 as pb

FRONT = {"door": "front door"}


@pytest.fixture
def history(tmp_path: Path) -> HistoryFile:
    return HistoryFile(tmp_path / "executor.jsonl", "executor")


@pytest.fixture
def site(history: HistoryFile) -> Iterator[HomeSite]:
    site = HomeSite(history=history)
    yield site
    site.close()


def ran(*words: str) -> int:
    parser = argparse.ArgumentParser()
    explain.arguments(parser)
    return explain.run(parser.parse_args(words))


def test_a_question_is_explained_with_the_gate_that_asked_and_the_yes_that_followed(
    site: HomeSite, history: HistoryFile, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site.by_hand("door/front door", locked=False)
    asked = site.say("lock_home_door", FRONT, heard="lock the front door")
    other = site.say("lock_home_door", FRONT, heard="the front door", satellite="hall")
    yes = site.answer(pb.INTENT_YES, asked)
    history.close()
    assert ran(asked.action_id, str(tmp_path)) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == asked.action_id
    for line in (
        'heard "lock the front door"',
        "how sure 0.990",
        "where not known; at home: unknown",
        'asked for lock_home_door {"door": "front door"}',
        "devices door/front door",
        "gate attention passed",
        "gate resolver passed",
        "gate confidence passed",
        "gate words heard passed",
        "gate policy confirm: mess",
        "risk mess",
        "policy default-1",
        "settled confirm",
        f"{asked.action_id}/yes",
        f"about {asked.action_id}",
        "gate policy allowed: mess",
    ):
        assert line in lines, line
    assert yes.action_id in lines and other.action_id not in lines


def test_what_was_not_said_to_the_service_was_judged_by_one_gate(
    site: HomeSite, history: HistoryFile, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    unheard = site.say("lock_home_door", FRONT, heard="a coffee", attended=False, confidence=None)
    history.close()
    assert ran(unheard.action_id, str(tmp_path)) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "how sure nobody knows" in out
    assert "gate attention inattentive: inattentive gate resolver - gate confidence -" in out


def test_rows_for_programs(
    site: HomeSite, history: HistoryFile, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = site.say("lock_home_door", FRONT, heard="lock the front door")
    history.close()
    assert ran(f"{asked.action_id}/yes", str(tmp_path), "--json") == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    judged = next(row for row in rows if row["kind"] == "action.judged")
    assert judged["verdict"]["policy"] == "default-1" and judged["devices"] == ["door/front door"]


def test_an_action_that_is_not_there_is_named(site: HomeSite, history: HistoryFile, tmp_path: Path) -> None:
    site.say("lock_home_door", FRONT, heard="lock the front door")
    history.close()
    with pytest.raises(UnknownAction, match="feed"):
        ran("feed-1-0", str(tmp_path))
