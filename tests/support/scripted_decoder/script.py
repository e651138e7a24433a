"""What a scripted decoder writes and says, and when. As JSON it travels in the folder of its weights."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from duplexsla.clock import CHUNK_BYTES
from duplexsla.protocol import tokens
from duplexsla.protocol.actions import call_text

SCRIPTS_FILE = "scripts.json"
DEFAULT = "default"
_MARK = b"\x7a\x5a"  # the first chunk of a session that names its script begins so


@dataclass(frozen=True, slots=True)
class Line:
    """Written on the action channel, and said, `at` chunks after the line before and after `after`."""

    write: str = ""
    say: str = ""  # one word a chunk, as a tone
    at: int = 0
    after: str = ""  # text of the service, for example " [ confirm front door]"
    sure: float = 1.0  # probability of each choice in its calls


def call(function: str, **arguments: object) -> str:
    """Channel text of a tool call."""
    return f"{tokens.TOOLCALL_BEGIN}{call_text(function, arguments)}{tokens.TOOLCALL_END}"  # type: ignore[arg-type]


def naming_chunk(script: str) -> bytes:
    """The first chunk of sound of a session that follows `script`."""
    name = script.encode()
    return (_MARK + bytes([len(name)]) + name).ljust(CHUNK_BYTES, b"\0")


def name_in(samples: bytes) -> str:
    """The script that a chunk names; DEFAULT for ordinary sound."""
    if not samples.startswith(_MARK):
        return DEFAULT
    return samples[3 : 3 + samples[2]].decode()


def save_scripts(folder: Path, scripts: Mapping[str, Sequence[Line]]) -> None:
    rows = {name: [asdict(line) for line in lines] for name, lines in scripts.items()}
    (folder / SCRIPTS_FILE).write_text(json.dumps(rows), "utf-8")


def load_scripts(folder: Path) -> dict[str, list[Line]]:
    rows = json.loads((folder / SCRIPTS_FILE).read_text("utf-8"))
    return {name: [Line(**row) for row in lines] for name, lines in rows.items()}
