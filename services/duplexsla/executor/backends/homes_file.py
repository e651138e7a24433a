"""Which backend holds which home: a JSON file, checked as a whole, and read again when it changes.

    {"homes": {"acme/villa": {"backends": [
        {"kind": "home_assistant", "url": "http://hub:8123", "token_file": "/etc/duplexsla/homes/villa"},
        {"kind": "mqtt", "url": "mqtt://broker:1883", "user": "voice",
         "password_file": "/etc/duplexsla/homes/mqtt"},
        {"kind": "simulation", "name": "timers", "entities": ["timers", "list/*"]}]}},
     "otherwise": "simulation"}

A key is "tenant/home", or the home alone where there is one tenant. Of several backends each has a name of
its own (its kind, where it has none) and may hold a part of the entities alone. Secrets are in files.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from duplexsla.errors import HomesFileError
from duplexsla.runtime.watched_file import WatchedFile

LOOK_MS = 5_000  # between two looks at the file
MAX_BYTES = 4 << 20
MAX_HOMES = 10_000
MAX_BACKENDS = 8  # of one home
MAX_PATTERNS = 64
SIMULATION, HOME_ASSISTANT, MQTT = "simulation", "home_assistant", "mqtt"
OTHERWISE = (SIMULATION, "none")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_HOME = re.compile(r"([^/\s]{1,64}/)?[^/\s]{1,64}")
_FIELDS = {
    SIMULATION: {"kind", "name", "entities"},
    HOME_ASSISTANT: {"kind", "name", "entities", "url", "token_file", "codes_file"},
    MQTT: {"kind", "name", "entities", "url", "user", "password_file", "time_zone"},
}
_NEEDED = {SIMULATION: set[str](), HOME_ASSISTANT: {"url", "token_file"}, MQTT: {"url"}}
_SCHEMES = {HOME_ASSISTANT: ("http", "https"), MQTT: ("mqtt", "mqtts")}


@dataclass(frozen=True)
class BackendConfiguration:
    """`entities`: patterns (fnmatch) of the ids that it holds here; none: all that it has."""

    kind: str
    name: str
    entities: tuple[str, ...] = ()
    url: str = ""
    token_file: str = ""
    codes_file: str = ""
    user: str = ""
    password_file: str = ""
    time_zone: str = ""


@dataclass(frozen=True)
class HomesConfiguration:
    """`otherwise`: what holds a home that is not listed, "simulation" or "none"."""

    homes: Mapping[str, tuple[BackendConfiguration, ...]] = field(default_factory=dict)
    otherwise: str = SIMULATION

    def of(self, home: str) -> tuple[BackendConfiguration, ...]:
        """None for a home that nobody holds."""
        if (found := self.homes.get(home)) is not None:
            return found
        return (BackendConfiguration(SIMULATION, SIMULATION),) if self.otherwise == SIMULATION else ()


class HomesFile:
    def __init__(self, path: Path | None, *, now_ms: Callable[[], int]) -> None:
        """Without a path every home is simulated. Raises HomesFileError."""
        self._now_ms, self._simulated = now_ms, HomesConfiguration()
        try:
            self._file = None if path is None else WatchedFile(path, parse_homes, look_s=LOOK_MS / 1e3)
        except OSError as error:
            raise HomesFileError(f"{path} cannot be read: {error}") from error

    @property
    def rejected(self) -> int:
        """Versions of the file that could not be used."""
        return 0 if self._file is None else self._file.rejected

    def current(self) -> HomesConfiguration:
        return self._simulated if self._file is None else self._file.current(self._now_ms() / 1e3)


def parse_homes(text: bytes | str) -> HomesConfiguration:
    """Raises HomesFileError that names the home and what is wrong."""
    if len(text) > MAX_BYTES:
        raise HomesFileError(f"more than {MAX_BYTES} bytes")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise HomesFileError(f"no JSON: {error}") from None
    top = _object(found, "the file", {"homes", "otherwise"})
    homes = top.get("homes", {})
    if not isinstance(homes, dict) or len(homes) > MAX_HOMES:
        raise HomesFileError(f'"homes" is no object of at most {MAX_HOMES}')
    otherwise = top.get("otherwise", SIMULATION)
    if otherwise not in OTHERWISE:
        raise HomesFileError(f'"otherwise" is one of {", ".join(OTHERWISE)}')
    return HomesConfiguration({home: _home(home, told) for home, told in homes.items()}, otherwise)


def _home(home: str, told: Any) -> tuple[BackendConfiguration, ...]:
    if not _HOME.fullmatch(home):
        raise HomesFileError(f"{home[:64]!r} is no home: home, or tenant/home")
    backends = _object(told, home, {"backends"}).get("backends")
    if not isinstance(backends, list) or not 0 < len(backends) <= MAX_BACKENDS:
        raise HomesFileError(f"{home}: it has 1 to {MAX_BACKENDS} backends")
    found = tuple(_backend(home, each) for each in backends)
    if len({each.name for each in found}) < len(found):
        raise HomesFileError(f"{home}: two backends have one name")
    return found


def _backend(home: str, told: Any) -> BackendConfiguration:
    kind = told.get("kind") if isinstance(told, dict) else None
    if kind not in _FIELDS:
        raise HomesFileError(f"{home}: a backend's kind is one of {', '.join(_FIELDS)}")
    where = f"{home}, {kind}"
    given = _object(told, where, _FIELDS[kind])
    if missing := sorted(_NEEDED[kind] - given.keys()):
        raise HomesFileError(f"{where}: {missing[0]} is missing")
    patterns = given.pop("entities", [])
    if not isinstance(patterns, list) or len(patterns) > MAX_PATTERNS:
        raise HomesFileError(f"{where}: entities are at most {MAX_PATTERNS} patterns")
    for name, value in (*given.items(), *(("entities", each) for each in patterns)):
        if not isinstance(value, str) or not 0 < len(value) <= 1_024:
            raise HomesFileError(f"{where}: {name} is a text")
    if not _NAME.fullmatch(str(given.setdefault("name", kind))):
        raise HomesFileError(f"{where}: a name has small letters, digits, - and _")
    if "url" in given and not _is_url(given["url"], _SCHEMES[kind]):
        wanted = " or ".join(f"{scheme}://host:port" for scheme in _SCHEMES[kind])
        raise HomesFileError(f"{where}: the url is {wanted}, without a password")
    if ("user" in given) != ("password_file" in given):
        raise HomesFileError(f"{where}: user and password_file go together")
    return BackendConfiguration(entities=tuple(patterns), **given)


def _is_url(url: str, schemes: tuple[str, ...]) -> bool:
    """Without a password in it: secrets are in files."""
    try:
        parts = urlsplit(url)
        return parts.scheme in schemes and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False


def _object(told: Any, where: str, known: set[str]) -> dict[str, Any]:
    if not isinstance(told, dict):
        raise HomesFileError(f"{where}: it is no object")
    if unknown := sorted(told.keys() - known):
        raise HomesFileError(f"{where}: nobody knows {unknown[0][:64]!r}")
    return dict(told)
