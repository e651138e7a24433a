"""What a client shows to be let in, as commands name it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from duplexsla.errors import SettingError

Token = str | Callable[[], str]


def token_from(text: str) -> Token:
    """The token itself, or for @FILE what reads it from there anew each time. SettingError if that fails."""
    if not text.startswith("@"):
        return text
    read = partial(_read, Path(text[1:]))
    read()
    return read


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError as error:
        raise SettingError(f"token in {path}: {error.strerror}") from error
