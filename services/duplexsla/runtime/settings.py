"""How a service's settings are declared, read and explained.

They are a frozen dataclass whose fields are declared with `declare` or `use`: kind, default, meaning. From
that alone come the values that `__main__` reads, `--help`, docs/configuration.md and the test of the chart's
environment. pydantic-settings reads flat texts no better, and would put pydantic into every image.
"""

import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Generic, NamedTuple, TypeVar

from duplexsla.errors import SettingError
from duplexsla.runtime.setting_kinds import SettingKind

T = TypeVar("T")
S = TypeVar("S")

PREFIX = "DUPLEXSLA_"
WIDTH = 108


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
