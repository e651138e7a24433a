"""A set of cases as the bench makes it, one of each scenario and toolset, made once for all tests."""

from pathlib import Path

import pytest

from duplexsla_lab.bench.case import Case
from duplexsla_lab.bench.case_files import read_cases
from duplexsla_lab.bench.making.case_plan import COUNTS, Count
from duplexsla_lab.bench.making.make_cases import make

TINY = tuple(Count(each.scenario, each.toolset, 1, 1) for each in COUNTS)
DRAWS = 3_000  # requests, of which the held-out ones are gathered


@pytest.fixture(scope="session")
def made_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    make(folder, seed=1, small=False, workers=2, counts=TINY, draws=DRAWS)
    return folder


@pytest.fixture(scope="session")
def made(made_folder: Path) -> list[Case]:
    return read_cases(made_folder)
