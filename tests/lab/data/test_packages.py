"""Public packages: what is pinned is what is used, and what is not there is named with what mends it."""

import hashlib
import io
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from duplexsla.errors import MissingDependency
from duplexsla_lab.data.packages import PublicPackage, fetched, unpack, verify


def _wheel(folder: Path) -> Path:
    path = folder / "thing-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("thing/data.bin", b"content")
    return path


class LocalPackage(PublicPackage):
    """Its command copies a file that is here."""

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-c", f"import shutil; shutil.copy({self.name!r}, '.')"]


def test_a_wheel_and_a_tarball_are_unpacked(tmp_path: Path) -> None:
    unpack(_wheel(tmp_path), tmp_path / "wheel")
    assert (tmp_path / "wheel" / "thing" / "data.bin").read_bytes() == b"content"
    with tarfile.open(tmp_path / "thing.tgz", "w:gz") as tar:
        entry = tarfile.TarInfo("package/data.bin")
        entry.size = 7
        tar.addfile(entry, io.BytesIO(b"content"))
    unpack(tmp_path / "thing.tgz", tmp_path / "tarball")
    assert (tmp_path / "tarball" / "package" / "data.bin").read_bytes() == b"content"


@pytest.mark.parametrize("name", ["thing.whl", "thing.tgz", "thing.deb"])
def test_a_damaged_file_leaves_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"no archive")
    with pytest.raises(MissingDependency, match=name):
        unpack(tmp_path / name, tmp_path / "unpacked")
    assert not (tmp_path / "unpacked").exists()


def test_another_file_than_the_pinned_one_is_refused(tmp_path: Path) -> None:
    path = _wheel(tmp_path)
    good = PublicPackage("pypi", "thing", "1.0", hashlib.sha256(path.read_bytes()).hexdigest())
    verify(path, good)
    with pytest.raises(MissingDependency, match="thing 1.0 that was tested"):
        verify(path, PublicPackage("pypi", "thing", "1.0", "0" * 64))


def test_the_command_that_fails_is_told() -> None:
    package = PublicPackage("debian", "thing", "1.0-1", "0" * 64)
    assert package.command[-1] == "thing=1.0-1"
    assert PublicPackage("npm", "thing", "1.0", "").command[-1] == "thing@1.0"
    assert PublicPackage("pypi", "thing", "1.0", "").command[-1] == "thing==1.0"


def test_a_package_is_fetched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _wheel(tmp_path)
    package = LocalPackage("pypi", str(path), "1.0", hashlib.sha256(path.read_bytes()).hexdigest())
    monkeypatch.chdir(tmp_path)
    target = fetched(package, tmp_path / "cache")
    assert (target / "thing" / "data.bin").read_bytes() == b"content"
    path.unlink()
    assert fetched(package, tmp_path / "cache") == target


def test_a_package_that_is_nowhere_is_named(tmp_path: Path) -> None:
    package = LocalPackage("pypi", str(tmp_path / "none.whl"), "1.0", "0" * 64)
    with pytest.raises(MissingDependency, match="none.whl 1.0 cannot be fetched by"):
        fetched(package, tmp_path / "cache")
    assert not list((tmp_path / "cache").iterdir())
