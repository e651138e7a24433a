"""A program lists, moves and cancels what is to happen later, by the control port of any executor."""

import json
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
from tests.support.home_site import HOME, HomeSite, state_of
from tests.support.memory_broker import MemorySink

from duplexsla.executor.schedules.due_events import PAST, TOO_FAR
from duplexsla.executor.schedules.schedule_pages import SchedulePages
from duplexsla.protocol.topics import ACTIONS_TOPIC
from duplexsla.runtime.control import Drain
from duplexsla.v1 import action_pb2 as pb

FIVE_MS, HOUR_MS, YEAR_MS = 300_000, 3_600_000, 366 * 86_400_000


class Program:
    """Asks one executor's pages, while another one has the home."""

    def __init__(self) -> None:
        self.site = HomeSite()
        self.answered = True
        self._seen = 0

    def ask(self, method: str, **query: object) -> tuple[HTTPStatus, dict[str, Any]]:
        target = "/schedules?" + "&".join(f"{name}={value}" for name, value in query.items())

        async def inside() -> tuple[HTTPStatus, bytes]:
            pages = SchedulePages(
                lambda: (True, {}),
                Drain(1.0),
                lambda accept: ("", b""),
                sink=MemorySink(self.site.log),
                ledger=self.site.parts.ledger,
                now_ms=self.site.clock,
                sleep=self._home_is_served,
            )
            answer = await pages.answer(method, target, peer="127.0.0.1")
            return answer.status, answer.body

        status, body = self.site._loop.run(inside())
        return status, json.loads(body)

    async def _home_is_served(self, _: float) -> None:
        self.site.clock.now_ms += 50
        records = self.site.log.records(ACTIONS_TOPIC)
        fresh, self._seen = records[self._seen :] if self.answered else [], len(records)
        for each in fresh:
            await self.site.parts.dispatch.run(pb.ActionEvent.FromString(each.value), "")

    def later(self, home: str = HOME) -> list[dict[str, Any]]:
        status, said = self.ask("GET", home=home)
        assert status is HTTPStatus.OK
        later: list[dict[str, Any]] = said["later"]
        return later

    def schedule(self) -> pb.ActionOutcome:
        arguments = {"device": "light", "room": "kitchen", "when": "in five minutes"}
        heard = "turn on the kitchen light in five minutes"
        return self.site.say("open_home_device", arguments, heard=heard)


@pytest.fixture
def program() -> Iterator[Program]:
    program = Program()
    yield program
    program.site.close()


def test_what_is_listed_has_an_id_by_which_it_is_cancelled_once(program: Program) -> None:
    asked = program.schedule()
    [listed] = program.later()
    assert (listed["id"], listed["due_at_ms"]) == (asked.action_id, asked.due_at_ms)
    assert listed["what"].startswith("turn on kitchen light")
    assert program.ask("DELETE", home=HOME, id=listed["id"])[0] is HTTPStatus.OK
    assert program.ask("DELETE", home=HOME, id=listed["id"])[0] is HTTPStatus.CONFLICT
    assert program.later() == program.later(home="elsewhere") == []
    assert program.site.due(in_ms=FIVE_MS + HOUR_MS) == []


def test_what_is_moved_happens_at_its_new_time_alone(program: Program) -> None:
    asked = program.schedule()
    later = asked.due_at_ms + HOUR_MS
    status, said = program.ask("PUT", home=HOME, id=asked.action_id, due_at_ms=later)
    assert (status, said["state"]) == (HTTPStatus.OK, "done")
    assert [each["due_at_ms"] for each in program.later()] == [later]
    program.site.restart()
    assert program.site.due(in_ms=FIVE_MS) == []
    [told] = program.site.due(in_ms=HOUR_MS)
    assert (state_of(told), told.action_id) == ("done", f"{asked.action_id}@{later}")
    assert len(program.site.effects) == 1


def test_the_due_event_of_the_time_before_is_fenced(program: Program) -> None:
    asked = program.schedule()
    program.site.clock.now_ms += FIVE_MS
    program.site._loop.run(program.site.parts.scheduler.produce_due())
    old = pb.ActionEvent.FromString(program.site.log.records(ACTIONS_TOPIC)[-1].value)
    program._seen = len(program.site.log.records(ACTIONS_TOPIC))
    program.ask("PUT", home=HOME, id=asked.action_id, due_at_ms=asked.due_at_ms + HOUR_MS)
    assert state_of(program.site.run(old)) == "fenced"
    assert program.site.effects == []


@pytest.mark.parametrize(("by_ms", "why"), [(-HOUR_MS, PAST), (YEAR_MS + HOUR_MS, TOO_FAR)])
def test_a_time_that_cannot_be_is_told_and_nothing_is_lost(program: Program, by_ms: int, why: str) -> None:
    asked = program.schedule()
    status, said = program.ask("PUT", home=HOME, id=asked.action_id, due_at_ms=asked.due_at_ms + by_ms)
    assert (status, said["reason"]) == (HTTPStatus.UNPROCESSABLE_ENTITY, why)
    assert [each["due_at_ms"] for each in program.later()] == [asked.due_at_ms]


@pytest.mark.parametrize("query", [{}, {"home": HOME}, {"home": HOME, "id": "x", "due_at_ms": "noon"}])
def test_what_is_missing_is_told(program: Program, query: dict[str, object]) -> None:
    status, said = program.ask("PUT", **query)
    assert status is HTTPStatus.BAD_REQUEST and said["reason"]


def test_a_speaker_has_no_ids_and_nobody_who_answers_is_told(program: Program) -> None:
    asked = program.schedule()
    forged = program.site.event("", intent=pb.INTENT_CANCEL, refers_to=asked.action_id)
    assert state_of(program.site.run(forged)) == "refused"
    program.answered = False
    assert program.ask("GET", home=HOME)[0] is HTTPStatus.SERVICE_UNAVAILABLE
    program.site.log.down = True
    assert program.ask("GET", home=HOME)[0] is HTTPStatus.SERVICE_UNAVAILABLE


def test_a_move_that_dies_after_it_was_written_is_done_by_the_successor(program: Program) -> None:
    asked, site = program.schedule(), program.site
    move = site.event(
        "",
        intent=pb.INTENT_MOVE,
        origin=pb.ORIGIN_API,
        refers_to=asked.action_id,
        due_at_ms=asked.due_at_ms + HOUR_MS,
    )
    settle = site.ledger.settle
    site.ledger.settle = None  # type: ignore[assignment, method-assign]
    with pytest.raises(TypeError):
        site.run(move)
    site.ledger.settle = settle  # type: ignore[method-assign]
    site.restart()
    assert state_of(site.run(move)) == "done"
    [standing] = site.parts.scheduler.of_home(HOME)
    assert standing.version == 2
