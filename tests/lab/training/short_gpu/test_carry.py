"""What a bare machine lacks is found here and put first there."""

import os
from pathlib import Path

import pytest

from duplexsla.errors import MissingDependency
from duplexsla_lab.training.short_gpu import carry

HERE = Path("/usr/lib/x86_64-linux-gnu")


def test_a_library_is_carried_with_all_that_it_is_linked_to_but_the_system() -> None:
    library = HERE / "libespeak-ng.so.1"
    if not library.exists():
        pytest.skip("espeak-ng is not installed")
    names = {path.name for path in carry.linked(library)}
    assert any(name.startswith("libpcaudio") for name in names)
    assert not any(name.startswith(("libc.", "libm.", "ld-linux")) for name in names)


def test_a_synthesizer_that_is_missing_is_named_with_its_package(tmp_path: Path) -> None:
    with pytest.raises(MissingDependency, match="apt-get install libespeak-ng1"):
        carry.pack(tmp_path / "carry.tar.xz", libraries=tmp_path, python="3.12")
    with pytest.raises(MissingDependency, match="by `pack`"):
        carry.unpack(tmp_path / "carry.tar.xz", tmp_path / "there")


def test_what_was_carried_comes_before_what_the_machine_has(tmp_path: Path) -> None:
    given = {"LD_LIBRARY_PATH": "/theirs", "HOME": "/root"}
    found = carry.environment(tmp_path, given)
    assert found["LD_LIBRARY_PATH"].split(os.pathsep) == [str(tmp_path / "lib"), "/theirs"]
    assert found["PYTHONPATH"] == str(tmp_path / "site")
    assert found["ESPEAK_DATA_PATH"] == str(tmp_path)  # the folder that holds espeak-ng-data
    assert found["HOME"] == "/root" and given["LD_LIBRARY_PATH"] == "/theirs"
