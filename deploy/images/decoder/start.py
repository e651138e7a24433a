"""Becomes Triton, serving the model of /opt/model_repository with the settings of the environment.

Every parameter of config.pbtxt is a setting: `slots` is DUPLEXSLA_SLOTS. DUPLEXSLA_EXIT_S is how long Triton
waits for requests in flight after SIGTERM. The server is that of NVIDIA's wheel, else that of NVIDIA's image.
"""

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from duplexsla.local.triton import stage

MODELS = Path("/opt/model_repository")
STAGED = Path("/tmp/models")
WHEEL, NVIDIA = Path("/opt/triton/pytriton/tritonserver"), Path("/opt/tritonserver")
LIBRARIES = "/opt/triton/nvidia_pytriton.libs:/usr/lib/x86_64-linux-gnu"


def parameters(config: str, environ: Mapping[str, str]) -> dict[str, str]:
    """The parameters of a config.pbtxt that the environment sets."""
    known = re.findall(r'key: "(\w+)"', config)
    given = {key: environ.get(f"DUPLEXSLA_{key.upper().removesuffix('_ENDPOINT')}") for key in known}
    return {key: value for key, value in given.items() if value}


def command(triton: Path, models: Path, exit_s: str) -> list[str]:
    """Of a server whose gRPC, HTTP and metrics ports are Triton's own: 8001, 8000 and 8002."""
    flags = [f"--model-repository={models}", f"--backend-directory={triton / 'backends'}"]
    flags += [f"--exit-timeout-secs={exit_s}", "--disable-auto-complete-config"]
    return [str(triton / "bin" / "tritonserver"), *flags]


def main() -> None:
    config = (MODELS / "duplexsla" / "config.pbtxt").read_text()
    given = parameters(config, os.environ)
    print(f"decoder: {given}", flush=True)
    models = stage(MODELS, STAGED, parameters=given, weights=None)
    wheel = WHEEL.is_dir()
    program, *flags = command(WHEEL if wheel else NVIDIA, models, os.environ.get("DUPLEXSLA_EXIT_S", "5"))
    os.execve(program, [program, *flags], os.environ | ({"LD_LIBRARY_PATH": LIBRARIES} if wheel else {}))


if __name__ == "__main__":
    sys.exit(main())
