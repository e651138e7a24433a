from tests.support.bench_cases import LIGHT, interrupt, speech, tool_case

from duplexsla_lab.bench.case_view import case_text
from duplexsla_lab.bench.event_log import LoggedCall
from duplexsla_lab.bench.results import CaseResult


def test_a_turn_is_shown_with_its_anchor_below_its_speech() -> None:
    text = case_text(
        interrupt(0.5), CaseResult("interrupt", speech("#####...", (4, "interrupt")), said="well yes")
    )
    assert text.splitlines() == [
        "interrupt: interrupt, home: hit",
        "heard      ",
        "said       well yes",
        "speech     #####...",
        "              ^ interrupt 0.50 s",
        "               ^ <interrupt>",
        "delay      0.30 s",
    ]


def test_wanted_and_predicted_calls_are_shown_and_why_they_do_not_match() -> None:
    log = speech("....")
    log.calls.append(LoggedCall("lock_home_door", {"door": "front door"}, 2, 3))
    text = case_text(tool_case((*LIGHT, 0.2)), CaseResult("single", log))
    assert "single, home: open_home_device: never called, but lock_home_door" in text
    assert "            ^ wanted open_home_device" in text
    assert "             ^ called lock_home_door {'door': 'front door'}" in text
