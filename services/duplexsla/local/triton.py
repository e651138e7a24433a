"""A real Triton Inference Server on this machine: the server inside NVIDIA's pytriton wheel, on the CPU.

    triton = start(Path("build/triton"), parameters={"slots": "16"})
    ...   # triton.address is "127.0.0.1:<port>" of gRPC, triton.metrics_url what Prometheus scrapes
    triton.stop()

The wheel is unpacked, never installed: its dependencies are not ours. The first `install` fetches 55 MB.
The python backend starts an isolated interpreter that reads no PYTHONPATH. It finds our site-packages because
our interpreter's folder comes first in PATH, and this package because a link to it lies beside model.py.
"""

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duplexsla
from duplexsla.errors import MissingDependency, SettingError
from duplexsla.local.health import http_answers
from duplexsla.local.process import Process, await_ready, free_port, launch
from duplexsla.runtime.checkout import CACHE, ROOT

VERSION = "2.51.0"
WHEEL = "nvidia-pytriton==0.7.0"
HOME = CACHE / f"triton-{VERSION}"
MODELS = ROOT / "model_repository"
CALIBRATION_FILE = "calibration.json"  # as in engine/calibration.py
STUB = "triton_python_backend_stub"
START_S = 180.0  # on a busy machine; on a quiet one 10
# Asked for once: sysconfig's first answer is not safe in two threads at once.
LIBRARIES, TRIPLE = sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var("MULTIARCH") or ""
EXIT_S = 5  # how long the server waits for requests in flight
# A gateway whose sessions are quiet pings every 10 s. Triton's own bound, 5 min, would cut it off.
OTHER_VERBS = "inference,model-repository,shared-memory,logging,trace"
PINGS = "--grpc-http2-min-recv-ping-interval-without-data=5000"


@dataclass(frozen=True)
class Triton:
    """A running server. `address` is gRPC's host:port, `process.control` that of its drain."""

    process: Process
    http_address: str
    metrics_url: str

    @property
    def address(self) -> str:
        return self.process.address

    def alive(self) -> bool:
        return self.process.alive()

    def stop(self) -> None:
        self.process.stop(grace_s=EXIT_S + 10.0)


def install(*, home: Path = HOME, say: Callable[[str], None] = print) -> Path:
    """The directory with the server and its python backend, fetched once.

    Raises MissingDependency when pip cannot fetch the wheel or it has no stub for this Python.
    """
    if not home.is_dir():
        say(f"triton {VERSION}: fetching {WHEEL} (55 MB) into {home}")
        part = home.with_suffix(f".part-{os.getpid()}")
        shutil.rmtree(part, ignore_errors=True)
        _unpack(_fetch(part), part)
        _publish(part, home)
    return home


def start(
    workdir: Path,
    *,
    models: Path = MODELS,
    port: int = 0,
    http_port: int = 0,
    metrics_port: int = 0,
    parameters: Mapping[str, str] | None = None,
    weights: Path | None = None,
    home: Path = HOME,
    environ: Mapping[str, str] | None = None,
    name: str = "triton",
    tls: tuple[Path, Path, Path] | None = None,
    say: Callable[[str], None] = print,
) -> Triton:
    """A server whose models are ready; port 0 is a free one.

    `parameters` replace those of every config.pbtxt, `weights` is a folder whose files stand in for the ones
    beside model.py. With `tls` (certificate, key, authority of callers) its gRPC port asks callers for
    certificates. Raises MissingDependency as install does, StartFailed with the log's tail.
    """
    program = install(home=home, say=say) / "pytriton" / "tritonserver"
    control = f"127.0.0.1:{free_port()}"
    given = {"control": control, **(parameters or {})} if models == MODELS else parameters or {}
    staged = stage(models, workdir / "models", parameters=given, weights=weights)
    grpc, http, metrics = (f"127.0.0.1:{given or free_port()}" for given in (port, http_port, metrics_port))
    process = launch(
        name,
        [*_command(program, staged, grpc=grpc, http=http, metrics=metrics), *tls_flags(tls)],
        log=workdir / "triton.log",
        address=grpc,
        control=given.get("control", ""),
        environ={**_environ(home), **(environ or {})},
    )
    await_ready(process, lambda: http_answers(f"http://{http}/v2/health/ready"), timeout_s=START_S)
    return Triton(process, http, f"http://{metrics}/metrics")


