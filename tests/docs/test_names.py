"""Settings and metrics that the documents name exist."""

import re
from pathlib import Path

import pytest
from tests.support.markdown import DOCUMENTS, ROOT

from duplexsla.protocol.topics import PARTITIONS
from duplexsla.runtime.service_settings import SERVICES
from duplexsla.runtime.settings import settings_of, variable
from duplexsla.telemetry import metrics

PAST = {"CHANGELOG.md"}  # names what is not there any more
SETTINGS = {variable(name) for kind in SERVICES.values() for name, _ in settings_of(kind)}
METRICS = {each.name for each in metrics.ALL}
PACKAGES = {"duplexsla_lab", "duplexsla_loadtest"}

present = pytest.mark.parametrize(
    "path",
    [path for path in DOCUMENTS if path.name not in PAST],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)


@present
def test_every_setting_exists(path: Path) -> None:
    assert set(re.findall(r"\bDUPLEXSLA_[A-Z_]*[A-Z]\b", path.read_text())) <= SETTINGS


@present
def test_every_metric_exists(path: Path) -> None:
    named = set(re.findall(r"\bduplexsla_[a-z_]*[a-z]\b", path.read_text()))
    assert named <= METRICS | PACKAGES


def test_the_partitions_of_the_topics_are_told() -> None:
    told = ", ".join(map(str, PARTITIONS.values()))
    assert f"({told} partitions)" in (ROOT / "docs" / "kubernetes.md").read_text()


def test_the_number_of_alerts_is_told() -> None:
    count = (ROOT / "helm/duplexsla/files/alerts.yaml").read_text().count("- alert: ")
    assert f"each of the {count} alerts" in (ROOT / "docs" / "kubernetes.md").read_text()
