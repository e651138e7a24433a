"""Reports on disk: one folder for each run, another view of the same in each file."""

import json
from pathlib import Path

from duplexsla_loadtest.exporters import junit, prometheus
from duplexsla_loadtest.html_report import run_page
from duplexsla_loadtest.report import Report


def write(report: Report, folder: Path) -> None:
    """report.json, report.html, junit.xml and metrics.prom."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(json.dumps(report.row()) + "\n")
    (folder / "report.html").write_text(run_page(report))
    (folder / "junit.xml").write_text(junit(report))
    (folder / "metrics.prom").write_text(prometheus(report))
