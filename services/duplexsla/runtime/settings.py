"""How a service's settings are declared, read and explained.

They are a frozen dataclass whose fields are declared with `declare` or `use`: kind, default, meaning. From
that alone come the values that `__main__` reads, `--help`, docs/configuration.md and the test of the chart's
environment. pydantic-settings reads flat texts no better, and would put pydantic into every image.
"""

import json
import math
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar
from urllib.parse import urlsplit

from duplexsla.errors import SettingError

T = TypeVar("T")
S = TypeVar("S")

PREFIX = "DUPLEXSLA_"
WIDTH = 108
LOG_LEVELS = ("debug", "info", "warning", "error")
MAX_SECONDS = 30 * 86_400.0
REDIS_SCHEMES = ("redis", "rediss", "unix", "redis+sentinel")


@dataclass(frozen=True)
class SettingKind(Generic[T]):
    """`parse` raises ValueError for a text that is not `allowed`; a `secret` one is never shown."""

    allowed: str
    parse: Callable[[str], T]
    secret: bool = False


def empty_or(kind: SettingKind[T], empty: T) -> SettingKind[T]:
    """The same, and `empty` for an empty text."""
    return SettingKind(
        f"{kind.allowed}; or empty", lambda text: kind.parse(text) if text else empty, kind.secret
    )


def whole(least: int, most: int | None = None) -> SettingKind[int]:
    def parse(text: str) -> int:
        if (number := int(text)) < least or (most is not None and number > most):
            raise ValueError(text)
        return number

    allowed = f"a whole number, at least {least}" if most is None else f"a whole number, {least} to {most}"
    return SettingKind(allowed, parse)


def seconds(least: float = 0.0) -> SettingKind[float]:
    def parse(text: str) -> float:
        if not math.isfinite(number := float(text)) or not least <= number <= MAX_SECONDS:
            raise ValueError(text)
        return number

    return SettingKind(f"a number of seconds, {least:g} to {MAX_SECONDS:.0f}", parse)


def one_of(*names: str) -> SettingKind[str]:
    def parse(text: str) -> str:
        if text not in names:
            raise ValueError(text)
        return text

    return SettingKind(", ".join(names), parse)


