"""Builds the cluster's programs from Go modules, at pinned versions:
python -m deploy.cluster.binaries [NAME...]

Each set of programs lies in `~/.cache/duplexsla/bin-NAME-VERSION/` and is built once. Nothing but a Go module
proxy is asked. Two compilers at most run at once; start it with `nice` where others should come first.
`--paths` prints the folders, joined for PATH, and builds nothing.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from duplexsla.runtime.checkout import CACHE


@dataclass(frozen=True)
class Programs:
    """What one Go module gives: `packages` maps a program's name to its package, relative to the module."""

    name: str
    module: str
    version: str
    packages: dict[str, str]
    cold_minutes: float  # on two cores, nothing in Go's cache
    replaces: str = (
        ""  # "": none that matter; "own": the module's own lines; "staging": Kubernetes' staging modules
    )
    flags: str = ""  # for the linker, beside -s -w

    @property
    def folder(self) -> Path:
        return CACHE / f"bin-{self.name}-{self.version}"

    @property
    def built(self) -> bool:
        return all((self.folder / program).is_file() for program in self.packages)


KUBERNETES = "1.34.4"
_KUBERNETES_VERSION = "-X k8s.io/component-base/version."
ALL = {
    programs.name: programs
    for programs in (
        Programs(
            "kubeconform", "github.com/yannh/kubeconform", "0.7.0", {"kubeconform": "cmd/kubeconform"}, 0.2
        ),
        Programs("helm", "helm.sh/helm/v3", "3.19.0", {"helm": "cmd/helm"}, 2),
        Programs("etcd", "go.etcd.io/etcd/server/v3", "3.6.5", {"etcd": ""}, 0.7),
        Programs(
            "kubernetes",
            "k8s.io/kubernetes",
            KUBERNETES,
            {
                program: f"cmd/{program}"
                for program in (
                    "kube-apiserver",
                    "kube-controller-manager",
                    "kube-scheduler",
                    "kube-proxy",
                    "kubelet",
                    "kubectl",
                )
            },
            5,
            replaces="staging",
            flags=f"{_KUBERNETES_VERSION}gitVersion=v{KUBERNETES} {_KUBERNETES_VERSION}gitMajor=1 "
            f"{_KUBERNETES_VERSION}gitMinor={KUBERNETES.split('.')[1]}",
        ),
        Programs("coredns", "github.com/coredns/coredns", "1.12.4", {"coredns": ""}, 2),
        Programs(
            "keda",
            "github.com/kedacore/keda/v2",
            "2.18.0",
            {"keda": "cmd/operator", "keda-adapter": "cmd/adapter"},
            4,
            replaces="own",
        ),
        Programs(
            "prometheus",
            "github.com/prometheus/prometheus",
            "0.307.0",
            {"prometheus": "cmd/prometheus", "promtool": "cmd/promtool"},
            4,
            replaces="own",
        ),
    )
}
# A program's own name will do where a set's name is asked for: promtool means prometheus.
OWNERS = {program: name for name, programs in ALL.items() for program in programs.packages} | {
    n: n for n in ALL
}


def program(name: str) -> Path:
    """The path of one program; whether it is built is for the caller to see."""
    return ALL[OWNERS[name]].folder / name


def path_with(names: Sequence[str]) -> str:
    """PATH with the folders of these sets before what is there."""
    return os.pathsep.join([*(str(ALL[OWNERS[name]].folder) for name in names), os.environ["PATH"]])


