"""The corpus: one seed makes one corpus, whatever the workers and however often it was interrupted."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


def made(folder: Path, *, workers: int, scenarios: int = 12) -> dict[str, object]:
    arguments = ["--out", folder, "--scenarios", scenarios, "--held", 3, "--replies", 6, "--workers", workers]
    command = [sys.executable, "-m", "duplexsla_lab.data.corpus", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    told: dict[str, object] = json.loads((folder / "manifest.json").read_text())
    return told


@pytest.mark.slow
def test_one_seed_makes_one_corpus_on_any_number_of_workers(tmp_path: Path) -> None:
    one = made(tmp_path / "one", workers=1)
    two = made(tmp_path / "two", workers=2)
    assert one == two
    kept = (tmp_path / "two" / "voices-0000.pcm").stat().st_mtime_ns
    (tmp_path / "two" / "train-0000.jsonl").unlink()  # as an interrupted run leaves it
    assert made(tmp_path / "two", workers=2) == one
    assert (tmp_path / "two" / "voices-0000.pcm").stat().st_mtime_ns == kept
