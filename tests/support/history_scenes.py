"""HistoryReader for tests: small scenes in which all is well, to be spoilt."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from duplexsla.history import events
from duplexsla.history.events import Row
from duplexsla.history.invariants import CheckReport, check_invariants
from duplexsla.history.reader import HistoryLine, HistoryReader

SESSION, HOME = 7, "demo"
GATEWAY, EXECUTOR, HOUSE, CALLER = "gateway:1", "executor:2", "home:3", "client:4"
DECODER, OTHER = "decoder:5", "decoder:6"
FENCE = 100
LATE_MS = 60_000.0  # by then everything is over


class Written(NamedTuple):
    at: float
    by: str
    row: Row


def action_id(number: int) -> str:
    return f"{SESSION:016x}-{number}-0"


def acted(
    number: int,
    *,
    at: float,
    fence: int = FENCE,
    delivery: str = "idempotent",
    offset: int | None = None,
    home: str = HOME,
    session: int = SESSION,
) -> list[Written]:
    """An action from its publishing to its outcome, within 60 ms."""
    name, expires = action_id(number), at + 5_000
    asked = {
        "session": session,
        "home": home,
        "fence": fence,
        "delivery": delivery,
        "expires_at_ms": int(expires),
    }
    place = {"partition": 0, "offset": number if offset is None else offset}
    return [
        Written(at, GATEWAY, events.action_published(name, **asked)),
        Written(at + 5, GATEWAY, events.action_acknowledged(name)),
        Written(at + 10, EXECUTOR, events.action_read(name, **asked, **place)),
        Written(at + 20, EXECUTOR, events.action_claimed(name, session=session, fence=fence, how="claimed")),
        Written(at + 21, EXECUTOR, events.action_called(name, attempt=1)),
        Written(at + 30, HOUSE, moved(number, at=at + 30, fence=fence, home=home, session=session)),
        Written(at + 40, EXECUTOR, events.action_settled(name, state="done", standing="done")),
        Written(at + 50, EXECUTOR, events.outcome_published(name, state="done", attempts=1)),
        Written(at + 60, GATEWAY, events.outcome_delivered(name, session=session, state="done")),
    ]


def moved(
    number: int,
    *,
    at: float,
    fence: int = FENCE,
    repeated: bool = False,
    home: str = HOME,
    session: int = SESSION,
) -> Row:
    """The effect of an action."""
    return events.effect(
        action_id(number),
        home=home,
        session=f"{session:016x}",
        fence=fence,
        function="open_home_device",
        effect_at_ms=int(at),
        expires_at_ms=0,
        repeated=repeated,
    )


def spoken(
    chunks: Iterable[int], *, at: float = 1_000.0, placement: int = FENCE, decoder: str = DECODER
) -> list[Written]:
    """Chunks from the decoder to the client."""
    told = []
    for chunk in chunks:
        now, digest = at + 160 * chunk, 1_000 + chunk
        told += [
            Written(now, decoder, events.step_accepted(SESSION, chunk, placement=placement, digest=digest)),
            Written(
                now + 5,
                GATEWAY,
                events.chunk_sent(SESSION, chunk, fence=FENCE, placement=placement, digest=digest),
            ),
            Written(now + 10, CALLER, events.chunk_received(SESSION, chunk)),
        ]
    return told


def clean() -> list[Written]:
    """One session that moves once, drops a little, and acts four times; another call is cut by its caller."""
    return [
        *(Written(0.0, by, events.began(by.split(":")[0])) for by in (GATEWAY, EXECUTOR, HOUSE, CALLER)),
        Written(900, GATEWAY, opened()),
        Written(905, CALLER, events.call_opened(SESSION, home=HOME)),
        *spoken(range(20)),
        Written(4_199, GATEWAY, moved_to(OTHER, placement=FENCE + 1, chunk=20)),
        *spoken(range(20, 30), placement=FENCE + 1, decoder=OTHER),
        *(each for each in spoken(range(30, 33), placement=FENCE + 1, decoder=OTHER) if each.by != CALLER),
        Written(6_300, GATEWAY, events.dropped("chunks_dropped", 3, SESSION)),
        Written(6_301, GATEWAY, events.gap_declared(SESSION, what="chunks", first_chunk=30, chunks=3)),
        Written(6_302, CALLER, events.gap_received(SESSION, what="chunks", first_chunk=30, chunks=3)),
        *spoken(range(33, 40), placement=FENCE + 1, decoder=OTHER),
        *acted(1, at=2_000),
        *acted(2, at=2_010, delivery="at_most_once"),
        *acted(3, at=3_000),
        Written(4_000, GATEWAY, events.reply_claimed(SESSION, chunk=17, said="the light is on", kept=True)),
        *acted(4, at=6_000),
        Written(7_000, HOUSE, moved(3, at=3_030, repeated=True)),  # asked again, idempotent: nothing happened
        Written(8_000, GATEWAY, events.session_ended(8, code="bad_audio")),
        Written(9_000, CALLER, events.call_ended(
            SESSION, sent=102_000, answered=102_400, concealed=2_560, lost=2_560
        )),
        Written(9_001, GATEWAY, events.session_ended(SESSION, chunks=40)),
        Written(LATE_MS, GATEWAY, events.ended({"chunks_dropped": 3})),
    ]  # fmt: skip


def a_chunk_comes_again() -> list[Written]:
    return [*clean(), Written(7_500, CALLER, events.chunk_received(SESSION, 38))]


def opened(fence: int = FENCE) -> Row:
    return events.session_opened(SESSION, home=HOME, fence=fence, placement=fence, decoder=DECODER)


def resumed(fence: int, next_chunk: int = 40) -> Row:
    return events.session_resumed(
        SESSION, home=HOME, fence=fence, placement=fence, decoder=OTHER, next_chunk=next_chunk
    )


def moved_to(decoder: str, *, placement: int, chunk: int) -> Row:
    return events.session_moved(
        SESSION, fence=FENCE, placement=placement, decoder=decoder, chunk=chunk, why="rebuilt"
    )


def without(scene: list[Written], kind: str, **fields: object) -> list[Written]:
    """The scene without the rows of this kind that have these fields."""
    return [
        each
        for each in scene
        if each.row["kind"] != kind or any(each.row.get(key) != value for key, value in fields.items())
    ]


def written(scene: list[Written], folder: Path) -> list[Path]:
    """One file per process, each in order of time."""
    folder.mkdir(exist_ok=True)
    for by in {each.by for each in scene}:
        rows = sorted((each for each in scene if each.by == by), key=lambda each: each.at)
        lines = [json.dumps({"at": each.at, "by": by, **each.row}) for each in rows]
        (folder / f"{by.replace(':', '-')}.jsonl").write_text("\n".join(lines) + "\n")
    return sorted(folder.glob("*.jsonl"))


def checked(scene: list[Written], folder: Path, *more: list[HistoryLine]) -> CheckReport:
    return check_invariants(HistoryReader(written(scene, folder), *more))
