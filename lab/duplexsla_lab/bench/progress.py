"""Tells the figures of runs: as text, as one line of JSON, and into files."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from duplexsla_lab.bench.html_report import page
from duplexsla_lab.bench.playing import Played
from duplexsla_lab.bench.report import report, summary, summary_of_both
from duplexsla_lab.bench.tables import text


def tell(
    runs: Sequence[Played],
    *,
    json_file: Path | None = None,
    html_file: Path | None = None,
    cases: Path | None = None,
    more: dict[str, Any] | None = None,
) -> None:
    """Prefilled runs first. cases: where they lie, if not where they are made; `more` goes into the line."""
    told = [report(*run) for run in sorted(runs, key=lambda run: not run[0].prefill)]
    if json_file:
        json_file.write_text(json.dumps(told[0] if len(told) == 1 else told, indent=1) + "\n")
    if html_file:
        html_file.write_text(
            page(told, command=f"duplexsla bench play{f' --cases {cases}' if cases else ''}"), "utf-8"
        )
    print("\n".join(map(text, told)))
    line = summary_of_both(*told) if len(told) == 2 else summary(told[0])
    print(json.dumps(line | (more or {})))
