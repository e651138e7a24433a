"""The tables of docs/architecture.md are those that the code and its tests keep."""

import re

from tests.support.markdown import ROOT
from tests.test_imports import MAY_IMPORT, MODULES, SHARED, part

LINES = (ROOT / "docs" / "architecture.md").read_text().splitlines()
GENERATED = "v1"


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
