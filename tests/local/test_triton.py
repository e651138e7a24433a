"""The staged model repository: what Triton is told and what lies beside model.py."""

from pathlib import Path

import pytest

from duplexsla.errors import SettingError
from duplexsla.local.triton import stage, with_parameters

CONFIG = """name: "echo"
parameters { key: "slots" value: { string_value: "8" } }
parameters { key: "idle_s" value: { string_value: "30" } }
"""


def test_parameters_replace_only_the_named_value() -> None:
    changed = with_parameters(CONFIG, {"idle_s": "1.5"})
    assert changed == CONFIG.replace('"30"', '"1.5"')


def test_a_parameter_that_the_model_does_not_have_is_named() -> None:
    with pytest.raises(SettingError, match="slotz"):
        with_parameters(CONFIG, {"slotz": "1"})


def test_staging_links_files_the_package_and_other_weights(tmp_path: Path) -> None:
    version, weights = tmp_path / "models" / "echo" / "1", tmp_path / "weights"
    version.mkdir(parents=True)
    weights.mkdir()
    (version.parent / "config.pbtxt").write_text(CONFIG)
    (version / "model.py").write_text("code")
    (version / "nano.safetensors").write_text("shipped")
    (version / "calibration.json").write_text("shipped")
    (weights / "nano.safetensors").write_text("given")
    staged = stage(tmp_path / "models", tmp_path / "staged", parameters={"slots": "2"}, weights=weights)
    assert '"2"' in (staged / "echo" / "config.pbtxt").read_text()
    assert (staged / "echo" / "1" / "model.py").read_text() == "code"
    assert (staged / "echo" / "1" / "nano.safetensors").read_text() == "given"
    assert not (staged / "echo" / "1" / "calibration.json").exists(), (
        "it is of the weights that were replaced"
    )
    assert (staged / "echo" / "1" / "duplexsla" / "clock.py").is_file()
