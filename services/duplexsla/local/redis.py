"""A real Redis on this machine: Debian's redis-server, in memory only.

redis = start(Path("build/redis"))
...   # redis.address is "127.0.0.1:<port>", redis://<address>/0 its URL
redis.stop()
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from duplexsla.errors import MissingDependency
from duplexsla.local.health import redis_answers
from duplexsla.local.process import Process, await_ready, free_port, launch

START_S = 20.0
MEMORY = "256mb"


def install(*, say: Callable[[str], None] = print) -> Path:
    """Path of the server's program. Raises MissingDependency with the package to install."""
    program = shutil.which("redis-server")
    if program is None:
        raise MissingDependency("Redis is not installed: apt-get install redis-server")
    return Path(program)


def start(workdir: Path, *, port: int = 0, say: Callable[[str], None] = print) -> Process:
    """A server that answers; port 0 is a free one. Full memory refuses writes: it never evicts a lease."""
    program = install(say=say)
    workdir.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    settings = {
        "bind": "127.0.0.1",
        "port": str(port),
        "dir": str(workdir),
        "save": "",
        "appendonly": "no",
        "maxmemory": MEMORY,
        "maxmemory-policy": "noeviction",
    }
    flags = [word for key, value in settings.items() for word in (f"--{key}", value)]
    process = launch("redis", [str(program), *flags], log=workdir / "redis.log", address=f"127.0.0.1:{port}")
    return await_ready(process, lambda: redis_answers(process.address), timeout_s=START_S)
