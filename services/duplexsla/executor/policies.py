"""The policy that stands: read again when its file has changed; one that cannot be used changes nothing."""

from collections.abc import Callable
from pathlib import Path

from duplexsla.errors import PolicyError
from duplexsla.gates.policy import Policy
from duplexsla.gates.policy_file import default_policy, parse_policy
from duplexsla.runtime.watched_file import WatchedFile

LOOK_MS = 5_000  # between two looks at the file


class PolicyFile:
    def __init__(self, path: Path | None, *, now_ms: Callable[[], int]) -> None:
        """Without a path it is the policy that ships. Raises PolicyError for a file that cannot be used."""
        self._now_ms, self._default = now_ms, default_policy()
        try:
            self._file = None if path is None else WatchedFile(path, parse_policy, look_s=LOOK_MS / 1e3)
        except OSError as error:
            raise PolicyError(f"the policy {path} cannot be read: {error}") from error

    @property
    def rejected(self) -> int:
        """Versions of the file that could not be used."""
        return 0 if self._file is None else self._file.rejected

    def current(self) -> Policy:
        return self._default if self._file is None else self._file.current(self._now_ms() / 1e3)
