"""The tables of docs/architecture.md are those that the code and its tests keep."""

import re

from tests.support.markdown import ROOT
from tests.test_imports import MAY_IMPORT, MODULES, SHARED, part

from duplexsla.gateway.call.state import TRANSITIONS, CallEvent, CallState

LINES = (ROOT / "docs" / "architecture.md").read_text().splitlines()
GENERATED = "v1"
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
