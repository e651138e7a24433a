"""What the local broker says when this machine lacks something."""

from pathlib import Path

import pytest

from duplexsla.errors import MissingDependency, StartFailed
from duplexsla.local import kafka


def test_without_java_the_debian_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingDependency, match="openjdk-17-jre-headless"):
        kafka.start(tmp_path / "w", home=tmp_path / "home")


def test_without_maven_the_debian_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _program(tmp_path, "java", "exit 0")
    monkeypatch.setenv("PATH", str(tmp_path))
    said: list[str] = []
    with pytest.raises(MissingDependency, match="apt-get install maven"):
        kafka.install(home=tmp_path / "home", say=said.append)
    assert "fetching" in said[0]


def test_a_failed_fetch_leaves_no_half_installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _program(tmp_path, "java", "exit 0")
    _program(tmp_path, "mvn", "echo Could not transfer artifact; exit 1")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingDependency, match="Could not transfer artifact"):
        kafka.install(home=tmp_path / "home", say=lambda _: None)
    assert not (tmp_path / "home" / "libs").exists()


def test_a_broker_that_dies_at_once_is_told_with_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    (home / "libs").mkdir(parents=True)
    (home / "classes.jsa").touch()
    (tmp_path / "w" / "data").mkdir(parents=True)
    (tmp_path / "w" / "data" / "meta.properties").touch()
    _program(tmp_path, "java", "echo no room on the disk; exit 3")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StartFailed, match="no room on the disk"):
        kafka.start(tmp_path / "w", home=home)


def _program(directory: Path, name: str, script: str) -> None:
    path = directory / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