def module_folder(programs: Programs) -> Path:
    """Where Go keeps the sources of this module; fetches them where they are not."""
    # Asked from a bare folder, so that no go.mod of ours decides.
    with tempfile.TemporaryDirectory() as bare:
        said = subprocess.run(
            ["go", "mod", "download", "-json", f"{programs.module}@v{programs.version}"],
            cwd=bare, env=_environment(), check=True, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
    return Path(json.loads(said.stdout)["Dir"])


def staging_replaces(go_mod: str, version: str) -> list[str]:
    """Kubernetes 1.N.M names its staging modules by folders; as modules of their own they are v0.N.M."""
    names = [
        line.split()[0]
        for line in go_mod.splitlines()
        if line.strip().startswith("k8s.io/") and "=> ./" in line
    ]
    return [f"replace {name} => {name} v0.{version.removeprefix('1.')}" for name in sorted(set(names))]


def own_replaces(go_mod: str) -> list[str]:
    """The replace lines of a go.mod that count for the main module alone, so that ours repeats them."""
    lines: list[str] = []
    block = ""
    for line in go_mod.splitlines():
        words = line.split("//")[0].split()
        if words[:1] in (["replace"], ["exclude"]) and words[1:2] == ["("]:
            block = words[0]
        elif words == [")"]:
            block = ""
        elif block and words:
            lines.append(" ".join([block, *words]))
        elif words[:1] in (["replace"], ["exclude"]):
            lines.append(" ".join(words))
    return lines


def go_mod_for(programs: Programs, theirs: str) -> str:
    """A module of our own that requires theirs: `go install` refuses those with replace or exclude lines."""
    go = next(line for line in theirs.splitlines() if line.startswith("go "))
    lines = [f"module build/{programs.name}", go, f"require {programs.module} v{programs.version}"]
    if programs.replaces == "staging":
        lines += staging_replaces(theirs, programs.version)
    elif programs.replaces == "own":
        lines += own_replaces(theirs)
    return "\n\n".join(lines) + "\n"


def build(programs: Programs) -> None:
    """Builds one set into its folder; raises CalledProcessError where Go does, with Go's words on stderr."""
    theirs = (module_folder(programs) / "go.mod").read_text()
    programs.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        Path(work, "go.mod").write_text(go_mod_for(programs, theirs))
        linker = f"-s -w {programs.flags}".strip()
        for name, package in programs.packages.items():
            part = programs.folder / f"{name}.part"
            path = f"{programs.module}/{package}".rstrip("/")
            _go(["build", "-mod=mod", "-trimpath", "-ldflags", linker, "-o", str(part), path], work)
            part.rename(programs.folder / name)


def _environment() -> dict[str, str]:
    flags = f"{os.environ.get('GOFLAGS', '')} -buildvcs=false -p=2".strip()
    return os.environ | {"CGO_ENABLED": "0", "GOFLAGS": flags, "GOWORK": "off"}


def _go(arguments: Sequence[str], folder: str) -> None:
    # Go tells every module it fetches: shown only where it failed.
    done = subprocess.run(
        ["go", *arguments],
        cwd=folder,
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        sys.stderr.write("\n".join(done.stdout.splitlines()[-30:]) + "\n")
        done.check_returncode()


def build_missing(names: Sequence[str]) -> None:
    """Builds what is not there, saying what it does and how long that takes."""
    wanted = [ALL[name] for name in dict.fromkeys(OWNERS[name] for name in names) if not ALL[name].built]
    if not wanted:
        return
    minutes = sum(programs.cold_minutes for programs in wanted)
    print(
        f"building {', '.join(programs.name for programs in wanted)} from Go modules: about {minutes:.0f} "
        "minutes on two free cores, once; seconds with a warm Go cache",
        flush=True,
    )
    for programs in wanted:
        started = time.monotonic()
        print(f"  {programs.name} {programs.version}: about {programs.cold_minutes:g} min", flush=True)
        build(programs)
        print(
            f"  {programs.name} {programs.version}: built in {time.monotonic() - started:.0f} s", flush=True
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.cluster.binaries", description=__doc__.splitlines()[0]
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"any of: {' '.join(sorted(OWNERS))} (default: all)"
    )
    parser.add_argument(
        "--paths", action="store_true", help="print the folders, joined for PATH; build nothing"
    )
    chosen = parser.parse_args()
    names = chosen.names or list(ALL)
    unknown = [name for name in names if name not in OWNERS]
    if unknown:
        parser.error(f"no such program: {' '.join(unknown)}")
    if chosen.paths:
        print(os.pathsep.join(dict.fromkeys(str(ALL[OWNERS[name]].folder) for name in names)))
        return
    build_missing(names)


if __name__ == "__main__":
    main()
