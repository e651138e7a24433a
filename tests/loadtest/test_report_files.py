import json
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.support.loadtest_reports import example_report

from duplexsla.errors import SettingError
from duplexsla_loadtest.console import text
from duplexsla_loadtest.exporters import prometheus
from duplexsla_loadtest.objectives import read_objectives
from duplexsla_loadtest.report import judge_again, read_report
from duplexsla_loadtest.report_files import write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(example_report(1, miss_share=0.01), tmp_path / "out")
    return tmp_path / "out"


def test_a_report_is_read_as_it_was_written(folder: Path) -> None:
    written = json.loads((folder / "report.json").read_text())
    assert read_report(folder / "report.json").row() == written
    assert written["verdict"] == "missed" and written["figures"]["chunks"] == 5_500


def test_the_same_run_may_be_judged_by_other_objectives(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "kind.yaml").write_text("objectives: {miss_ratio: 0.5}")
    again = judge_again(read_report(folder / "report.json"), read_objectives(tmp_path / "kind.yaml"))
    assert again.verdict.word == "held"


def test_junit_has_a_case_for_each_objective(folder: Path) -> None:
    suite = ElementTree.parse(folder / "junit.xml").getroot()
    failed = {case.get("name") for case in suite.findall("testcase") if case.find("failure") is not None}
    skipped = {case.get("name") for case in suite.findall("testcase") if case.find("skipped") is not None}
    assert failed == {"step_p99_ms", "miss_ratio"} and "action_p99_ms" in skipped
    assert (suite.get("failures"), suite.get("tests")) == ("2", str(len(read_objectives().wanted) + 1))


def test_prometheus_reads_every_sample(folder: Path) -> None:
    samples = _samples((folder / "metrics.prom").read_text())
    assert samples["duplexsla_loadtest_chunks", "talk"] == 5_500
    assert samples["duplexsla_loadtest_verdict", "missed"] == 1
    assert 0.03 < samples["duplexsla_loadtest_step_seconds", "all,0.9"] < 0.05
    assert samples["duplexsla_loadtest_step_seconds_count", "all"] == 5_500


def test_a_kind_of_any_name_is_one_label_for_prometheus() -> None:
    kind = 'says "hi"\nagain\\'
    assert _samples(prometheus(example_report(1, kind=kind)))["duplexsla_loadtest_chunks", kind] == 5_500


def _samples(text: str) -> dict[tuple[str, str], float]:
    """Values by name and by labels' values."""
    samples = [each for family in text_string_to_metric_families(text) for each in family.samples]
    found = {(each.name, ",".join(each.labels.values())): each.value for each in samples}
    assert len(found) == len(samples)
    return found


def test_the_page_stands_alone_and_escapes_what_it_shows(folder: Path) -> None:
    page = (folder / "report.html").read_text()
    HTMLParser().feed(page)
    assert page.count("<svg") == 5 and "&lt;talk&gt;" in page and "lock &amp; key" in page
    assert "src=" not in page and "href=" not in page


def test_the_terminal_shows_the_verdict_last(folder: Path) -> None:
    assert text(read_report(folder / "report.json")).splitlines()[-1] == "MISSED: step_p99_ms, miss_ratio"


def test_another_file_is_no_report(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"loadtest": 99}')
    with pytest.raises(SettingError, match="format 99"):
        read_report(tmp_path / "x.json")
