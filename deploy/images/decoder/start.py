"""Becomes Triton, serving the model of /opt/model_repository with the settings of the environment.

Every parameter of config.pbtxt is a setting: `slots` is DUPLEXSLA_SLOTS (docs/configuration.md). The server
is that of NVIDIA's wheel, else that of NVIDIA's image. For a wrong setting: exit status 2, and no Triton.
"""

import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from duplexsla.errors import SettingError
from duplexsla.local.triton import PINGS, stage, tls_flags
from duplexsla.runtime.service_settings import DecoderParameters, DecoderSettings
from duplexsla.runtime.settings import read, settings_of, variable
from duplexsla.runtime.startup import EXIT_WRONG_SETTING, LOG_FORMAT

MODELS = Path("/opt/model_repository")
STAGED = Path("/tmp/models")
WHEEL, NVIDIA = Path("/opt/triton/pytriton/tritonserver"), Path("/opt/tritonserver")
LIBRARIES = "/opt/triton/nvidia_pytriton.libs:/usr/lib/x86_64-linux-gnu"

logger = logging.getLogger("duplexsla.decoder")


def parameters(environ: Mapping[str, str]) -> dict[str, str]:
    """The parameters of config.pbtxt that the environment sets."""
    texts = {name: environ.get(variable(name), "") for name, _ in settings_of(DecoderParameters)}
    return {name: text for name, text in texts.items() if text}


def command(triton: Path, models: Path, settings: DecoderSettings) -> list[str]:
    """Of a server whose gRPC, HTTP and metrics ports are Triton's own: 8001, 8000 and 8002."""
    flags = [f"--model-repository={models}", f"--backend-directory={triton / 'backends'}"]
    flags += [f"--exit-timeout-secs={settings.exit_s}", "--disable-auto-complete-config", PINGS]
    if settings.tls_certificate:
        files = (settings.tls_certificate, settings.tls_key, settings.tls_clients)
        flags += tls_flags((Path(files[0]), Path(files[1]), Path(files[2])))
    return [str(triton / "bin" / "tritonserver"), *flags]


def main() -> int:
    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT)
    try:
        settings = read(DecoderSettings, os.environ)
    except SettingError as error:
        print(f"duplexsla decoder: {error}", file=sys.stderr)
        return EXIT_WRONG_SETTING
    given = parameters(os.environ)
    logger.info("starting Triton: %s", " ".join(f"{name}={text}" for name, text in given.items()))
    models = stage(MODELS, STAGED, parameters=given, weights=None)
    wheel = WHEEL.is_dir()
    program, *flags = command(WHEEL if wheel else NVIDIA, models, settings)
    os.execve(program, [program, *flags], os.environ | ({"LD_LIBRARY_PATH": LIBRARIES} if wheel else {}))


if __name__ == "__main__":
    sys.exit(main())
