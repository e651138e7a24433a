"""The tables of docs/architecture.md are those that the code and its tests keep."""

import re

from tests.support.markdown import ROOT
from tests.test_imports import MAY_IMPORT, MODULES, SHARED, part

from duplexsla.executor.breaker import MAX_BREAKERS
from duplexsla.executor.service import MAX_IN_PROGRESS
from duplexsla.gateway.actions.kafka_bus import QUEUE_EVENTS
from duplexsla.gateway.call.standby import IN_FLIGHT
from duplexsla.gateway.call.state import TRANSITIONS, CallEvent, CallState
from duplexsla.gateway.decoders.client import MOST_ROWS
from duplexsla.gateway.edges.opening_streams import MOST_STREAMS, UNOPENED
from duplexsla.gateway.gateway import REMEMBERED_HOMES
from duplexsla.session.audio_input import BACKLOG_CHUNKS, EXTENDED_CHUNKS
from duplexsla.session.journal import JOURNAL_CHUNKS
from duplexsla.session.outbox import OUTBOX_LIMIT, OUTBOX_MESSAGES, SENT_MESSAGES
from duplexsla.session.service_lines import MAX_LINES
from duplexsla.session.session_actions import MAX_OPEN_ACTIONS
from duplexsla.telemetry.export import QUEUE_SPANS

LINES = (ROOT / "docs" / "architecture.md").read_text().splitlines()
GENERATED = "v1"
BOUNDS = {
    "backlog of a session's audio": (BACKLOG_CHUNKS, EXTENDED_CHUNKS),
    "chunks at the decoder": (IN_FLIGHT,),
    "rows of one request": (MOST_ROWS,),
    "outbox of a session": (OUTBOX_MESSAGES, OUTBOX_LIMIT),
    "sent messages, kept for a resume": (SENT_MESSAGES,),
    "open actions of a session": (MAX_OPEN_ACTIONS,),
    "texts for the action channel": (MAX_LINES,),
    "journal": (JOURNAL_CHUNKS,),
    "actions on their way to Kafka": (QUEUE_EVENTS,),
    "records in an executor": (MAX_IN_PROGRESS,),
    "breakers": (MAX_BREAKERS,),
    "homes that a gateway knows": (REMEMBERED_HOMES,),
    "streams that have not opened a session": (UNOPENED, MOST_STREAMS),
    "spans on their way out": (QUEUE_SPANS,),
}
# They may come in any state; the text below the table says where they lead.
ALWAYS = {CallEvent.FAILED, CallEvent.INTERRUPTED, CallEvent.HUNG_UP, CallEvent.DISMISSED}


def _rows(header: str) -> dict[str, list[str]]:
    """Cells of the table below a header row, by the first one without its backticks."""
    start = LINES.index(header) + 2
    rows: dict[str, list[str]] = {}
    for line in LINES[start:]:
        if not line.startswith("|"):
            break
        first, *rest = (cell.strip() for cell in line.strip("|").split("|"))
        rows[first.strip("`")] = rest
    return rows


def test_the_table_of_imports_is_the_one_that_is_kept() -> None:
    here = {part(module.name) for module in MODULES}
    shared = set(SHARED) & here
    shown = {
        one: set(re.findall(r"`([\w.]+)`", cells[0])) | (shared if "*shared*" in cells[0] else set())
        for one, cells in _rows("| part | may import of ours | never |").items()
    }
    kept = {
        one: {each for each in allowed if each in here or each == GENERATED or "." in each}
        for one, allowed in MAY_IMPORT.items()
        if one in here and one != "__main__"
    }
    assert shown == kept


def test_the_states_of_a_call_are_those_of_the_code() -> None:
    shown = {
        state: set(re.findall(r": (\w+)", ends))
        for state, (_, ends) in _rows("| state | meaning | ends when |").items()
    }
    assert shown == {
        str(state): {
            str(to)
            for (before, event), to in TRANSITIONS.items()
            if before is state and to is not state and event not in ALWAYS
        }
        for state in CallState
    }


def test_the_bounds_of_the_queues_are_those_of_the_code() -> None:
    rows = _rows("| queue | bound | when it is full |")
    for queue, bounds in BOUNDS.items():
        numbers = [int(each.replace(",", "")) for each in re.findall(r"[\d,]*\d", rows[queue][0])]
        assert numbers[: len(bounds)] == list(bounds), queue