def stage(models: Path, target: Path, *, parameters: Mapping[str, str], weights: Path | None) -> Path:
    """A model repository of links into `models`, this package beside each model.py, `parameters` set."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for config in models.glob("*/config.pbtxt"):
        version = target / config.parent.name / "1"
        version.mkdir(parents=True)
        (version.parent / "config.pbtxt").write_text(with_parameters(config.read_text(), parameters))
        folders = [config.parent / "1", *([weights] if weights else [])]
        files = {file.name: file for folder in folders for file in folder.iterdir()}
        if weights and not (weights / CALIBRATION_FILE).exists():
            files.pop(CALIBRATION_FILE, None)  # of the weights that are replaced
        files["duplexsla"] = Path(duplexsla.__path__[0])
        for name, file in files.items():
            (version / name).symlink_to(file.resolve())
    return target


def with_parameters(config: str, parameters: Mapping[str, str]) -> str:
    """A config.pbtxt with these values of its `parameters` replaced. Raises SettingError for one it lacks."""
    for key, value in parameters.items():
        entry = re.search(rf'key: "{re.escape(key)}" value: {{ string_value: ("[^"]*")', config)
        if entry is None:
            raise SettingError(f"config.pbtxt has no parameter {key!r}")
        config = config[: entry.start(1)] + json.dumps(value) + config[entry.end(1) :]
    return config


def _command(program: Path, models: Path, *, grpc: str, http: str, metrics: str) -> list[str]:
    flags = [f"--model-repository={models}", f"--backend-directory={program / 'backends'}"]
    flags += [f"--exit-timeout-secs={EXIT_S}", "--allow-gpu-metrics=false", "--disable-auto-complete-config"]
    flags.append(PINGS)
    for kind, address in (("grpc", grpc), ("http", http), ("metrics", metrics)):
        host, _, port = address.rpartition(":")
        flags += [f"--{kind}-address={host}", f"--{kind}-port={port}"]
    return [str(program / "bin" / "tritonserver"), *flags]


def tls_flags(tls: tuple[Path, Path, Path] | None) -> list[str]:
    """Of a server whose gRPC port is for callers with a certificate, and whose HTTP port tells its health."""
    if tls is None:
        return []
    certificate, key, callers = tls
    http = f"--http-restricted-api={OTHER_VERBS}:duplexsla={secrets.token_hex(16)}"  # health is left
    files = [f"--grpc-server-cert={certificate}", f"--grpc-server-key={key}", f"--grpc-root-cert={callers}"]
    return ["--grpc-use-ssl=1", "--grpc-use-ssl-mutual=1", *files, http]


def _environ(home: Path) -> dict[str, str]:
    """What the server and its stub need: our interpreter first in PATH, libpython, the wheel's libraries."""
    programs = [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
    libraries = [str(home / "nvidia_pytriton.libs"), str(_libpython().parent)]
    libraries += [folder for folder in [os.environ.get("LD_LIBRARY_PATH")] if folder]
    return {"PATH": os.pathsep.join(programs), "LD_LIBRARY_PATH": os.pathsep.join(libraries)}


def _libpython() -> Path:
    """The shared library of this interpreter: beside it (pyenv) or in the system's folder (Debian)."""
    name = f"libpython{sys.version_info.major}.{sys.version_info.minor}.so.1.0"
    for path in (Path(LIBRARIES) / name, Path(LIBRARIES) / TRIPLE / name, Path("/usr/lib") / TRIPLE / name):
        if path.exists():
            return path
    raise MissingDependency(f"Triton's python backend needs {name}: apt-get install {name.split('.so')[0]}")


def _fetch(folder: Path) -> Path:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    done = subprocess.run([*pip, "--dest", str(folder), WHEEL], capture_output=True, text=True)
    if done.returncode:
        needs = "Linux x86_64 with glibc 2.35 or later"
        raise MissingDependency(f"pip cannot fetch {WHEEL} ({needs}):\n{done.stderr}")
    return next(folder.glob("*.whl"))


def _unpack(wheel: Path, folder: Path) -> None:
    """Keeps the server, the python backend with the stub of this Python, the libraries and the licences."""
    python, server = f"{sys.version_info.major}.{sys.version_info.minor}", "pytriton/tritonserver/"
    stub = f"{server}python_backend_stubs/{python}/{STUB}"
    wanted = (f"{server}bin/", f"{server}backends/", "nvidia_pytriton.libs/", "nvidia_pytriton-", stub)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder, [name for name in archive.namelist() if name.startswith(wanted)])
    wheel.unlink()
    if not (folder / stub).exists():
        raise MissingDependency(f"{WHEEL} has no python backend for Python {python}")
    (folder / stub).rename(folder / server / "backends" / "python" / STUB)
    for program in ("bin/tritonserver", f"backends/python/{STUB}"):
        (folder / server / program).chmod(0o755)


def _publish(part: Path, home: Path) -> None:
    """Only whole installations get the name; the first of two at once wins."""
    try:
        part.rename(home)
    except OSError:
        if not home.is_dir():
            raise
        shutil.rmtree(part)
