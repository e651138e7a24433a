import json
from pathlib import Path

import pytest
from tests.support.loadtest_reports import example_report

from duplexsla.__main__ import main
from duplexsla_loadtest.report_files import write


@pytest.fixture
def before(tmp_path: Path) -> str:
    write(example_report(1), tmp_path / "before")
    return str(tmp_path / "before" / "report.json")


@pytest.mark.parametrize(("step_ms", "status"), [(30.0, 0), (40.0, 1)])
def test_compare_fails_when_something_got_worse(
    before: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], step_ms: float, status: int
) -> None:
    write(example_report(2, step_ms=step_ms), tmp_path / "after")
    assert main(["loadtest", "compare", before, str(tmp_path / "after" / "report.json")]) == status
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert ("step_p50_ms" in told["worse"]) == bool(status)


@pytest.mark.parametrize(("limit_ms", "status", "word"), [(100, 0, "held"), (10, 1, "missed")])
def test_the_exit_status_is_the_verdict(
    before: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], limit_ms: int, status: int, word: str
) -> None:
    (tmp_path / "mine.yaml").write_text(f"objectives: {{step_p99_ms: {limit_ms}}}")
    command = ["loadtest", "judge", before, "--objectives", str(tmp_path / "mine.yaml")]
    assert main(command) == status
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["verdict"] == word


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["run", "127.0.0.1:9", "--mix", "nonsense"], "no mix nonsense"),
        (["run", "127.0.0.1:9", "--mix", "silence"], "--sessions"),
        (["search", "127.0.0.1:9", "--mix", "silence", "--first", "9", "--most", "2"], "nothing between"),
        (["judge", "/nowhere.json"], "is no report"),
    ],
)
def test_a_mistake_is_one_line(capsys: pytest.CaptureFixture[str], command: list[str], says: str) -> None:
    assert main(["loadtest", *command]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert says in line
