"""The policy that stands: read again when its file has changed; one that cannot be used changes nothing."""

import logging
from collections.abc import Callable
from pathlib import Path

from duplexsla.errors import PolicyError
from duplexsla.gates.policy import Policy
from duplexsla.gates.policy_file import default_policy, parse_policy

logger = logging.getLogger(__name__)

LOOK_MS = 5_000  # between two looks at the file


class PolicyFile:
    """`rejected` counts the versions of the file that could not be used."""

    def __init__(self, path: Path | None, *, now_ms: Callable[[], int]) -> None:
        """Without a path it is the policy that ships. Raises PolicyError for a file that cannot be used."""
        self._path, self._now_ms = path, now_ms
        self._policy = default_policy() if path is None else parse_policy(_read(path))
        self._seen = None if path is None else _stamp(path)
        self._looked_ms = now_ms()
        self.rejected = 0

    def current(self) -> Policy:
        """Raises nothing: what is wrong with a new file is logged and counted, once."""
        now_ms = self._now_ms()
        if self._path is not None and now_ms - self._looked_ms >= LOOK_MS:
            self._looked_ms = now_ms
            self._look(self._path)
        return self._policy

    def _look(self, path: Path) -> None:
        try:
            stamp = _stamp(path)
            if stamp == self._seen:
                return
            self._seen = stamp
            self._policy = parse_policy(_read(path))
            logger.info("policy_loaded version=%s", self._policy.version)
        except PolicyError as error:
            self.rejected += 1
            logger.error("policy_rejected standing=%s error=%s", self._policy.version, error)


def _stamp(path: Path) -> tuple[int, int, int]:
    """What changes with the file; also where a link is turned to another one, as Kubernetes does."""
    try:
        found = path.stat()
    except OSError as error:
        raise PolicyError(f"the policy {path} cannot be read: {error}") from error
    return found.st_mtime_ns, found.st_size, found.st_ino


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PolicyError(f"the policy {path} cannot be read: {error}") from error
