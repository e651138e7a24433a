"""Files on their way back from a machine that returns few and small ones: cut, hashed, and joined again.

`manifest.json` names each file, its parts in order and its hash; the parts are MAX_BYTES or less.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from duplexsla.errors import CheckpointError

MAX_BYTES = 15 << 20  # a file may have 16 MiB
MAX_FILES = 8
MANIFEST = "manifest.json"


def send(
    files: Iterable[Path], folder: Path, about: Mapping[str, Any], *, max_bytes: int = MAX_BYTES
) -> None:
    """Writes parts and manifest; `about` stands in the manifest beside them. Raises CheckpointError when they
    are more than MAX_FILES: nothing is written then.
    """
    cut = {path.name: _cut(path.read_bytes(), max_bytes) for path in files}
    count = 1 + sum(len(parts) for parts, _ in cut.values())
    if count > MAX_FILES:
        raise CheckpointError(f"{count} files of at most {max_bytes:,} bytes; {MAX_FILES} come back")
    folder.mkdir(parents=True, exist_ok=True)
    rows = {}
    for name, (parts, digest) in cut.items():
        names = [f"{name}.{number}" for number in range(len(parts))]
        for part, part_name in zip(parts, names, strict=True):
            (folder / part_name).write_bytes(part)
        rows[name] = {"parts": names, "sha256": digest}
    (folder / MANIFEST).write_text(json.dumps({**about, "files": rows}, indent=1) + "\n", "utf-8")


def receive(folder: Path, target: Path) -> dict[str, Any]:
    """Writes the joined files into `target`; returns the manifest. Raises CheckpointError for a part that is
    missing or damaged: nothing is written then.
    """
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
        joined = {name: _joined(folder, name, row) for name, row in manifest["files"].items()}
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise CheckpointError(
            f"{folder} does not hold what its manifest says: {error}; fetch it again"
        ) from error
    target.mkdir(parents=True, exist_ok=True)
    for name, content in joined.items():
        (target / name).write_bytes(content)
    return manifest


def _cut(content: bytes, size: int) -> tuple[list[bytes], str]:
    parts = [content[at : at + size] for at in range(0, len(content), size)]
    return parts, hashlib.sha256(content).hexdigest()


def _joined(folder: Path, name: str, row: Mapping[str, Any]) -> bytes:
    content = b"".join((folder / part).read_bytes() for part in row["parts"])
    if Path(name).name != name or hashlib.sha256(content).hexdigest() != row["sha256"]:
        raise ValueError(f"{name} is damaged")
    return content
