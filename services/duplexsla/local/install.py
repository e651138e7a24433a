"""Fetches into ~/.cache/duplexsla the servers that no package manager installs:
`python -m duplexsla.local.install`."""

from concurrent.futures import ThreadPoolExecutor

from duplexsla.local import kafka, redis, triton
from duplexsla.local.progress import Progress


def install_all() -> None:
    """Raises MissingDependency with the package to install. Quick when all is there."""
    say = Progress()
    with ThreadPoolExecutor() as pool:
        for future in [pool.submit(part.install, say=say) for part in (redis, kafka, triton)]:
            future.result()
    say("Redis, Kafka and Triton are installed")


if __name__ == "__main__":
    install_all()