def _host_port(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or int(port) >= 65_536:
        raise ValueError(text)
    return text


def _host_ports(text: str) -> tuple[str, ...]:
    return tuple(_host_port(each.strip()) for each in text.split(","))


def _collector(text: str) -> str:
    return _url(text, ("http", "https")) if "://" in text else _host_port(text)


def _url(text: str, schemes: tuple[str, ...]) -> str:
    parts = urlsplit(text)
    if parts.scheme not in schemes or not (parts.netloc or parts.scheme == "unix"):
        raise ValueError(text)
    return text


def _namespaced(text: str) -> str:
    namespace, _, name = text.partition("/")
    if not namespace or not name or "/" in name:
        raise ValueError(text)
    return text


def _names(text: str) -> tuple[str, ...]:
    names = tuple(each.strip() for each in text.split(","))
    if not all(names):
        raise ValueError(text)
    return names


def _yes(text: str) -> bool:
    if text != "yes":
        raise ValueError(text)
    return True


def _counts(text: str) -> dict[str, int]:
    counts = {}
    for each in _names(text):
        name, _, number = each.partition("=")
        counts[name] = int(number)
        if not name or counts[name] < 0:
            raise ValueError(text)
    return counts


def names_of(*allowed: str) -> SettingKind[tuple[str, ...]]:
    def parse(text: str) -> tuple[str, ...]:
        if not set(names := _names(text)) <= set(allowed):
            raise ValueError(text)
        return names

    return SettingKind(f"{', '.join(allowed)}; several with commas", parse)


def _trace_policy(text: str) -> str | float:
    if text in ("all", "slo"):
        return text
    if 0.0 <= (ratio := float(text)) <= 1.0:
        return ratio
    raise ValueError(text)


def _kafka_security(path: str) -> dict[str, Any]:
    try:
        given = json.loads(Path(path).read_text())
    except OSError as error:
        raise ValueError(path) from error
    if not isinstance(given, dict) or any(
        key != "security_protocol" and not key.startswith(("ssl_", "sasl_")) for key in given
    ):
        raise ValueError(path)
    return given


TEXT = SettingKind("any text", str)
SECRET_TEXT = SettingKind("any text", str, secret=True)
FILE = SettingKind("a path", str)
PATH = SettingKind("a path", Path)
HOST_PORT = SettingKind("host:port", _host_port)
HOST_PORTS = SettingKind("host:port, several with commas", _host_ports)
BROKERS = SettingKind(HOST_PORTS.allowed, lambda text: ",".join(_host_ports(text)))
HTTP_URL = SettingKind("http://host:port or https://host:port", lambda text: _url(text, ("http", "https")))
REDIS_URL = SettingKind(
    "redis://host:port/db, rediss://host:port/db, redis+sentinel://host:port,host:port/master/db or unix://path",
    lambda text: _url(text, REDIS_SCHEMES),
    secret=True,
)
COLLECTOR = SettingKind("host:port, http://host:port or https://host:port", _collector)
SECONDS = seconds()
PORT = whole(1, 65_535)
NAMESPACED = SettingKind("namespace/name", _namespaced)
COUNTS = SettingKind("name=number, several with commas", _counts)
YES = SettingKind("yes", _yes)
NAMES = SettingKind("names with commas", _names)
TRACE_POLICY = SettingKind("all, slo or a share from 0 to 1", _trace_policy)
LOG_LEVEL = one_of(*LOG_LEVELS)
KAFKA_SECURITY = SettingKind(
    "path of a JSON file with kafka-python's security_protocol, ssl_* and sasl_* alone", _kafka_security
)


@dataclass(frozen=True)
class Setting(Generic[T]):
    """`default` is a text, read as a given one is; None where there must be one."""

    kind: SettingKind[T]
    default: str | None
    meaning: str


class SettingSource(NamedTuple):
    """Where the texts come from: what an entry is called there, and its key for a field's name."""

    noun: str
    key: Callable[[str], str]


def variable(name: str) -> str:
    """The environment variable of a field."""
    return PREFIX + name.upper()


ENVIRONMENT = SettingSource("environment variable", variable)
MODEL_PARAMETERS = SettingSource("parameter in config.pbtxt", str)


def use(setting: Setting[T]) -> T:
    """A field of a settings class, for a setting that several services have."""
    declared: T = field(metadata={"setting": setting})
    return declared


def declare(kind: SettingKind[T], default: str | None, meaning: str) -> T:
    """A field of a settings class."""
    return use(Setting(kind, default, meaning))


def settings_of(kind: type[Any]) -> Iterator[tuple[str, Setting[Any]]]:
    """Field and declaration of each setting of a class, in order."""
    for each in fields(kind):
        yield each.name, each.metadata["setting"]


def read(kind: type[S], given: Mapping[str, str], source: SettingSource = ENVIRONMENT) -> S:
    """Settings from their texts; an empty text is as good as none.

    Raises SettingError that says of each one that is wrong or missing where it stands and what is allowed.
    """
    values, wrong = {}, []
    for name, setting in settings_of(kind):
        try:
            values[name] = _value(setting, given.get(source.key(name)) or setting.default)
        except ValueError as error:
            wrong.append(f"{source.noun} {source.key(name)} {error}; allowed: {setting.kind.allowed}")
    if wrong:
        raise SettingError("\n".join(wrong))
    return kind(**values)


def _value(setting: Setting[T], text: str | None) -> T:
    """Raises ValueError with what is wrong, as the rest of a sentence."""
    if text is None:
        raise ValueError("is not set and has no default")
    try:
        return setting.kind.parse(text)
    except ValueError as error:
        raise ValueError("is wrong" if setting.kind.secret else f"is {text!r}") from error


def described(kind: type[Any], source: SettingSource = ENVIRONMENT) -> str:
    """The settings of a class for --help: name, default, meaning, allowed values."""
    return "\n".join(_described(source.key(name), setting) for name, setting in settings_of(kind))


def _described(key: str, setting: Setting[Any]) -> str:
    default = "required" if setting.default is None else f"default: {setting.default or 'empty'}"
    text = f"{setting.meaning}. Allowed: {setting.kind.allowed}."
    indent = " " * 6
    return f"  {key} ({default})\n" + textwrap.fill(
        text, WIDTH, initial_indent=indent, subsequent_indent=indent
    )
