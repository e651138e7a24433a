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
MASTER = "duplexsla"  # as sentinels call it
MEMORY = "256mb"


def install(*, say: Callable[[str], None] = print) -> Path:
    """Path of the server's program. Raises MissingDependency with the package to install."""
    program = shutil.which("redis-server")
    if program is None:
        raise MissingDependency("Redis is not installed: apt-get install redis-server")
    return Path(program)


def start(
    workdir: Path, *, port: int = 0, replica_of: str = "", say: Callable[[str], None] = print
) -> Process:
    """A server that answers; port 0 is a free one. Full memory refuses writes: it never evicts a lease.

    It follows the server at `replica_of` (host:port) if there is one. A snapshot in `workdir` is loaded.
    """
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
    if replica_of:
        settings["replicaof"] = replica_of.replace(":", " ")
        settings["repl-diskless-sync-delay"] = "0"
    flags = [word for key, value in settings.items() for word in (f"--{key}", value)]
    process = launch("redis", [str(program), *flags], log=workdir / "redis.log", address=f"127.0.0.1:{port}")
    return await_ready(process, lambda: redis_answers(process.address), timeout_s=START_S)


def start_sentinel(workdir: Path, master: str, *, quorum: int, port: int = 0) -> Process:
    """One of the sentinels that watch the server at `master` (host:port) and promote a replica of it."""
    program = install()
    workdir.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    lines = [
        "bind 127.0.0.1",
        f"port {port}",
        f"dir {workdir}",
        f"sentinel monitor {MASTER} {master.replace(':', ' ')} {quorum}",
        f"sentinel down-after-milliseconds {MASTER} 1000",
        f"sentinel failover-timeout {MASTER} 5000",
    ]
    settings = workdir / "sentinel.conf"  # it writes there what it learns
    if not settings.exists():
        settings.write_text("\n".join(lines) + "\n")
    command = [str(program), str(settings), "--sentinel"]
    process = launch("sentinel", command, log=workdir / "sentinel.log", address=f"127.0.0.1:{port}")
    return await_ready(process, lambda: redis_answers(process.address), timeout_s=START_S)
