"""Each alert fires when provoked and is silent otherwise: promtool, with the rules as Helm renders them."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support import helm_chart

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
MINUTES = 40
FIRING = 'count by (alertname) (ALERTS{alertstate="firing"})'


@pytest.fixture(scope="module")
def groups() -> list[dict[str, Any]]:
    objects = helm_chart.render({"monitoring": {"rules": {"enabled": True}}})
    rules: list[dict[str, Any]] = objects["PrometheusRule", "duplexsla-alerts"]["spec"]["groups"]
    return rules


@pytest.fixture(scope="module")
def cases() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((HERE / "alert_cases.yaml").read_text())
    return read


def _alerts(groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [rule for group in groups for rule in group["rules"] if "alert" in rule]


@pytest.mark.timeout(600)  # 10 s of a core; more where others want it, too
def test_every_alert_fires_when_provoked_and_no_other(
    tmp_path: Path, groups: list[dict[str, Any]], cases: dict[str, Any]
) -> None:
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": groups}))
    tests = [_test(cases["healthy"], **case) for case in cases["cases"]]
    told = {"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": tests}
    (tmp_path / "tests.yaml").write_text(yaml.safe_dump(told))
    done = subprocess.run(
        [helm_chart.program("promtool"), "test", "rules", "tests.yaml"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _test(
    healthy: dict[str, str], series: dict[str, str], fires: list[str], minutes: int = MINUTES
) -> dict[str, Any]:
    series = {name: values.replace(f"x{MINUTES}", f"x{minutes}") for name, values in healthy.items()} | series
    return {
        "interval": "1m",
        "input_series": [
            {"series": _in_namespace(name), "values": values} for name, values in series.items()
        ],
        "promql_expr_test": [
            {
                "expr": FIRING,
                "eval_time": f"{minutes}m",
                "exp_samples": [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in fires],
            }
        ],
    }


def _in_namespace(name: str) -> str:
    metric, _, labels = name.rstrip("}").partition("{")
    return f'{metric}{{{labels}{"," if labels else ""}namespace="{helm_chart.NAMESPACE}"}}'


def test_every_alert_has_a_case(groups: list[dict[str, Any]], cases: dict[str, Any]) -> None:
    provoked = {name for case in cases["cases"] for name in case["fires"]}
    assert provoked == {rule["alert"] for rule in _alerts(groups)}


def test_every_alert_has_an_entry_in_the_runbook(groups: list[dict[str, Any]]) -> None:
    lines = (helm_chart.ROOT / "docs" / "runbook.md").read_text().splitlines()
    entries = [line.removeprefix("### ") for line in lines if line.startswith("### ")]
    assert entries == [rule["alert"] for rule in _alerts(groups)]
    for rule in _alerts(groups):
        assert rule["annotations"]["runbook_url"] == f"docs/runbook.md#{rule['alert'].lower()}"
        assert rule["labels"]["severity"] in ("page", "ticket")
