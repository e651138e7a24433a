"""What a file holds: read again when the file has changed. A version that cannot be used changes nothing."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from duplexsla.errors import DuplexSLAError

Held = TypeVar("Held")

logger = logging.getLogger(__name__)


class WatchedFile(Generic[Held]):
    """`rejected` counts the versions of the file that could not be used."""

    def __init__(self, path: Path, parse: Callable[[bytes], Held], *, look_s: float) -> None:
        """`parse` raises ValueError or a DuplexSLAError; those and OSError are of the first version raised.

        `look_s`: between two looks at the file.
        """
        self._path, self._parse, self._look_s = path, parse, look_s
        self._seen: tuple[int, int, int] | None = self._present()
        self._held = parse(path.read_bytes())
        self._looked_s = float("-inf")
        self.rejected = 0

    def current(self, now_s: float) -> Held:
        """A fraction of a millisecond where nothing changed. Raises nothing: what is wrong with a new version
        is logged and counted, once.
        """
        if abs(now_s - self._looked_s) >= self._look_s:
            self._looked_s = now_s
            self._look()
        return self._held

    def _look(self) -> None:
        seen = self._seen
        try:
            self._seen = None
            self._seen = self._present()
            if self._seen == seen:
                return
            self._held = self._parse(self._path.read_bytes())
        except (OSError, ValueError, DuplexSLAError) as error:
            if self._seen != seen:
                self.rejected += 1
                logger.error("file_rejected path=%s error=%s", self._path, error)
        else:
            logger.info("file_read path=%s", self._path)

    def _present(self) -> tuple[int, int, int]:
        """Changes with the file and with who may read it; also where a link is turned to another one, as
        Kubernetes does.
        """
        found = self._path.stat()
        return found.st_ctime_ns, found.st_size, found.st_ino
