"""Triton's side of the scripted decoder: the shipped model.py, with another engine behind it."""

import sys
from pathlib import Path
from typing import Any

sys.path.insert(
    0, str(Path(__file__).resolve().parents[3])
)  # the tests, as this process has no other way to them

import shipped_model
from tests.support.scripted_decoder.engine import ScriptedEngine
from tests.support.scripted_decoder.script import load_scripts

from duplexsla.engine.calibration import Calibration
from duplexsla.engine.model_folder import VOCABULARY_FILE, read_model_folder
from duplexsla.protocol.tokens import Vocabulary


def load_engine(folder: Path, *, slots: int, **_: object) -> Any:
    """Whatever kernels are chosen, none are needed."""
    vocabulary = Vocabulary.load(folder / VOCABULARY_FILE)
    return ScriptedEngine(vocabulary, read_model_folder(folder).toolsets, load_scripts(folder), slots=slots)


def read_calibration(folder: Path, identity: str) -> Calibration:
    """Calls are right as often as they are probable."""
    return Calibration(identity, tuple((n / 100, n / 100) for n in range(1, 101)), calls=100)


shipped_model.load_engine = load_engine
shipped_model.read_calibration = read_calibration
TritonPythonModel = shipped_model.TritonPythonModel
