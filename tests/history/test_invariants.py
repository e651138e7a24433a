"""Every invariant is judged: a history that breaks it, and only it, is found out by the lines that do."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.history_scenes import (
    CALLER,
    DECODER,
    EXECUTOR,
    FENCE,
    GATEWAY,
    HOME,
    HOUSE,
    LATE_MS,
    OTHER,
    SESSION,
    Written,
    a_chunk_comes_again,
    acted,
    action_id,
    checked,
    clean,
    moved,
    opened,
    resumed,
    spoken,
    without,
)

from duplexsla.history import events
from duplexsla.history.events import Row
from duplexsla.history.invariants import INVARIANTS
from duplexsla.history.reader import effect_lines

Scene = list[Written]
BREAKS: dict[str, tuple[str, Callable[[], Scene]]] = {}


def breaks(invariant: str) -> Callable[[Callable[[], Scene]], Callable[[], Scene]]:
    """Registers a scene that breaks this invariant and no other."""

    def register(scene: Callable[[], Scene]) -> Callable[[], Scene]:
        BREAKS[scene.__name__] = (invariant, scene)
        return scene

    return register


@breaks("I1")
def a_device_moves_twice_for_one_action() -> Scene:
    return [*clean(), Written(6_100, HOUSE, moved(4, at=6_100))]


@breaks("I1")
def a_home_that_started_again_moves_twice() -> Scene:
    return [*clean(), Written(6_100, "home:33", moved(4, at=6_100))]


@breaks("I1")
def what_must_not_happen_twice_reaches_its_device_twice() -> Scene:
    return [*clean(), Written(2_500, HOUSE, moved(2, at=2_040, repeated=True))]


@breaks("I2")
def an_effect_comes_at_the_instant_of_expiry() -> Scene:
    scene = without(clean(), "effect", action=action_id(4))
    return [*scene, Written(11_000, HOUSE, moved(4, at=11_000))]


@breaks("I3")
def an_action_is_begun_long_after_a_newer_owner_came() -> Scene:
    scene = without(clean(), "effect", action=action_id(4))
    scene = [each for each in scene if each.row.get("action") != action_id(4)]
    claim = events.action_claimed(action_id(4), session=SESSION, fence=FENCE, how="claimed")
    return [*scene, Written(4_000, GATEWAY, resumed(FENCE + 50)), Written(5_500, EXECUTOR, claim)]


@breaks("I3")
def an_effect_comes_long_after_a_newer_owner_came() -> Scene:
    scene = without(clean(), "action.claimed", action=action_id(4))
    return [*scene, Written(2_500, GATEWAY, resumed(FENCE + 50))]


@breaks("I3")
def an_effect_follows_one_of_a_newer_owner() -> Scene:
    return [*clean(), *acted(5, at=6_500, fence=FENCE + 1), *acted(6, at=6_700, fence=FENCE)]


@breaks("I4")
def two_effects_of_a_home_are_the_wrong_way_round() -> Scene:
    return [*clean(), *acted(9, at=6_500, offset=90), *acted(8, at=6_600, offset=80)]


@breaks("I4")
def two_effects_of_a_session_are_not_in_the_order_of_its_calls() -> Scene:
    late = [each for each in acted(9, at=6_500, offset=91) if each.row["kind"] != "action.published"]
    asked = [each for each in acted(9, at=6_500) if each.row["kind"] == "action.published"]
    later = [Written(each.at + 1, each.by, each.row) for each in acted(8, at=6_500, offset=90)]
    return [*clean(), *asked, *later, *(Written(each.at - 30, *each[1:]) for each in late)]


breaks("I5")(a_chunk_comes_again)


@breaks("I5")
def chunks_are_missing_and_nobody_says_so() -> Scene:
    return without(without(clean(), "gap.received"), "gap.declared")


@breaks("I5")
def more_chunks_are_missing_than_was_said() -> Scene:
    return without(clean(), "chunk.received", chunk=33)


@breaks("I5")
def an_owner_passes_over_a_chunk() -> Scene:
    return without(without(clean(), "chunk.sent", chunk=12), "step.accepted", chunk=12)


@breaks("I6")
def an_acknowledged_action_vanishes() -> Scene:
    return [*clean(), *acted(5, at=6_500)[:2]]


@breaks("I6")
def an_acknowledged_action_is_only_missed() -> Scene:
    unknown = events.outcome_delivered(action_id(5), session=SESSION, state="unknown")
    return [*clean(), *acted(5, at=6_500)[:2], Written(13_000, GATEWAY, unknown)]


@breaks("I6")
def what_is_said_not_to_have_happened_did() -> Scene:
    told = [each for each in acted(5, at=6_500) if "state" not in each.row]
    return [
        *clean(),
        *told,
        Written(6_600, GATEWAY, events.action_unavailable(action_id(5), session=SESSION)),
    ]


@breaks("I6")
def what_is_said_to_be_done_did_not_happen() -> Scene:
    return without(clean(), "effect", action=action_id(1))


@breaks("I7")
def a_former_placement_speaks_on() -> Scene:
    return [*clean(), Written(7_500, GATEWAY, events.chunk_sent(SESSION, 40, fence=FENCE, placement=FENCE))]


@breaks("I7")
def a_former_gateway_speaks_on() -> Scene:
    newer = [
        Written(7_600, "gateway:9", resumed(FENCE + 9)),
        Written(7_700, "gateway:9", events.chunk_sent(SESSION, 40, fence=FENCE + 9, placement=FENCE + 9)),
    ]
    former = events.chunk_sent(SESSION, 40, fence=FENCE, placement=FENCE + 1)
    return [*clean(), *newer, Written(8_800, GATEWAY, former)]


@breaks("I7")
def a_decoder_takes_an_older_placement() -> Scene:
    return [*clean(), Written(8_000, OTHER, events.step_accepted(SESSION, 41, placement=FENCE))]


@breaks("I8")
def more_is_dropped_than_is_counted() -> Scene:
    return [*clean(), Written(8_000, GATEWAY, events.dropped("chunks_dropped"))]


@breaks("I8")
def sound_of_a_call_is_lost_and_not_declared() -> Scene:
    ended = events.call_ended(8, sent=102_400, answered=99_840, concealed=0, lost=0)
    return [*clean(), Written(9_000, CALLER, ended)]


@breaks("I9")
def a_client_is_told_what_no_decoder_wrote() -> Scene:
    scene = without(clean(), "chunk.sent", chunk=5)
    wrong = events.chunk_sent(SESSION, 5, fence=FENCE, placement=FENCE, digest=1)
    return [*scene, Written(1_805, GATEWAY, wrong)]


@breaks("I9")
def one_pass_over_the_whole_gives_something_else() -> Scene:
    return [*clean(), Written(50_000, "whole:1", events.step_reference(SESSION, 25, digest=1))]


@breaks("I10")
def a_session_ends_through_another_ones_bad_audio() -> Scene:
    return [*clean(), Written(8_500, GATEWAY, events.session_ended(9, code="internal"))]


@breaks("I10")
def a_neighbour_of_a_hanging_device_is_late() -> Scene:
    fault = events.fault("device hangs", homes=["stuck"])
    late = [each for each in acted(5, at=6_500) if "state" not in each.row and each.row["kind"] != "effect"]
    return [
        *clean(),
        Written(6_000, CALLER, fault),
        *late,
        Written(6_600, EXECUTOR, events.action_settled(action_id(5), state="expired", standing="expired")),
        Written(6_700, GATEWAY, events.outcome_delivered(action_id(5), session=SESSION, state="expired")),
    ]


@breaks("I11")
def it_is_said_to_be_done_before_anything_told_so() -> Scene:
    row = events.reply_claimed(SESSION, chunk=38, said="the front door is locked", kept=False)
    return [*clean(), Written(7_600, GATEWAY, row)]


@pytest.mark.parametrize("name", list(BREAKS))
def test_what_breaks_one_invariant_is_found_by_its_lines(name: str, tmp_path: Path) -> None:
    invariant, scene = BREAKS[name]
    report = checked(scene(), tmp_path)
    assert {each for each, times in report.broken.items() if times} == {invariant}
    for finding in report.findings:
        rows = [row_at(where) for where in finding.where]
        assert rows and finding.what
        assert len({(row.get("session"), row.get("action")) for row in rows}) <= 2


def row_at(where: str) -> Row:
    file, _, number = where.rpartition(":")
    row: Row = json.loads(Path(file).read_text().splitlines()[int(number) - 1])
    return row


def test_every_invariant_has_a_history_that_breaks_it() -> None:
    assert {invariant for invariant, _ in BREAKS.values()} == set(INVARIANTS)


def test_a_clean_history_breaks_nothing_and_is_evidence_of_everything(tmp_path: Path) -> None:
    report = checked(clean(), tmp_path)
    assert (report.findings, report.odd_rows) == ([], 0)
    assert all(report.judged.values())


def test_the_lines_are_those_that_break_it(tmp_path: Path) -> None:
    [finding] = checked(a_device_moves_twice_for_one_action(), tmp_path).findings
    lines = (tmp_path / "home-3.jsonl").read_text().splitlines()
    at = [number for number, line in enumerate(lines, 1) if action_id(4) in line]
    assert finding.where == tuple(f"{tmp_path / 'home-3.jsonl'}:{number}" for number in at)
    assert action_id(4) in finding.what


def allowed() -> dict[str, Scene]:
    """What looks odd and is right."""
    unknown = [each for each in acted(9, at=6_500, offset=80) if "state" not in each.row]
    told = Written(6_540, EXECUTOR, events.action_settled(action_id(9), state="unknown", standing="unknown"))
    newer = [
        Written(7_600, "gateway:9", resumed(FENCE + 9)),
        Written(7_700, "gateway:9", events.chunk_sent(SESSION, 38, fence=FENCE + 9, placement=FENCE + 9)),
    ]
    everyone = events.fault("kafka is gone", everyone=True)
    expired = [
        Written(6_600, EXECUTOR, events.action_settled(action_id(5), state="expired", standing="expired")),
        Written(6_700, GATEWAY, events.outcome_delivered(action_id(5), session=SESSION, state="expired")),
    ]
    asked = [each for each in acted(5, at=6_500) if "state" not in each.row and each.row["kind"] != "effect"]
    return {
        "an unknown one comes late": [
            *clean(), *acted(10, at=6_400, offset=90), *unknown, told
        ],
        "a new owner says again what may have been lost on the way": [*clean(), *newer],
        "a claim at the very moment of a take-over": [
            *clean(), Written(6_015, GATEWAY, resumed(FENCE + 50)),
        ],
        "everyone notices": [*clean(), Written(6_400, CALLER, everyone), *asked, *expired],
        "an error without anybody's fault": [
            *clean(), Written(20_000, GATEWAY, events.session_ended(9, code="decoder_lost")),
        ],
        "an action still under way at the end": [*clean(), *acted(11, at=LATE_MS - 100)[:2]],
    }  # fmt: skip


@pytest.mark.parametrize("name", list(allowed()))
def test_what_is_right_is_not_found_fault_with(name: str, tmp_path: Path) -> None:
    assert checked(allowed()[name], tmp_path).findings == []


def test_a_homes_own_log_is_evidence(tmp_path: Path) -> None:
    effect = {"home": HOME, "session_id": f"{SESSION:016x}", "fence": FENCE, "function": "f"}
    log = [{**effect, "action_id": action_id(n), "at_ms": at} for n, at in ((1, 2_030), (2, 9_999))]
    lines = effect_lines(log, "effects.json")
    scene = without(clean(), "effect")
    scene = [each for each in scene if each.row.get("action") not in (action_id(3), action_id(4))]
    report = checked(scene, tmp_path, lines)
    assert {finding.invariant for finding in report.findings} == {"I2"}
    assert report.findings[0].where == ("effects.json:2",)


def test_a_row_of_another_shape_is_counted_and_the_rest_is_judged(tmp_path: Path) -> None:
    scene = [*a_chunk_comes_again(), Written(1.0, HOUSE, {"kind": "effect"})]
    report = checked(scene, tmp_path)
    assert (report.odd_rows, report.broken["I5"]) == (1, 1)


def test_findings_are_bounded_and_all_counted(tmp_path: Path) -> None:
    again = [Written(7_500 + n, CALLER, events.chunk_received(SESSION, 1)) for n in range(500)]
    report = checked([*clean(), *again], tmp_path)
    assert (report.broken["I5"], len(report.findings)) == (500, 100)


def test_one_session_is_judged_apart_from_another(tmp_path: Path) -> None:
    other = [Written(each.at, each.by, {**each.row, "session": "f" * 16}) for each in spoken(range(10))]
    assert checked([*clean(), Written(901, GATEWAY, opened()), *other], tmp_path).findings == []


def test_decoders_are_told_apart(tmp_path: Path) -> None:
    step = events.step_accepted(SESSION, 41, placement=FENCE)
    assert checked([*clean(), Written(8_000, DECODER, step)], tmp_path).findings == []
