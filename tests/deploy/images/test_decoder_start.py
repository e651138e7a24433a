"""The decoder's entry point: settings of the environment become parameters of the model, or an end."""

import importlib.util
import sys
from types import ModuleType

import pytest

from duplexsla.runtime.checkout import ROOT
from duplexsla.runtime.startup import EXIT_WRONG_SETTING

START = ROOT / "deploy" / "images" / "decoder" / "start.py"


@pytest.fixture(scope="module")
def start() -> ModuleType:
    spec = importlib.util.spec_from_file_location("decoder_start", START)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_variables_become_the_parameters_of_their_names(start: ModuleType) -> None:
    given = {"DUPLEXSLA_SLOTS": "4", "DUPLEXSLA_OTLP": "collector:4317", "DUPLEXSLA_IDLE_S": ""}
    assert start.parameters(given | {"DUPLEXSLA_EXIT_S": "9"}) == {"slots": "4", "otlp": "collector:4317"}


def test_a_wrong_setting_ends_it_before_triton_starts(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DUPLEXSLA_IDLE_S", "soon")
    monkeypatch.setattr(sys, "argv", ["start.py"])
    assert start.main() == EXIT_WRONG_SETTING
    assert "environment variable DUPLEXSLA_IDLE_S is 'soon'" in capsys.readouterr().err
