"""Builds the container images with docker or buildah, whichever is there:
python -m deploy.images.build [IMAGE...]

The base is debian:bookworm-slim. Where no registry can be reached, debootstrap makes one (a minute). With
--save, images are also written to ~/.cache/duplexsla/images/NAME.tar, as `ctr images import` reads them.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from duplexsla import __version__
from duplexsla.local import kafka
from duplexsla.runtime.checkout import CACHE, ROOT

SAVED = CACHE / "images"
SERVICES = ("gateway", "decoder", "executor", "home")
TRIAL = ("redis", "kafka")  # for trying out, where no registry has them
REGISTRY_BASE = "docker.io/library/debian:bookworm-slim"
OWN_BASE = "localhost/duplexsla/base:bookworm"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
MIRROR = "http://deb.debian.org/debian"
PULL_S = 30
CONTEXTS = {"kafka": {"kafka-libs": kafka.HOME / "libs"}}  # folders outside the checkout, by image and name
LARGEST_BYTES = {"gateway": 300_000_000}


class Builder:
    """docker, or buildah where no docker daemon answers."""

    def __init__(self) -> None:
        if _quiet(["docker", "info"]):
            self.program, self.build_command = "docker", ["docker", "build"]
        elif shutil.which("buildah"):
            self.program, self.build_command = "buildah", ["buildah", "bud", "--layers", "--format=docker"]
            os.environ.setdefault("BUILDAH_ISOLATION", "chroot")
            os.environ.setdefault("STORAGE_DRIVER", "overlay")
        else:
            sys.exit("images: no docker daemon answers and there is no buildah: apt-get install buildah")

    def has(self, image: str) -> bool:
        return _quiet([self.program, "inspect", *(["--type=image"]), image])

    def size_bytes(self, image: str) -> int:
        if self.program == "docker":
            said = _said(["docker", "inspect", "--format={{.Size}}", image])
            return int(said)
        rows = json.loads(_said(["buildah", "images", "--json", image]))
        number, unit = rows[0]["size"].split()
        return int(float(number) * {"B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9}[unit.upper()])

    def import_tree(self, tree: Path, image: str) -> None:
        """Makes an image of one layer out of a folder."""
        if self.program == "docker":
            tar = subprocess.Popen(["tar", "-C", str(tree), "-c", "."], stdout=subprocess.PIPE)
            subprocess.run(["docker", "import", "-", image], stdin=tar.stdout, check=True)
            return
        container = _said(["buildah", "from", "scratch"])
        subprocess.run(["buildah", "add", "-q", container, str(tree), "/"], check=True)
        subprocess.run(["buildah", "config", "--cmd", "bash", container], check=True)
        subprocess.run(
            ["buildah", "commit", "-q", "--rm", container, image], check=True, stdout=subprocess.DEVNULL
        )

    def build(self, name: str, image: str, base: str, arguments: Sequence[str]) -> None:
        command = [*self.build_command, "-t", image, "-f", f"deploy/images/{name}/Dockerfile"]
        given = [f"BASE={base}", f"VERSION={__version__}", f"REVISION={_revision()}", *arguments]
        command += [word for each in given for word in ("--build-arg", each)]
        for context, folder in CONTEXTS.get(name, {}).items():
            command += ["--build-context", f"{context}={folder}"]
        if CERTIFICATES.exists():
            command += ["--secret", f"id=certificates,src={CERTIFICATES}"]
        done = subprocess.run(
            [*command, "."], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if done.returncode:
            sys.exit("\n".join([*done.stdout.splitlines()[-40:], f"images: {name} cannot be built"]))

    def save(self, image: str, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part")
        part.unlink(missing_ok=True)
        command = ["docker", "save", "-o", str(part), image]
        if self.program == "buildah":
            command = [
                "buildah",
                "push",
                "-q",
                "--disable-compression",
                image,
                f"docker-archive:{part}:{image}",
            ]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        part.rename(file)


def image_of(name: str) -> str:
    """Its full name: the one that the chart's values for the laptop ask for."""
    return f"localhost/duplexsla/{name}:{__version__}"


def base_image(builder: Builder) -> str:
    """The image to build on; from the registry, else made by debootstrap, once."""
    for image in (OWN_BASE, REGISTRY_BASE):
        if builder.has(image):
            return image
    if _quiet([builder.program, "pull", REGISTRY_BASE], timeout_s=PULL_S):
        return REGISTRY_BASE
    print("base: no registry answers, so debootstrap makes one (about a minute)", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder, "tree")
        done = subprocess.run(
            ["debootstrap", "--variant=minbase", "bookworm", str(tree), MIRROR],
            capture_output=True,
            text=True,
        )
        if done.returncode:
            sys.exit(
                f"{done.stdout[-2000:]}{done.stderr[-2000:]}\nimages: debootstrap failed (it wants root)"
            )
        slim(tree)
        builder.import_tree(tree, OWN_BASE)
    return OWN_BASE


def slim(tree: Path) -> None:
    """Removes what Debian's slim images lack, too: documentation, translations, package lists."""
    for folder in ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info"):
        shutil.rmtree(tree / folder, ignore_errors=True)
        (tree / folder).mkdir()
    for folder in ("var/cache/apt", "var/lib/apt/lists", "var/log"):
        for file in (tree / folder).rglob("*"):
            if file.is_file():
                file.unlink()
    keep_out = (
        "path-exclude /usr/share/doc/*\npath-exclude /usr/share/man/*\npath-exclude /usr/share/locale/*\n"
    )
    (tree / "etc/dpkg/dpkg.cfg.d/slim").write_text(keep_out)
    no_extras = 'APT::Install-Recommends "false";\nAcquire::Languages "none";\nAcquire::Retries "3";\n'
    (tree / "etc/apt/apt.conf.d/slim").write_text(no_extras)


def build_all(names: Sequence[str], *, arguments: Sequence[str] = (), save: bool = False) -> None:
    """Builds images, one after the other, and tells how large each is; ends the process where one fails."""
    builder = Builder()
    base = base_image(builder)
    if "kafka" in names:
        kafka.install()
    for name in names:
        started = time.monotonic()
        print(f"{name}: building with {builder.program}", flush=True)
        builder.build(name, image_of(name), base, arguments)
        size_bytes = builder.size_bytes(image_of(name))
        print(
            f"{name}: {image_of(name)}, {size_bytes / 1e6:.0f} MB, {time.monotonic() - started:.0f} s",
            flush=True,
        )
        if size_bytes > LARGEST_BYTES.get(name, size_bytes):
            sys.exit(f"images: {name} may have {LARGEST_BYTES[name] / 1e6:.0f} MB")
        if save:
            builder.save(image_of(name), SAVED / f"{name}.tar")


def _revision() -> str:
    with_git = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return with_git.stdout.strip() or "unknown"


def _quiet(command: Sequence[str], *, timeout_s: float = 20) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=timeout_s).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _said(command: Sequence[str]) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.images.build", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument(
        "images", nargs="*", default=[*SERVICES, *TRIAL], metavar="IMAGE", help="default: all"
    )
    parser.add_argument("--build-arg", action="append", default=[], help="as docker's, for every image")
    parser.add_argument("--save", action="store_true", help=f"write them to {SAVED}, too")
    chosen = parser.parse_args()
    unknown = set(chosen.images) - {*SERVICES, *TRIAL}
    if unknown:
        parser.error(f"no such image: {' '.join(sorted(unknown))}")
    build_all(chosen.images, arguments=chosen.build_arg, save=chosen.save)


if __name__ == "__main__":
    main()
