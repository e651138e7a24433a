"""What data needs and a bare machine lacks, in one archive: synthesizers with their libraries, and wheels.

The archive holds lib/ (shared libraries, each with what it is linked to, the C library left out),
espeak-ng-data/, and site/ (Python packages). `environment` says how programs find them.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from duplexsla.errors import MissingDependency

LIBRARIES = ("libespeak-ng.so.1", "libflite*.so.1")
PACKAGES = {"espeak": "libespeak-ng1", "flite": "libflite1"}  # Debian's
OF_THE_SYSTEM = ("libc.so", "libm.so", "libdl.so", "libpthread.so", "librt.so", "ld-linux", "linux-vdso")
WHEELS = ("soxr",)
MAX_BYTES = 32 << 20  # beside the repository itself, of 64 MiB


def pack(archive: Path, *, libraries: Path, python: str) -> int:
    """Writes the archive (.tar.xz); returns its bytes. `libraries` is the folder of the synthesizers,
    `python` the version there ("3.12"). Raises MissingDependency for what is not here, or too large.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        _copy_libraries(libraries, folder / "lib")
        data = libraries / "espeak-ng-data"
        if not data.is_dir():
            raise MissingDependency(f"{data} is not there: apt-get install espeak-ng-data")
        shutil.copytree(data, folder / "espeak-ng-data")
        _unpack_wheels(folder / "site", python)
        archive.parent.mkdir(parents=True, exist_ok=True)
        with tarfile.open(archive, "w:xz") as tar:
            tar.add(folder, arcname=".")
    size = archive.stat().st_size
    if size > MAX_BYTES:
        raise MissingDependency(f"{archive} has {size:,} bytes; at most {MAX_BYTES:,} can be carried")
    return size


def unpack(archive: Path, folder: Path) -> None:
    """What is there already is kept. Raises MissingDependency without an archive."""
    if (folder / "lib").is_dir():
        return
    if not archive.exists():
        raise MissingDependency(f"{archive} is not here: make it where the synthesizers are, by `pack`")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")


def environment(folder: Path, given: Mapping[str, str]) -> dict[str, str]:
    """`given`, with the unpacked libraries, data and packages found first."""
    added = {
        "LD_LIBRARY_PATH": str(folder / "lib"),
        "PYTHONPATH": str(folder / "site"),
        "ESPEAK_DATA_PATH": str(folder),
    }
    paths = {name: os.pathsep.join([path, *filter(None, [given.get(name)])]) for name, path in added.items()}
    return {**given, **paths, "ESPEAK_DATA_PATH": str(folder)}


def linked(library: Path) -> set[Path]:
    """The shared libraries that it is linked to, directly or not, the C library's own left out."""
    listing = subprocess.run(["ldd", str(library)], capture_output=True, text=True, check=True).stdout
    paths = {Path(line.split("=>")[1].split()[0]) for line in listing.splitlines() if "=> /" in line}
    return {path for path in paths if not path.name.startswith(OF_THE_SYSTEM)}


def _copy_libraries(source: Path, target: Path) -> None:
    target.mkdir()
    found = [path for pattern in LIBRARIES for path in source.glob(pattern)]
    for kind, package in PACKAGES.items():
        if not any(kind in path.name for path in found):
            raise MissingDependency(f"no library of {kind} in {source}: apt-get install {package}")
    for path in {*found, *(other for each in found for other in linked(each))}:
        shutil.copy(path.resolve(), target / path.name)


def _unpack_wheels(target: Path, python: str) -> None:
    """Wheels for another Python than this one, as a folder for PYTHONPATH."""
    target.mkdir()
    platforms = [f"manylinux_2_{minor}_x86_64" for minor in (34, 28, 27, 17)] + ["manylinux2014_x86_64"]
    options = ["--no-deps", "--only-binary=:all:", "--implementation=cp", f"--python-version={python}"]
    options += [f"--platform={each}" for each in platforms]
    with tempfile.TemporaryDirectory() as wheels:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        done = subprocess.run([*command, *options, "--dest", wheels, *WHEELS], capture_output=True, text=True)
        if done.returncode:
            raise MissingDependency(f"pip cannot fetch {', '.join(WHEELS)}:\n{done.stderr}")
        for wheel in Path(wheels).glob("*.whl"):
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(target)
