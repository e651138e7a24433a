"""Publishes the figures of runs: as text, as one line of JSON, and into files."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from duplexsla_lab.bench.html_report import page
from duplexsla_lab.bench.playing import PlayedRun
from duplexsla_lab.bench.report import report, summary, summary_of_both
from duplexsla_lab.bench.tables import text


def publish(
    runs: Sequence[PlayedRun],
    *,
    json_file: Path | None = None,
    html_file: Path | None = None,
    cases: Path | None = None,
    more: dict[str, Any] | None = None,
) -> None:
    """Prefilled runs first. cases: where they lie, if not where they are made; `more` goes into the line."""
    reports = [report(*run) for run in sorted(runs, key=lambda run: not run[0].prefill)]
    if json_file:
        json_file.write_text(json.dumps(reports[0] if len(reports) == 1 else reports, indent=1) + "\n")
    if html_file:
        html_file.write_text(
            page(reports, command=f"duplexsla bench play{f' --cases {cases}' if cases else ''}"), "utf-8"
        )
    print("\n".join(map(text, reports)))
    line = summary_of_both(*reports) if len(reports) == 2 else summary(reports[0])
    print(json.dumps(line | (more or {})))
