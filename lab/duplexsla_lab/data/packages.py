"""Public packages that data is made with: by pinned version and SHA-256, fetched when something wants them.

Each is unpacked once, into a folder that is named after the hash of its file; a folder that is there is
whole, so an interrupted fetch begins again.
"""

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from duplexsla.errors import MissingDependency
from duplexsla.runtime.checkout import CACHE

FOLDER = CACHE / "packages"


@dataclass(frozen=True, slots=True)
class PublicPackage:
    """One file of a registry; `sha256` is that file's."""

    registry: Literal["pypi", "npm", "debian"]
    name: str
    version: str
    sha256: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    @property
    def command(self) -> list[str]:
        """What puts the file into the working folder."""
        if self.registry == "pypi":
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
            return [*pip, f"{self.name}=={self.version}"]
        if self.registry == "npm":
            return ["npm", "pack", "--silent", f"{self.name}@{self.version}"]
        return ["apt-get", "download", "-qq", f"{self.name}={self.version}"]


def fetched(package: PublicPackage, folder: Path = FOLDER) -> Path:
    """The folder of the unpacked package, fetched if it is not there.

    Raises MissingDependency that names the package, and the command that was tried or that mends it.
    """
    target = folder / f"{package.name}-{package.version}-{package.sha256[:12]}"
    if target.is_dir():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    print(f"fetching {package}", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".fetching-") as temporary:
        file = _download(package, Path(temporary))
        verify(file, package)
        unpacked = Path(temporary) / "unpacked"
        unpack(file, unpacked)
        if not target.is_dir():  # another process may have been faster
            unpacked.replace(target)
    return target


def _download(package: PublicPackage, folder: Path) -> Path:
    command = " ".join(package.command)
    try:
        done = subprocess.run(package.command, cwd=folder, capture_output=True, text=True)
    except OSError as error:
        raise MissingDependency(f"{package} is fetched by `{command}`: {error}") from error
    files = [path for path in folder.iterdir() if path.is_file()]
    if done.returncode or len(files) != 1:
        told = (done.stderr or done.stdout).strip()[-400:]
        stale = "; after `apt-get update` try again" if package.registry == "debian" else ""
        raise MissingDependency(f"{package} cannot be fetched by `{command}`{stale}: {told}")
    return files[0]


def verify(file: Path, package: PublicPackage) -> None:
    """Raises MissingDependency when the file is not the pinned one."""
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    if found != package.sha256:
        raise MissingDependency(
            f"{file.name} is not the {package} that was tested: its SHA-256 is {found}, expected "
            f"{package.sha256}. The registry may have another file of it for this platform"
        )


def unpack(file: Path, folder: Path) -> None:
    """A wheel, tarball or Debian package, into a new folder. Raises MissingDependency for a damaged one."""
    try:
        if file.suffix == ".whl":
            with zipfile.ZipFile(file) as archive:
                archive.extractall(folder)
        elif file.suffix == ".deb":
            subprocess.run(["dpkg-deb", "-x", file, folder], check=True, capture_output=True)
        else:
            with tarfile.open(file) as tar:
                tar.extractall(folder, filter="data")
    except (OSError, zipfile.BadZipFile, tarfile.TarError, subprocess.CalledProcessError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise MissingDependency(f"{file.name} cannot be unpacked: {error}") from error
